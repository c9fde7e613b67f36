"""Comparing rasters: every cell that changed, in regions, and a band that leads from old to new."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from pipelines import digest
from pipelines.diff import raster, regions
from pipelines.errors import NotComparable
from pipelines.formats.grid import Lie
from tests.pipelines import rasters
from tests.pipelines.rasters import NOTHING

STEPS = (1, 2, 5, 10, 20, 50)
CELLS = arrays(np.int16, (5, 7), elements=st.sampled_from((NOTHING, 0, 1, 2, 300)))


def changes(before: Any, after: Any) -> dict[str, Any]:
    diff = raster.compare(rasters.grid(before), rasters.grid(after))
    return raster.changes(diff, name="elevation", steps=STEPS)


def flooded(ways: NDArray[np.uint8]) -> list[set[tuple[int, int]]]:
    """Return regions found by walking from cell to cell."""
    left, found = {(int(r), int(c)) for r, c in np.argwhere(ways)}, []
    while left:
        region, edge = set(), [left.pop()]
        while edge:
            row, column = here = edge.pop()
            region.add(here)
            for near in ((row + 1, column), (row - 1, column), (row, column + 1), (row, column - 1)):
                if near in left and ways[near] == ways[here]:
                    left.remove(near)
                    edge.append(near)
        found.append(region)
    return found


def test_the_block_and_the_hole_are_found_and_nothing_else() -> None:
    before = rasters.relief()
    values, there = before.values.copy(), before.there.copy()
    values[20:28, 50:62] += 15
    there[40:43, 70:74] = False
    diff = raster.compare(before, replace(before, values=values, there=there))
    said = raster.changes(diff, name="elevation", steps=STEPS)
    assert said["counts"] == {"added": 0, "removed": 12, "changed": 96, "moved": 0, "decimals_only": 0}
    assert said["rows"] == {"before": 6649, "after": 6637}
    assert [(one["kind"], one["key"], one["title"]) for one in said["changes"]] == [
        ("removed", "r040c070", "4 × 3 cells lost their values near 97.0 W 37.6 N"),
        ("changed", "r020c050", "12 × 8 cells raised by 15 m near 98.4 W 39.0 N"),
    ]
    assert [(one["cells"]) for one in said["histogram"]["bins"] if one["cells"]] == [96]
    assert said["changes"][1]["columns"][0] == {"name": "elevation mean", "old": "480.79", "new": "495.79"}


def test_cells_that_touch_at_a_corner_are_two_regions_and_ways_are_kept_apart() -> None:
    before = np.full((3, 3), 10, np.int16)
    after = before + np.array([[1, 0, 0], [0, 2, -1], [0, 0, -1]], np.int16)
    titles = [one["title"].split(" near")[0] for one in changes(before, after)["changes"]]
    assert titles == ["1 × 2 cells lowered by 1 m", "1 cell raised by 1 m", "1 cell raised by 2 m"]


def test_a_region_that_is_no_block_and_did_not_go_evenly_says_so() -> None:
    before, after = np.zeros((2, 2), np.int16), np.array([[3, 4], [0, 5]], np.int16)
    assert changes(before, after)["changes"][0]["title"] == "3 cells raised by 3 to 5 m near 99.7 W 39.8 N"


def test_what_was_empty_and_got_a_value_has_no_place_before() -> None:
    (one,) = changes([[NOTHING, 5]], [[7, 5]])["changes"]
    assert (one["kind"], one["before"], one["after"]) == ("added", None, {"lon": -99.875, "lat": 39.875})
    assert one["columns"][1] == {"name": "elevation min", "old": None, "new": "7"}


@given(CELLS, CELLS)
@settings(deadline=None, max_examples=60)
def test_the_band_leads_from_old_to_new_and_the_inverse_leads_back(
    one: NDArray[np.int16], other: NDArray[np.int16]
) -> None:
    before, after = rasters.grid(one), rasters.grid(other)
    there, back = raster.compare(before, after), raster.compare(after, before)
    band = raster.band(there)
    assert np.array_equal(before.values[band.there] + band.values[band.there], after.values[band.there])
    assert (there.difference == -back.difference).all()
    assert (there.counts["added"], there.counts["removed"]) == (back.counts["removed"], back.counts["added"])
    assert there.unchanged == back.unchanged
    assert there.unchanged + there.counts["changed"] + there.counts["added"] == after.count


@given(CELLS, st.integers(0, 4), st.integers(0, 6), st.sampled_from((NOTHING, 0, 1, 2, 299, 301)))
@settings(deadline=None, max_examples=60)
def test_every_cell_that_is_edited_is_found(
    cells: NDArray[np.int16], row: int, column: int, value: int
) -> None:
    edited = cells.copy()
    edited[row, column] = value
    said = changes(cells, edited)
    found = [one["key"] for one in said["changes"]]
    assert found == ([] if cells[row, column] == value else [f"r{row:03d}c{column:03d}"])
    assert sum(said["counts"].values()) == len(found)


@given(arrays(np.uint8, (6, 6), elements=st.integers(0, 4)))
@settings(deadline=None, max_examples=80)
def test_regions_are_those_that_are_found_by_walking(ways: NDArray[np.uint8]) -> None:
    labels = regions.labelled(ways)
    mine = {
        frozenset(map(tuple, np.argwhere((labels == n) & (ways > 0)).tolist())) for n in np.unique(labels)
    }
    assert mine - {frozenset()} == {frozenset(region) for region in flooded(ways)}


def test_a_region_that_winds_is_one() -> None:
    ways = np.ones((41, 41), np.uint8)
    ways[1::4, :-1], ways[3::4, 1:] = 0, 0
    assert len(np.unique(regions.labelled(ways)[ways > 0])) == 1


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (
            {"lie": Lie(west=-99.75, north=40.0, across=0.25, down=0.25)},
            "western edge went from -100 to -99.75",
        ),
        ({"crs": "EPSG:4269"}, "the system EPSG:4326 became EPSG:4269"),
        ({"lie": None}, "does not say where its cells lie"),
        (
            {"values": np.zeros((3, 2)), "there": np.ones((3, 2), bool)},
            "2 rows × 2 columns became 3 rows × 2",
        ),
    ],
)
def test_grids_that_are_not_the_same_are_not_compared(other: dict[str, Any], words: str) -> None:
    grid = rasters.grid(np.zeros((2, 2), np.int16))
    with pytest.raises(NotComparable, match=words):
        raster.compare(grid, replace(grid, **other))


def test_fractions_and_whole_numbers_are_compared_exactly() -> None:
    assert changes([[0.1, 2.0]], [[0.1, 2.0 + 2**-40]])["counts"]["changed"] == 1
    assert changes(np.array([[1, 2]], np.int16), [[1.0, 2.5]])["counts"]["changed"] == 1
    large = np.array([[2**62]], np.int64)
    assert changes(large, large + 1)["counts"]["changed"] == 1


def test_equal_editions_give_an_empty_list_and_equal_words() -> None:
    grid = rasters.relief()
    one, other = (raster.changes(raster.compare(grid, grid), name="elevation", steps=STEPS) for _ in "12")
    assert one["changes"] == []
    assert digest.canonical(one) == digest.canonical(other)
