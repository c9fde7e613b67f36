"""The gate `grid`."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from pipelines.formats.grid import Lie
from pipelines.gates import grid
from pipelines.model import Outcome
from tests.pipelines import rasters

REAL = rasters.read()
LIE = REAL.grid.lie or Lie(west=0, north=0, across=1, down=1)


def rules(**other: Any) -> list[str]:
    """Return what the gate notices of the real relief with something else in it."""
    result = grid.check(rasters.changed(REAL, **other))
    assert (result.outcome is Outcome.FAIL) == bool(result.findings)
    assert (result.score == 0) == bool(result.findings)
    return [finding.rule for finding in result.findings]


def values(edit: Any) -> dict[str, Any]:
    heights = REAL.grid.values.copy()
    heights[:2, :3] = edit
    return {"values": heights}


def test_the_real_relief_passes() -> None:
    result = grid.check(REAL)
    assert (result.outcome, result.score, result.findings) == (Outcome.PASS, 1.0, ())


@pytest.mark.parametrize(
    ("crs", "found"),
    [
        ("EPSG:4326", []),
        ("OGC:CRS84", []),
        (None, ["grid.no_crs"]),
        ("EPSG:4267", ["grid.crs"]),
        ("nonsense", ["grid.crs"]),
    ],
)
def test_the_system_must_be_named_and_be_the_declared_one(crs: str | None, found: list[str]) -> None:
    assert rules(crs=crs) == found


@pytest.mark.parametrize(
    ("other", "found"),
    [
        ({"west": LIE.west + LIE.across}, ["grid.shifted"]),
        ({"west": LIE.west + LIE.across / 2, "north": LIE.north - LIE.down / 2}, ["grid.shifted"]),
        ({"north": LIE.north + LIE.down / 100}, ["grid.shifted"]),
        ({"north": LIE.north + LIE.down / 10_000}, []),
        ({"across": LIE.across * 2}, ["grid.cell_size"]),
        ({"down": LIE.down * 1.01}, ["grid.cell_size"]),
    ],
)
def test_the_place_must_be_the_familys(other: dict[str, float], found: list[str]) -> None:
    assert rules(lie=replace(LIE, **other)) == found


def test_half_a_cell_is_told_in_words() -> None:
    (finding,) = grid.check(rasters.changed(REAL, lie=replace(LIE, west=LIE.west - LIE.across / 2))).findings
    assert finding.message == "It is shifted by 0.5 cell to the west."


def test_a_row_too_few_is_other_ground() -> None:
    assert rules(values=REAL.grid.values[1:], there=REAL.grid.there[1:]) == ["grid.extent"]
    assert rules(lie=None) == ["grid.extent"]


def test_bands_type_and_unit_must_be_the_declared_ones() -> None:
    assert rules(bands=2) == ["grid.bands"]
    assert rules(values=REAL.grid.values.astype(np.float32)) == ["grid.type"]
    assert rules(unit="ft") == ["grid.unit"]
    assert rules(unit="m") == []


@pytest.mark.parametrize(("height", "found"), [(100, []), (99, ["grid.values"]), (1601, ["grid.values"])])
def test_a_few_values_that_nobody_believes_are_enough(height: int, found: list[str]) -> None:
    assert rules(**values(height)) == found


def test_feet_are_recognised() -> None:
    feet = np.rint(REAL.grid.values / 0.3048).astype(np.int16)
    (finding,) = grid.check(rasters.changed(REAL, values=feet)).findings
    assert "As feet they would be believable." in finding.message


@pytest.mark.parametrize(("rows", "found"), [(1, []), (2, ["grid.empty"]), (61, ["grid.empty"])])
def test_too_many_cells_without_a_value_fail(rows: int, found: list[str]) -> None:
    there = REAL.grid.there.copy()
    there[:rows] = False
    assert rules(there=there) == found


def test_an_unreadable_file_has_nothing_to_judge_and_fails() -> None:
    result = grid.check(rasters.read(b"no raster"))
    assert (result.outcome, [one.rule for one in result.findings]) == (Outcome.FAIL, ["grid.empty"])


def test_exchanged_axes_are_said_and_nothing_else() -> None:
    (finding,) = grid.check(rasters.read(rasters.sample("1988-swapped"))).findings
    assert (finding.rule, finding.remedy) == (
        "grid.swapped",
        "Exchange the two axes and deliver the raster again.",
    )
