"""What a family declares: its folder read, judged and hashed, without any geodata library."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pipelines import digest, documents
from pipelines.errors import FamilyInvalid, FamilyUnknown, Mistake, NotStrict
from pipelines.model import Column, Json, Labels, Licence, ReviewTerms

FAMILIES = Path(__file__).parent / "families"
FILE = "pipeline.yaml"
NOT_HASHED = ("samples", "README.md")


@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    """Which columns of a table hold the coordinates, and in which system."""

    x: str
    y: str
    crs: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One input: what it must be before anything is read from it."""

    name: str
    uri: str
    media_type: str
    max_bytes: int
    key: str
    title: str
    points: Points
    schema: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """One edition that comes with the family; `synthetic` says it was made by rule, to be found faulty."""

    edition: str
    sample: str
    title: str
    as_of: str
    synthetic: bool
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Partitions:
    kind: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    memory_mb: int
    timeout_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """One layer the family makes."""

    layer: str
    kind: str
    key: str
    title: str
    formats: tuple[str, ...]
    moved_over_m: float
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gates:
    """The gates a family is judged by, in order."""

    before: tuple[str, ...]
    after: tuple[str, ...]
    policy: tuple[str, ...]

    @property
    def listed(self) -> tuple[str, ...]:
        """Return every gate's name."""
        return (*self.before, *self.after, *self.policy)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    threshold: float
    floor: float
    weights: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """A kind of dataset."""

    name: str
    title: str
    description: str
    owner: str
    contact: str
    keywords: tuple[str, ...]
    licence: Licence
    inputs: tuple[Source, ...]
    editions: tuple[Edition, ...]
    partitions: Partitions
    pool: str
    resources: Resources
    outputs: tuple[Output, ...]
    gates: Gates
    expectations: Mapping[str, Json]
    quality: Quality
    labels: Labels
    review: ReviewTerms
    digest: str
    folder: Path

    def edition(self, name: str) -> Edition | None:
        """Return the edition of that name, if it comes with the family."""
        return next((edition for edition in self.editions if edition.edition == name), None)


def names(root: Path = FAMILIES) -> tuple[str, ...]:
    """Return the name of every folder that declares a family."""
    return tuple(sorted(file.parent.name for file in root.glob(f"*/{FILE}")))


def families() -> tuple[Family, ...]:
    """Return every family, by name."""
    return tuple(family(name) for name in names())


def family(name: str, root: Path = FAMILIES) -> Family:
    """Return one family, read again only when a file of its folder changed.

    Raises:
        FamilyUnknown: there is no such folder.
        FamilyInvalid: its files have mistakes: file, path, what is wrong, what is allowed.
    """
    if name not in names(root):
        raise FamilyUnknown(f"There is no family {name[:80]!r}: choose one of {', '.join(names(root))}.")
    folder = root / name
    return _family(folder, digest.of_folder(folder, leave_out=NOT_HASHED))


@lru_cache(maxsize=64)
def _family(folder: Path, hashed: str) -> Family:
    read = _document(folder, FILE)
    _check(documents.mistakes(read, schema="pipeline", file=FILE))
    expectations = _expectations(folder)
    _check(_crossed(read, folder, expectations))
    return Family(
        name=read["family"],
        title=read["title"],
        description=" ".join(read["description"].split()),
        owner=read["owner"],
        contact=read["contact"],
        keywords=tuple(read["keywords"]),
        licence=Licence(**read["licence"]),
        inputs=tuple(_source(source, folder) for source in read["inputs"]),
        editions=tuple(
            Edition(**{"synthetic": False, "note": "", **edition}) for edition in read["editions"]
        ),
        partitions=Partitions(
            kind=read["partitions"]["kind"], values=tuple(read["partitions"].get("values", ()))
        ),
        pool=read["pool"],
        resources=Resources(**read["resources"]),
        outputs=tuple(_output(output, folder) for output in read["outputs"]),
        gates=Gates(**{phase: tuple(listed) for phase, listed in read["gates"].items()}),
        expectations=expectations,
        quality=Quality(**read["quality"]),
        labels=_labels(read["labels"]),
        review=ReviewTerms(**{**read["review"], "roles": tuple(read["review"]["roles"])}),
        digest=hashed,
        folder=folder,
    )


def _labels(read: Json) -> Labels:
    said = read.get("sovereignty")
    return Labels(
        sensitivity=read["sensitivity"],
        sovereignty=None if said is None else tuple(said),
        rights=read["rights"],
    )


def _source(read: Json, folder: Path) -> Source:
    points, schema = Points(**read["points"]), _document(folder, f"schemas/{read['name']}.input.schema.json")
    return Source(**{**read, "points": points, "schema": schema})


def _output(read: Json, folder: Path) -> Output:
    properties: Json = _document(folder, f"schemas/{read['layer']}.layer.schema.json")["properties"]
    columns = tuple(
        Column(name=name, type=_plain(column["type"]), description=column["description"])
        for name, column in properties.items()
    )
    return Output(**{**read, "formats": tuple(read["formats"]), "columns": columns})


def _plain(kind: str | list[str]) -> str:
    return kind if isinstance(kind, str) else next(one for one in kind if one != "null")


def _expectations(folder: Path) -> dict[str, Json]:
    merged: dict[str, Json] = {}
    for file in sorted((folder / "qa").glob("*.yaml")):
        relative = f"qa/{file.name}"
        read = _document(folder, relative)
        _check(documents.mistakes(read, schema="expectations", file=relative))
        merged |= read
    return merged


def _document(folder: Path, relative: str) -> Json:
    allowed = "strict JSON" if relative.endswith(".json") else "strict YAML"
    try:
        content = (folder / relative).read_bytes()
        read: Json = digest.read_json(content) if relative.endswith(".json") else documents.read_yaml(content)
    except FileNotFoundError as cause:
        raise FamilyInvalid(
            [Mistake(file=relative, path="", wrong="it is missing", allowed="write it")]
        ) from cause
    except NotStrict as cause:
        raise FamilyInvalid([Mistake(file=relative, path="", wrong=str(cause), allowed=allowed)]) from cause
    return read


def _crossed(read: Json, folder: Path, expectations: Mapping[str, Json]) -> list[Mistake]:
    """Return what no schema sees: names that must agree with one another and with the folder."""
    found = (*_names(read, folder), *_gates(read, expectations), *_samples(read, folder))
    return [Mistake(file=FILE, path=path, wrong=wrong, allowed=allowed) for path, wrong, allowed in found]


def _names(read: Json, folder: Path) -> Iterator[tuple[str, str, str]]:
    rights, spdx = read["labels"]["rights"], read["licence"]["spdx"]
    if read["family"] != folder.name:
        yield "family", f"{read['family']!r} is not the folder's name", folder.name
    if rights != spdx:
        yield "labels.rights", f"{rights!r} is not the licence", spdx


def _gates(read: Json, expectations: Mapping[str, Json]) -> Iterator[tuple[str, str, str]]:
    gates = [name for listed in read["gates"].values() for name in listed]
    quality = read["quality"]
    for name in sorted(set(quality["weights"]) ^ set(gates)):
        yield (
            "quality.weights",
            f"{name} has a weight or is a gate, but not both",
            "a weight for each listed gate",
        )
    for name in sorted({name for name in gates if gates.count(name) > 1}):
        yield "gates", f"{name} is listed twice", "once"
    for name in sorted(_EXPECTED & set(gates) - set(expectations)):
        yield "gates", f"{name} has no numbers", f"a part {name!r} in qa/*.yaml"
    if quality["floor"] > quality["threshold"]:
        yield "quality.floor", "it is above the threshold", f"at most {quality['threshold']}"


def _samples(read: Json, folder: Path) -> Iterator[tuple[str, str, str]]:
    named = [edition["edition"] for edition in read["editions"]]
    for n, edition in enumerate(read["editions"]):
        sample = (folder / edition["sample"]).resolve()
        if not sample.is_file() or not sample.is_relative_to(folder.resolve()):
            yield f"editions.{n}.sample", f"{edition['sample']!r} is not there", "a file below this folder"
        if named.count(edition["edition"]) > 1:
            yield f"editions.{n}.edition", f"{edition['edition']} stands twice", "each edition once"


_EXPECTED = frozenset({"size", "extent", "rows", "keys", "geometry", "drift"})


def _check(found: Sequence[Mistake]) -> None:
    if found:
        raise FamilyInvalid(found)
