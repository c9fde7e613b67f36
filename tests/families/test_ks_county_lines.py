"""County lines of Kansas: where samples come from, how faulty ones were made, and how each edition ends."""

import json
from pathlib import Path

import pytest
import shapely

from pipelines import digest, spec
from pipelines.families import STEPS
from pipelines.families.ks_county_lines.samples import make
from pipelines.formats import geojson
from pipelines.inputs import Inputs
from pipelines.model import Outcome
from pipelines.subject import framed
from tests.pipelines.runs import Runs

SAMPLES = Path(make.__file__).parent
ROOT = Path(__file__).parents[2]
SOURCES = ROOT.parent / "shared" / "data" / "ks_counties" / "original"
ATLAS = ROOT / "static" / "node_modules" / "us-atlas" / "counties-10m.json"
COUNTIES = spec.family("ks_counties").folder / "samples" / "2017.geojson"
FAMILY = spec.family("ks_county_lines")


def text(edition: str) -> str:
    """Return a sample as it was written."""
    return (SAMPLES / f"{edition}.geojson").read_text(encoding="utf-8")


LINES = json.loads(text("2017"))["features"]


@pytest.mark.parametrize("rule", make.RULES)
def test_a_faulty_edition_is_what_its_rule_makes_of_the_real_one(rule: str) -> None:
    assert text(f"2017-{rule}") == make.made(f"2017-{rule}", {"2017": LINES})


@pytest.mark.skipif(not ATLAS.is_file(), reason="the front-end packages are not here")
def test_the_newest_edition_is_cut_from_the_package_that_the_front_end_has() -> None:
    assert text("2017") == make.made("2017", {"2017": make.borders(ATLAS.read_bytes())})


@pytest.mark.skipif(not SOURCES.is_dir(), reason="../shared/data/ks_counties is not here")
def test_the_oldest_edition_is_what_the_rule_makes_of_the_package() -> None:
    content = (SOURCES / "vega-datasets-3.2.1_us-10m.json").read_bytes()
    assert text("2007") == make.made("2007", {"2007": make.borders(content)})


@pytest.mark.parametrize(
    ("edition", "lines"), [("2007", 347), ("2017", 345), ("2017-wrong", 345), ("2017-missing", 344)]
)
def test_an_edition_has_as_many_lines_as_its_page_says(edition: str, lines: int) -> None:
    assert len(json.loads(text(edition))["features"]) == lines


def test_the_reference_is_the_one_that_is_pinned() -> None:
    (reference,) = [source.reference for source in FAMILY.inputs if source.reference]
    assert reference.sha256 == digest.of(COUNTIES.read_bytes())


def outlines() -> dict[str, shapely.Geometry]:
    """Return the outlines of the reference by geoid."""
    read = geojson.read(COUNTIES.read_bytes())
    assert read.shapes is not None
    return dict(zip(read.texts("geoid").to_pylist(), read.shapes, strict=True))


def test_the_lines_put_together_are_the_outlines_again() -> None:
    told = [(one["properties"], shapely.geometry.shape(one["geometry"])) for one in LINES]
    for geoid, county in outlines().items():
        own = [line for about, line in told if geoid in (about["left_geoid"], about["right_geoid"])]
        (made,) = shapely.get_parts(shapely.polygonize(own))
        assert shapely.equals_identical(shapely.normalize(made), shapely.normalize(county))


def test_the_county_of_the_smaller_code_lies_on_the_left() -> None:
    known = outlines()
    for line in LINES:
        (x, y), (x2, y2) = line["geometry"]["coordinates"][:2]
        aside = ((x + x2) / 2 - (y2 - y) / 50, (y + y2) / 2 + (x2 - x) / 50)
        left = known.get(line["properties"]["left_geoid"])
        assert left is None or shapely.contains(left, shapely.Point(aside))


def test_a_line_is_called_by_the_names_of_its_counties_and_measured() -> None:
    tables = {"lines": geojson.read(text("2017").encode()), "counties": geojson.read(COUNTIES.read_bytes())}
    frame = framed(STEPS["ks_county_lines"](Inputs(sources=FAMILY.inputs, all=tables))).set_index("id")
    assert frame.loc["20015-20173", ["between", "length_km"]].tolist() == ["Butler – Sedgwick", 48.532]
    assert frame.loc["08009-20129", "between"] == "08009 – Morton"


ENDS: dict[tuple[str, str], dict[str, tuple[Outcome, set[str]]]] = {
    ("2007", "none"): {
        "rows": (Outcome.REVIEW, {"rows.first"}),
        "adjacency": (Outcome.REVIEW, {"adjacency.apart", "adjacency.uncovered"}),
        "drift": (Outcome.REVIEW, {"drift.first"}),
    },
    ("2017", "none"): {
        "rows": (Outcome.REVIEW, {"rows.first"}),
        "drift": (Outcome.REVIEW, {"drift.first"}),
    },
    ("2017", "2007"): {
        "rows": (Outcome.REVIEW, {"rows.change"}),
        "drift": (Outcome.REVIEW, {"drift.removed", "drift.changed"}),
    },
    ("2017-wrong", "2017"): {
        "adjacency": (Outcome.FAIL, {"adjacency.apart", "adjacency.uncovered"}),
        "drift": (Outcome.REVIEW, {"drift.changed"}),
    },
    ("2017-missing", "2017"): {
        "rows": (Outcome.REVIEW, {"rows.change"}),
        "adjacency": (Outcome.FAIL, {"adjacency.uncovered"}),
        "drift": (Outcome.REVIEW, {"drift.removed"}),
    },
    ("2017-shifted", "2017"): {
        "adjacency": (Outcome.FAIL, {"adjacency.apart", "adjacency.uncovered"}),
        "drift": (Outcome.REVIEW, {"drift.changed"}),
    },
}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    """Carry out editions of this family in one store."""
    return Runs(tmp_path_factory.mktemp("lines"), family="ks_county_lines")


@pytest.mark.slow
@pytest.mark.parametrize(("edition", "over"), ENDS)
def test_an_edition_ends_as_it_should_at_every_gate(edition: str, over: str, runs: Runs) -> None:
    made = runs.manifest(edition, over=over)
    said = {
        result.gate: (result.outcome, {finding.rule for finding in result.findings})
        for result in made.gates
        if result.outcome is not Outcome.PASS
    }
    assert said == ENDS[edition, over]


@pytest.mark.slow
def test_the_two_pieces_that_a_cleaner_outline_needs_no_more_are_removed(runs: Runs) -> None:
    diff = runs.manifest("2017", over="2007").diff
    assert diff is not None
    assert (diff.added, diff.removed, diff.changed) == (0, 2, 345)
