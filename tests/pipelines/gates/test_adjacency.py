"""The gate `adjacency`."""

from collections.abc import Callable
from dataclasses import replace
from typing import cast

import geopandas as gpd
import numpy as np
import pytest
from shapely import affinity

from pipelines import spec
from pipelines.families import STEPS
from pipelines.formats import geojson
from pipelines.gates import adjacency
from pipelines.inputs import Inputs
from pipelines.model import Content, GateResult, Outcome
from pipelines.subject import Made, Subject
from tests.pipelines import judged

FAMILY = spec.family("ks_county_lines")
LINES = (FAMILY.folder / "samples" / "2017.geojson").read_bytes()
COUNTIES = (spec.family("ks_counties").folder / "samples" / "2017.geojson").read_bytes()
NO_COUNTIES = b'{"type": "FeatureCollection", "features": []}'
ONE = "20015-20173"  # Butler and Sedgwick, 48.5 km
A_KILOMETRE = 1 / 87.1  # in degrees of longitude, where this line is
Change = Callable[[gpd.GeoDataFrame, int], gpd.GeoDataFrame]


def inputs(counties: bytes) -> Inputs:
    """Return the real lines beside a reference."""
    read = {"lines": geojson.read(LINES), "counties": geojson.read(counties)}
    return Inputs(sources=FAMILY.inputs, all=read)


def subject() -> Subject:
    """Return what the gate sees of the real lines."""
    read = inputs(COUNTIES)
    made = Made(
        layer=STEPS["ks_county_lines"](read),
        artifacts=(),
        content=cast("Content", None),  # the gate looks at the lines only
        catalogs={},
        base=None,
        diff=None,
        diff_failed="",
    )
    before = judged.read(b"")
    return replace(before, family=FAMILY, output=FAMILY.output, inputs_read=read, made=made)


WHOLE = subject()


def asked(change: Change) -> GateResult:
    """Return what the gate says after a change to one line."""
    whole = WHOLE.product.frame
    frame = change(whole.copy(), int(np.flatnonzero(whole["id"] == ONE)[0]))
    return adjacency.check(replace(WHOLE, made=replace(WHOLE.product, layer=frame)))


def naming(right: str, *, left: str = "20015") -> Change:
    """Return the change that lets the line name other counties."""

    def change(frame: gpd.GeoDataFrame, place: int) -> gpd.GeoDataFrame:
        frame.loc[place, ["left_geoid", "right_geoid"]] = [left, right]
        return frame

    return change


def shifted(km: float) -> Change:
    """Return the change that moves the line to the east."""

    def change(frame: gpd.GeoDataFrame, place: int) -> gpd.GeoDataFrame:
        frame.loc[place, "geometry"] = affinity.translate(frame.geometry[place], xoff=km * A_KILOMETRE)
        return frame

    return change


def taken_out(frame: gpd.GeoDataFrame, place: int) -> gpd.GeoDataFrame:
    return frame.drop(index=place)


def without_shape(frame: gpd.GeoDataFrame, place: int) -> gpd.GeoDataFrame:
    frame.loc[place, "geometry"] = None
    return frame


def test_the_lines_of_the_reference_itself_pass() -> None:
    result = adjacency.check(WHOLE)
    assert (result.outcome, result.score, result.findings) == (Outcome.PASS, 1.0, ())
    assert result.measured == "0 of 345 lines and 105 outlines at fault"


@pytest.mark.parametrize(
    ("change", "rules"),
    [
        (naming("20079"), {"adjacency.apart", "adjacency.uncovered"}),
        (naming("20210"), {"adjacency.unknown", "adjacency.uncovered"}),
        (naming("08009", left="40007"), {"adjacency.unknown", "adjacency.uncovered"}),
        (naming("20015"), {"adjacency.same", "adjacency.uncovered"}),
        (shifted(10), {"adjacency.apart", "adjacency.uncovered"}),
        (taken_out, {"adjacency.uncovered"}),
        (without_shape, {"adjacency.uncovered"}),
    ],
)
def test_a_line_at_fault_fails_and_is_named(change: Change, rules: set[str]) -> None:
    result = asked(change)
    assert (result.outcome, {finding.rule for finding in result.findings}) == (Outcome.FAIL, rules)
    assert {finding.where for finding in result.findings} <= {ONE, "20015", "20173", "20079"}
    assert result.remedy.startswith("Correct the line")


@pytest.mark.parametrize(
    ("km", "outcome"),
    [(0.09, Outcome.PASS), (0.12, Outcome.REVIEW), (5.9, Outcome.REVIEW), (6.1, Outcome.FAIL)],
)
def test_how_far_a_line_may_be_off_is_what_the_family_says(km: float, outcome: Outcome) -> None:
    assert asked(shifted(km)).outcome is outcome


def test_no_lines_at_all_leave_every_outline_bare() -> None:
    empty = replace(WHOLE.product, layer=WHOLE.product.frame[:0])
    result = adjacency.check(replace(WHOLE, made=empty))
    assert (result.outcome, result.value, result.score) == (Outcome.FAIL, 105.0, 0.0)
    assert result.findings[-1].message == "85 more are at fault in this way, 105 in all."


def test_a_reference_without_areas_is_no_pass() -> None:
    result = adjacency.check(replace(WHOLE, inputs_read=inputs(NO_COUNTIES)))
    assert (result.outcome, result.findings[0].rule) == (Outcome.FAIL, "adjacency.unknown")
