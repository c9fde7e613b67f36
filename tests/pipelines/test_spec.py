"""What a family declares, and every mistake in it as one line."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines import spec
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
        "pipeline.yaml: (whole file): pol is not known; allowed: family, ",
    ),
    (
        ("pipeline.yaml", "owner: data-engineering\n", ""),
        "pipeline.yaml: (whole file): owner is missing; allowed: ",
    ),
    (
        ("pipeline.yaml", "kind: vector", "kind: raster"),
        "outputs.0.kind: 'raster' is not known; allowed: vector",
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
    (("pipeline.yaml", "edition: 2025-09,", "edition: 2024-10,"), "editions.0.edition: 2024-10 stands twice"),
    (("pipeline.yaml", "    keys: 3\n", ""), "quality.weights: keys has a weight or is a gate, but not both"),
    (
        ("pipeline.yaml", "floor: 0.80", "floor: 0.99"),
        "quality.floor: it is above the threshold; allowed: at most 0.95",
    ),
    (("pipeline.yaml", "[labels, rights, links]", "[labels, rights]"), "gates.policy: links is missing"),
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
        ("qa/expectations.yaml", "rows_min: 1", "rows_min: 0"),
        "qa/expectations.yaml: size.rows_min: 0 breaks minimum; allowed: minimum 1",
    ),
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
    assert any(said in line for line in lines), lines


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
