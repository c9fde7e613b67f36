"""What a family declares, and every mistake in it as one line."""

import json
import shutil
from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import reduce
from operator import getitem
from pathlib import Path
from typing import Any

import pytest

from pipelines import documents, spec
from pipelines.errors import FamilyInvalid, FamilyUnknown

Change = tuple[str, str, str]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(
        spec.FAMILIES / "ks_airports", tmp_path / "ks_airports", ignore=shutil.ignore_patterns("__pycache__")
    )
    return tmp_path / "ks_airports"


@pytest.fixture
def changed(folder: Path) -> Callable[[Change], str]:
    """Change one text in one file and return the mistakes that this makes."""

    def change(asked: Change) -> str:
        name, old, new = asked
        text = (folder / name).read_text(encoding="utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")
        with pytest.raises(FamilyInvalid) as invalid:
            spec.family("ks_airports", folder.parent)
        return str(invalid.value)

    return change


MISTAKES = [
    (
        ("pipeline.yaml", "pool: light", "pol: light"),
        "pipeline.yaml: (whole file): pol is not known; allowed: pool",
    ),
    (
        ("pipeline.yaml", "owner: data-engineering\n", ""),
        "pipeline.yaml: (whole file): owner is missing; allowed: ",
    ),
    (
        ("pipeline.yaml", "kind: vector", "kind: mesh"),
        "outputs.0.kind: 'mesh' is not known; allowed: vector, table, raster",
    ),
    (
        ("pipeline.yaml", "memory_mb: 2048", "memory_mb: much"),
        "resources.memory_mb: 'much' is of another type; allowed: integer",
    ),
    (
        ("pipeline.yaml", "edition: 2024-10,", "edition: october,"),
        "editions.0.edition: 'october' has another form; allowed: a year",
    ),
    (
        ("pipeline.yaml", "samples/2024-10.csv", "samples/gone.csv"),
        "editions.0.sample: 'samples/gone.csv' is not there; allowed: a file below",
    ),
    (
        ("pipeline.yaml", "samples/2024-10.csv", "../../cli.py"),
        "editions.0.sample: '../../cli.py' is not there",
    ),
    (("pipeline.yaml", "edition: 2025-09,", "edition: 2024-10,"), "editions.1.edition: 2024-10 stands twice"),
    (
        ("pipeline.yaml", "    keys: 3\n", ""),
        "quality.weights: keys has no weight; allowed: a weight for each",
    ),
    (
        ("pipeline.yaml", "floor: 0.80", "floor: 0.99"),
        "quality.floor: it is above the threshold; allowed: at most 0.95",
    ),
    (
        ("pipeline.yaml", "[labels, rights, links, policy]", "[labels, rights, policy]"),
        "gates.policy: links is missing",
    ),
    (
        ("pipeline.yaml", "rights: MIT", "rights: CC0-1.0"),
        "labels.rights: 'CC0-1.0' is not the licence; allowed: MIT",
    ),
    (
        ("pipeline.yaml", "family: ks_airports", "family: ks_ports"),
        "family: 'ks_ports' is not the folder's name",
    ),
    (
        ("pipeline.yaml", "x: lon", "x: longitude"),
        "inputs.0.points.x: there is no column 'longitude'; allowed: icao, iata",
    ),
    (
        ("pipeline.yaml", "title: Airports", "title: a\ntitle: b"),
        "pipeline.yaml: (whole file): This is not YAML as we read it",
    ),
    (
        ("qa/expectations.yaml", "rows_min: 1", "rows_min: -1"),
        "qa/expectations.yaml: size.rows_min: -1 breaks minimum; allowed: minimum 0",
    ),
    (
        ("qa/expectations.yaml", "west: -102.06", "west: 102.06"),
        "qa/expectations.yaml: extent.west: 102.06 is above its other end; allowed: at most -94.58",
    ),
    (
        ("qa/drift.yaml", "added: {review: 0.10", "added: {review: 0.90"),
        "qa/drift.yaml: drift.added.review: 0.9 is above its other end; allowed: at most 0.5",
    ),
    (("pipeline.yaml", "as_of: 2024-10-01", "as_of: 2024-02-31"), "editions.0.as_of: 2024-02-31 is no day"),
    (("qa/drift.yaml", "drift:", "keys:"), "qa/drift.yaml: "),
    (
        ("schemas/airports.input.schema.json", '"pattern"', '"patern"'),
        "schemas/airports.input.schema.json: properties.icao: patern is not known",
    ),
    (
        ("schemas/airports.layer.schema.json", "{", "["),
        "schemas/airports.layer.schema.json: (whole file): This is not JSON",
    ),
]


@pytest.mark.parametrize(("change", "said"), MISTAKES)
def test_a_mistake_is_one_line_with_file_path_what_is_wrong_and_what_is_allowed(
    changed: Callable[[Change], str], change: Change, said: str
) -> None:
    lines = changed(change).splitlines()
    assert said in lines[0]
    assert len(lines) == 1 or change[1:] == (
        "drift:",
        "keys:",
    )  # all of drift's numbers became another gate's


def places(part: Any, *way: str | int) -> Iterator[tuple[str | int, ...]]:
    """Yield the way to every part of a document."""
    if way:
        yield way
    inside = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    for name, one in inside:
        yield from places(one, *way, name)


def spoilt(whole: Any, way: tuple[str | int, ...], deed: str) -> Any:
    """Return the document with one mistake in it, or nothing where that mistake cannot be made."""
    document = deepcopy(whole)
    parent, name = reduce(getitem, way[:-1], document), way[-1]
    if deed in {"of another type", "empty"}:
        parent[name] = None if deed == "empty" else 7 if isinstance(parent[name], dict) else {}
        return document
    if isinstance(parent, list) or (deed == "left out" and name in {"synthetic", "note", "sovereignty"}):
        return None
    old = parent.pop(name)
    if deed == "misspelt":
        parent[f"{name}x"] = old
    return document


@pytest.mark.slow
@pytest.mark.parametrize("deed", ["misspelt", "left out", "of another type", "empty"])
def test_whatever_one_mistake_is_made_in_pipeline_yaml_it_is_one_line(folder: Path, deed: str) -> None:
    file = folder / "pipeline.yaml"
    whole = documents.read_yaml(file.read_bytes())
    made = {way: spoilt(whole, way, deed) for way in places(whole)}
    for way, document in made.items():
        if document is None:
            continue
        file.write_text(json.dumps(document), encoding="utf-8")  # which is YAML too
        with pytest.raises(FamilyInvalid) as invalid:
            spec.family("ks_airports", folder.parent)
        (line,) = str(invalid.value).splitlines()
        assert line.startswith("pipeline.yaml: ")
        assert str(way[-1]) in line or ".".join(map(str, way[:-1])) in line, (way, line)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            "schemas/airports.layer.schema.json",
            "schemas/airports.layer.schema.json: (whole file): it is missing",
        ),
        (
            "samples/2025-09.csv",
            "editions.1.sample: 'samples/2025-09.csv' is not there; allowed: a file below",
        ),
        ("qa/drift.yaml", "gates: drift has no numbers; allowed: a part 'drift' in qa/*.yaml"),
    ],
)
def test_a_missing_file_is_one_line_that_says_what_to_write(folder: Path, name: str, said: str) -> None:
    (folder / name).unlink()
    with pytest.raises(FamilyInvalid) as invalid:
        spec.family("ks_airports", folder.parent)
    (line,) = str(invalid.value).splitlines()
    assert said in line


def test_a_family_nobody_declared_is_unknown() -> None:
    with pytest.raises(FamilyUnknown, match="ks_airports"):
        spec.family("ks_volcanoes")


def test_samples_and_readme_are_not_part_of_the_definition_all_else_is(folder: Path) -> None:
    first = spec.family("ks_airports", folder.parent).digest
    (folder / "README.md").write_text("other")
    (folder / "samples" / "2024-10.csv").write_text("other")
    assert spec.family("ks_airports", folder.parent).digest == first
    (folder / "steps.py").write_text("# other")
    assert spec.family("ks_airports", folder.parent).digest != first


def test_sovereignty_that_was_not_assessed_is_not_the_same_as_none(folder: Path) -> None:
    file = folder / "pipeline.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("sovereignty: [], ", ""), encoding="utf-8")
    assert spec.family("ks_airports", folder.parent).labels.sovereignty is None
    assert spec.family("ks_airports").labels.sovereignty == ()
