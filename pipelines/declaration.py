"""A family's files read and judged, one line for each mistake: file, path, what is wrong, what is allowed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pipelines import digest, documents, sensitivity
from pipelines.errors import FamilyInvalid, Mistake, NotStrict
from pipelines.model import Json

FILE = "pipeline.yaml"
NEEDS_NUMBERS = frozenset(
    {"size", "extent", "rows", "keys", "geometry", "drift", "grid", "cells", "adjacency"}
)
POLICY = ("labels", "rights", "links", "policy")
_Wrong = tuple[str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """What stands in the folder: `tables` are the schemas of inputs and layers by file."""

    pipeline: Json
    expectations: Mapping[str, Json]
    tables: Mapping[str, Json]


def read(folder: Path) -> Declared:
    """Return a family's documents.

    Raises:
        FamilyInvalid: a document is missing, not strict, against its schema, or against another one.
    """
    pipeline = _document(folder, FILE, schema="pipeline")
    layers = [layer_schema(output["layer"]) for output in pipeline["outputs"]]
    inputs = [input_schema(source["name"]) for source in pipeline["inputs"]]
    declared = Declared(
        pipeline=pipeline,
        expectations=_expectations(folder),
        tables={file: _document(folder, file, schema="table") for file in (*inputs, *layers)},
    )
    _check(_mistakes(FILE, _kinds(pipeline)))
    judges = (
        *(_names(declared, folder), _labels(declared), _gates(declared)),
        *(_samples(declared, folder), _columns(declared)),
    )
    _check(_mistakes(FILE, (wrong for judge in judges for wrong in judge)))
    return declared


def input_schema(name: str) -> str:
    """Return where the schema of an input's rows stands."""
    return f"schemas/{name}.input.schema.json"


def layer_schema(name: str) -> str:
    """Return where the schema of a layer's features stands."""
    return f"schemas/{name}.layer.schema.json"


def _document(folder: Path, relative: str, *, schema: str) -> Json:
    strict = "strict JSON" if relative.endswith(".json") else "strict YAML"
    try:
        content = (folder / relative).read_bytes()
        found: Any = digest.read_json(content) if relative.endswith(".json") else documents.read_yaml(content)
    except FileNotFoundError as cause:
        raise FamilyInvalid(
            [Mistake(file=relative, path="", wrong="it is missing", allowed="write it")]
        ) from cause
    except NotStrict as cause:
        raise FamilyInvalid([Mistake(file=relative, path="", wrong=str(cause), allowed=strict)]) from cause
    _check(documents.mistakes(found, schema=schema, file=relative))
    judged: Json = found
    return judged


def _expectations(folder: Path) -> dict[str, Json]:
    merged: dict[str, Json] = {}
    for file in sorted((folder / "qa").glob("*.yaml")):
        relative = f"qa/{file.name}"
        numbers = _document(folder, relative, schema="expectations")
        for name in sorted(set(numbers) & set(merged)):
            wrong = f"{name} stands in another file too"
            _check([Mistake(file=relative, path=name, wrong=wrong, allowed="each gate's numbers once")])
        _check(_mistakes(relative, _numbers(numbers)))
        merged |= numbers
    return merged


# Pairs of numbers of which the first is at most the second.
_ORDER = (
    ("size", "rows_min", "rows_max"),
    ("extent", "west", "east"),
    ("extent", "south", "north"),
    ("rows", "review_change", "fail_change"),
    ("adjacency", "near_m", "far_m"),
)


def _numbers(read: Json) -> Iterator[_Wrong]:
    pairs = [
        (f"{gate}.{low}", read[gate][low], read[gate][high]) for gate, low, high in _ORDER if gate in read
    ]
    for kind, limits in read.get("drift", {}).items():
        if limits["fail"] is not None:
            pairs.append((f"drift.{kind}.review", limits["review"], limits["fail"]))
    for path, low, high in pairs:
        if low > high:
            yield path, f"{low} is above its other end", f"at most {high}"


PLACES = ("points", "shapes", "joined", "cells")
# Of each kind of layer: what it needs, and in which formats it is published.
KINDS: Mapping[str, tuple[tuple[str, ...], list[str]]] = {
    "vector": (("key", "title", "moved_over_m"), ["geoparquet", "pmtiles"]),
    "table": (("key", "title"), ["parquet", "pmtiles"]),
    "raster": ((), ["cog", "pmtiles"]),
}
# What each way to cut a family into partitions needs.
CUTS = {"none": (), "static": ("values",), "date": ("cadence", "first")}


def _kinds(read: Json) -> Iterator[_Wrong]:
    """Judge what one part of the declaration needs because of another."""
    for n, source in enumerate(read["inputs"]):
        said = [name for name in PLACES if name in source]
        if len(said) != 1:
            yield (
                f"inputs.{n}",
                f"it says {' and '.join(said) or 'not'} where its rows lie",
                ", ".join(PLACES),
            )
            continue
        yield from _needs(f"inputs.{n}", source, () if said == ["cells"] else ("key", "title"))
    for n, output in enumerate(read["outputs"]):
        needed, formats = KINDS[output["kind"]]
        yield from _needs(f"outputs.{n}", output, needed)
        if output["formats"] != formats:
            yield f"outputs.{n}.formats", f"{output['formats']} are not a {output['kind']}'s", str(formats)
    yield from _needs("partitions", read["partitions"], CUTS[read["partitions"]["kind"]])


def _needs(path: str, part: Json, names: Sequence[str]) -> Iterator[_Wrong]:
    if missing := [name for name in names if name not in part]:
        yield path, f"{', '.join(missing)} is missing", "add it"


def _names(declared: Declared, folder: Path) -> Iterator[_Wrong]:
    read = declared.pipeline
    rights, spdx = read["labels"]["rights"], read["licence"]["spdx"]
    if read["family"] != folder.name:
        yield "family", f"{read['family']!r} is not the folder's name", folder.name
    if rights != spdx:
        yield "labels.rights", f"{rights!r} is not the licence", spdx


def _labels(declared: Declared) -> Iterator[_Wrong]:
    """Judge that nothing comes out looser than what goes in, unless it is generalised on the way."""
    said = declared.pipeline["labels"]
    label, coarser = said["sensitivity"], "generalization" in said
    if coarser != (label == sensitivity.Sensitivity.GENERALIZED):
        told = "with the label generalized, and never without"
        yield "labels.generalization", f"it is {'said' if coarser else 'missing'} with {label}", told
    inputs = [source["name"] for source in declared.pipeline["inputs"]]
    shown, public = declared.pipeline.get("shown_by"), sensitivity.channel(label) == "public"
    if shown is None and not public:
        yield "shown_by", "it is missing", f"an input of counties: {', '.join(inputs)}"
    if shown is not None and (public or shown not in inputs[1:]):
        yield (
            "shown_by",
            f"{shown!r} is no input to count in",
            "another input, where not everybody may see all",
        )
    held = [source["label"] for source in declared.pipeline["inputs"] if "label" in source]
    if not coarser and sensitivity.lowers(label, inputs=held):
        least = sensitivity.strictest(held)
        yield "labels.sensitivity", f"{label} is looser than an input, which is {least}", f"at least {least}"


def _gates(declared: Declared) -> Iterator[_Wrong]:
    phases, quality = declared.pipeline["gates"], declared.pipeline["quality"]
    gates = [name for listed in phases.values() for name in listed]
    if "format" not in phases["before"]:
        yield "gates.before", "format is missing", "no family goes without format"
        return
    if missing := [name for name in POLICY if name not in phases["policy"]]:
        yield (
            "gates.policy",
            f"{', '.join(missing)} is missing",
            f"no family goes without {', '.join(POLICY)}",
        )
        return
    unweighed, unlisted = (
        sorted(set(gates) - set(quality["weights"])),
        sorted(set(quality["weights"]) - set(gates)),
    )
    said = [f"{name} has no weight" for name in unweighed]
    said += [f"{name} is not listed as a gate" for name in unlisted]
    if said:
        yield "quality.weights", ", ".join(said), "a weight for each listed gate"
    for name in sorted({name for name in gates if gates.count(name) > 1}):
        yield "gates", f"{name} is listed twice", "once"
    for name in sorted(NEEDS_NUMBERS & set(gates) - set(declared.expectations)):
        yield "gates", f"{name} has no numbers", f"a part {name!r} in qa/*.yaml"
    if quality["floor"] > quality["threshold"]:
        yield "quality.floor", "it is above the threshold", f"at most {quality['threshold']}"


def _samples(declared: Declared, folder: Path) -> Iterator[_Wrong]:
    editions = declared.pipeline["editions"]
    named = [edition["edition"] for edition in editions]
    for n, edition in enumerate(editions):
        sample = (folder / edition["sample"]).resolve()
        if not sample.is_file() or not sample.is_relative_to(folder.resolve()):
            yield f"editions.{n}.sample", f"{edition['sample']!r} is not there", "a file below this folder"
        if ("partition" in edition) == (declared.pipeline["partitions"]["kind"] == "none"):
            told = "the partition it belongs to, if the family has any"
            yield f"editions.{n}.partition", "it is missing, or the family has no partitions", told
        if not _is_day(edition["as_of"]):
            yield f"editions.{n}.as_of", f"{edition['as_of']} is no day", "a day of the calendar: 2026-09-05"
        if edition["edition"] in named[:n]:
            yield f"editions.{n}.edition", f"{edition['edition']} stands twice", "each edition once"


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _columns(declared: Declared) -> Iterator[_Wrong]:
    """Compare the columns that are named with those that the schemas know."""
    inputs = {source["name"]: source for source in declared.pipeline["inputs"]}
    known = {name: declared.tables[input_schema(name)]["properties"] for name in inputs}
    for n, (name, source) in enumerate(inputs.items()):
        asked = [("key", column) for column in _several(source.get("key", ()))]
        asked += [("title", source["title"])] if "title" in source else []
        asked += [(f"points.{axis}", source["points"][axis]) for axis in ("x", "y") if "points" in source]
        joined = source.get("joined", {})
        asked += [("joined.column", column) for column in _several(joined.get("column", ()))]
        yield from _unknown(f"inputs.{n}", asked, known[name])
        if joined and joined["input"] not in inputs:
            yield f"inputs.{n}.joined.input", f"there is no input {joined['input']!r}", ", ".join(inputs)
        elif joined:
            yield from _unknown(f"inputs.{n}", [("joined.to", joined["to"])], known[joined["input"]])
    for n, output in enumerate(declared.pipeline["outputs"]):
        columns = declared.tables[layer_schema(output["layer"])]["properties"]
        asked = [(name, output[name]) for name in ("key", "title", "shade") if name in output]
        asked += [("composed_of", column) for column in output.get("composed_of", ())]
        yield from _unknown(f"outputs.{n}", asked, columns)


def _several(named: str | Sequence[str]) -> Sequence[str]:
    return (named,) if isinstance(named, str) else named


def _unknown(path: str, asked: Iterable[tuple[str, str]], known: Json) -> Iterator[_Wrong]:
    for name, column in asked:
        if column not in known:
            yield f"{path}.{name}", f"there is no column {column!r}", ", ".join(known)


def _mistakes(file: str, found: Iterable[_Wrong]) -> list[Mistake]:
    return [Mistake(file=file, path=path, wrong=wrong, allowed=allowed) for path, wrong, allowed in found]


def _check(found: Sequence[Mistake]) -> None:
    if found:
        raise FamilyInvalid(found)
