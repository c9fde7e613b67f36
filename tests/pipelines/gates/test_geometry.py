"""The gate `geometry`."""

from dataclasses import replace

import pytest
import shapely

from pipelines.gates import geometry
from pipelines.model import GateResult, Outcome
from tests.pipelines import judged

BOW_TIE = shapely.from_wkt("POLYGON ((0 0, 1 1, 1 0, 0 1, 0 0))")
SUBJECT = judged.made(judged.text(judged.rows("2026-09")), over=None)
KEY = str(SUBJECT.product.frame["icao"][3])


def _with(shape: shapely.Geometry | None) -> GateResult:
    frame = SUBJECT.product.frame.copy()
    frame.loc[3, "geometry"] = shape
    return geometry.check(replace(SUBJECT, made=replace(SUBJECT.product, layer=frame)))


def test_real_airports_are_points_in_places_of_their_own() -> None:
    assert geometry.check(SUBJECT).outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("shape", "rule"),
    [
        (None, "geometry.missing"),
        (shapely.Point(), "geometry.missing"),
        (BOW_TIE, "geometry.invalid"),
        (BOW_TIE, "geometry.kind"),
    ],
)
def test_a_shape_at_fault_fails_and_is_named(shape: shapely.Geometry | None, rule: str) -> None:
    result = _with(shape)
    assert (result.outcome, result.value) == (Outcome.FAIL, 1.0)
    assert (rule, KEY) in {(finding.rule, finding.where) for finding in result.findings}


@pytest.mark.parametrize(("count", "outcome"), [(1, Outcome.REVIEW), (2, Outcome.REVIEW), (3, Outcome.FAIL)])
def test_few_invalid_shapes_are_looked_at_where_the_family_says_so(count: int, outcome: Outcome) -> None:
    frame = SUBJECT.product.frame.copy()
    frame.loc[: count - 1, "geometry"] = BOW_TIE
    said = {"types": ["Point", "Polygon"], "same_place_max": 1.0, "invalid_review_max": 2 / len(frame)}
    family = replace(SUBJECT.family, expectations={**SUBJECT.family.expectations, "geometry": said})
    result = geometry.check(replace(SUBJECT, family=family, made=replace(SUBJECT.product, layer=frame)))
    named = [(one.rule, one.where) for one in result.findings]
    assert result.outcome is outcome
    assert named == [("geometry.invalid", str(key)) for key in frame["icao"][:count]]


def test_many_on_one_place_are_looked_at() -> None:
    content = judged.changed(
        "2026-09", lambda n, row: {**row, "lat": "38.5", "lon": "-98.5"} if n < 5 else row
    )
    result = geometry.check(judged.made(content, over=None))
    assert (result.outcome, result.findings[0].rule) == (Outcome.REVIEW, "geometry.same_place")


def test_no_shapes_at_all_are_no_pass() -> None:
    empty = replace(SUBJECT, made=replace(SUBJECT.product, layer=SUBJECT.product.frame[:0]))
    assert geometry.check(empty).outcome is Outcome.FAIL


def test_no_shapes_pass_where_a_week_may_be_empty() -> None:
    size = {"rows_min": 0, "rows_max": 9}
    family = replace(SUBJECT.family, expectations={**SUBJECT.family.expectations, "size": size})
    empty = replace(SUBJECT.product, layer=SUBJECT.product.frame[:0])
    result = geometry.check(replace(SUBJECT, family=family, made=empty))
    assert (result.outcome, result.score) == (Outcome.PASS, 1.0)
