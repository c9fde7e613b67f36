"""Counties of Kansas: where samples come from, how faulty ones were made, and how each edition ends."""

import json
from functools import lru_cache
from pathlib import Path

import pytest
import shapely

from pipelines.families.ks_counties.samples import make
from pipelines.formats import geojson
from pipelines.formats.table import Table
from pipelines.model import DiffSummary, Outcome
from tests.pipelines.runs import Runs

SAMPLES = Path(make.__file__).parent
ROOT = Path(__file__).parents[2]
SOURCES = ROOT.parent / "shared" / "data" / "ks_counties"
ATLAS = ROOT / "static" / "node_modules" / "us-atlas" / "counties-10m.json"
PACKAGES = {
    "2007": "vega-datasets-3.2.1_us-10m.json",
    "2017": "us-atlas-3.0.1_counties-10m.json",
    "2017-pixels": "us-atlas-2.1.0_us-10m.json",
}
DECODED = {
    "2007": "ks_counties_pre2015_vega-3.2.1.geojson",
    "2017": "ks_counties_census2017_us-atlas-3.0.1.geojson",
    "2017-pixels": "ks_counties_census2017_us-atlas-2.1.0_px.geojson",
}
needs_sources = pytest.mark.skipif(not SOURCES.is_dir(), reason="../shared/data/ks_counties is not here")


def text(edition: str) -> str:
    """Return a sample as it was written."""
    return (SAMPLES / f"{edition}.geojson").read_text(encoding="utf-8")


@lru_cache
def table(edition: str) -> Table:
    """Return a sample as the reader reads it."""
    return geojson.read(text(edition).encode())


@pytest.mark.parametrize("rule", make.RULES)
def test_a_faulty_edition_is_what_its_rule_makes_of_the_real_one(rule: str) -> None:
    real = {edition: json.loads(text(edition))["features"] for edition in make.ORIGINALS}
    assert text(rule) == make.made(rule, real)


@pytest.mark.skipif(not ATLAS.is_file(), reason="the front-end packages are not here")
def test_the_newest_edition_is_cut_from_the_package_that_the_front_end_has() -> None:
    assert text("2017") == make.made("2017", {"2017": make.kansas(ATLAS.read_bytes())})


@needs_sources
@pytest.mark.parametrize("edition", PACKAGES)
def test_a_real_edition_is_what_the_rule_makes_of_the_package(edition: str) -> None:
    content = (SOURCES / "original" / PACKAGES[edition]).read_bytes()
    assert text(edition) == make.made(edition, {edition: make.kansas(content)})


@needs_sources
@pytest.mark.parametrize("edition", DECODED)
def test_an_outline_is_the_one_that_others_decoded_to_a_tenth_of_a_metre(edition: str) -> None:
    features = json.loads((SOURCES / DECODED[edition]).read_text(encoding="utf-8"))["features"]
    read = table(edition)
    assert read.texts("geoid").to_pylist() == [one["properties"]["geoid"] for one in features]
    assert read.texts("name").to_pylist() == [one["properties"]["name"] or "" for one in features]
    theirs = [shapely.geometry.shape(one["geometry"]) for one in features]
    assert shapely.hausdorff_distance(read.shapes, theirs).max() < 1e-6


def test_every_edition_but_the_one_has_the_105_counties() -> None:
    rows = {edition: table(edition).rows.num_rows for edition in (*make.ORIGINALS, *make.RULES)}
    assert {edition for edition, count in rows.items() if count != 105} == {"2017-missing"}


@pytest.mark.parametrize(
    ("edition", "invalid"), [("2007", ["20045"]), ("2017", []), ("2007-crossed", ["20037", "20045"])]
)
def test_so_many_outlines_are_invalid(edition: str, invalid: list[str]) -> None:
    read = table(edition)
    assert read.shapes is not None
    told = zip(read.texts("geoid").to_pylist(), read.shapes, strict=True)
    assert [geoid for geoid, shape in told if not shape.is_valid] == invalid


def test_outer_rings_run_counter_clockwise_as_the_standard_has_it() -> None:
    assert shapely.is_ccw(shapely.get_exterior_ring(table("2017").shapes)).all()


ENDS: dict[tuple[str, str], dict[str, tuple[Outcome, list[str]]]] = {
    ("2007", "none"): {
        "rows": (Outcome.REVIEW, ["rows.first"]),
        "geometry": (Outcome.REVIEW, ["geometry.invalid"]),
        "drift": (Outcome.REVIEW, ["drift.first"]),
    },
    ("2017", "2007"): {"drift": (Outcome.REVIEW, ["drift.changed"])},
    ("2017-pixels", "none"): {
        "crs": (Outcome.FAIL, ["crs.implausible"]),
        "extent": (Outcome.FAIL, ["extent.huge", "extent.outside"]),
    },
    ("2017-swapped", "none"): {
        "crs": (Outcome.FAIL, ["crs.swapped"]),
        "extent": (Outcome.FAIL, ["extent.outside"]),
    },
    ("2017-missing", "none"): {"size": (Outcome.FAIL, ["size.rows"])},
    ("2017-twice", "2007"): {
        "keys": (Outcome.FAIL, ["keys.twice"]),
        "drift": (Outcome.FAIL, ["drift.not_comparable"]),
    },
    ("2007-crossed", "2007"): {
        "geometry": (Outcome.FAIL, ["geometry.invalid", "geometry.invalid"]),
        "drift": (Outcome.REVIEW, ["drift.changed"]),
    },
}
STOPPED = ("2017-pixels", "2017-swapped", "2017-missing")  # before anything is made, and so in no time
REMEDIES = {
    ("2007", "geometry"): "say so when you approve",
    ("2017-pixels", "crs"): "Deliver the coordinates in the declared system",
    ("2017-swapped", "crs"): "Exchange the two coordinate columns",
    ("2017-missing", "size"): "Look whether the file was cut off",
    ("2017-twice", "keys"): "Give every row its own key",
    ("2007-crossed", "geometry"): "Correct the shapes at the source",
}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    """Carry out editions of this family in one store."""
    return Runs(tmp_path_factory.mktemp("counties"), family="ks_counties")


@pytest.mark.parametrize(
    ("edition", "over"),
    [pytest.param(*one, marks=() if one[0] in STOPPED else pytest.mark.slow) for one in ENDS],
)
def test_an_edition_ends_as_it_should_at_every_gate(edition: str, over: str, runs: Runs) -> None:
    made = runs.manifest(edition, over=over)
    said = {
        result.gate: (result.outcome, [finding.rule for finding in result.findings])
        for result in made.gates
        if result.outcome not in {Outcome.PASS, Outcome.NOT_RUN}
    }
    assert said == ENDS[edition, over]
    for result in made.gates:
        wanted = REMEDIES.get((edition, result.gate), "")
        assert wanted in result.remedy


@pytest.mark.slow
def test_every_outline_and_every_name_changed_after_2007(runs: Runs) -> None:
    diff = runs.manifest("2017", over="2007").diff
    assert isinstance(diff, DiffSummary)
    assert (diff.added, diff.removed, diff.changed) == (0, 0, 105)


@needs_sources
def test_the_next_patch_release_changed_nothing_in_kansas() -> None:
    files = [SOURCES / "original" / f"us-atlas-3.0.{patch}_counties-10m.json" for patch in (0, 1)]
    old, new = (make.kansas(file.read_bytes()) for file in files)
    assert old == new
