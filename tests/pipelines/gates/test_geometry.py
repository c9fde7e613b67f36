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


def test_many_on_one_place_are_looked_at() -> None:
    content = judged.changed(
        "2026-09", lambda n, row: {**row, "lat": "38.5", "lon": "-98.5"} if n < 5 else row
    )
    result = geometry.check(judged.made(content, over=None))
    assert (result.outcome, result.findings[0].rule) == (Outcome.REVIEW, "geometry.same_place")


def test_no_shapes_at_all_are_no_pass() -> None:
    empty = replace(SUBJECT, made=replace(SUBJECT.product, layer=SUBJECT.product.frame[:0]))
    assert geometry.check(empty).outcome is Outcome.FAIL
