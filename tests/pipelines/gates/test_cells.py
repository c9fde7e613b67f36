"""The gates `cells` and `overviews`."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from pipelines.formats import cog, paint, rastertiles
from pipelines.formats.grid import Grid, Lie
from pipelines.gates import cells, overviews
from pipelines.model import GateResult, Outcome, Role
from pipelines.subject import Subject
from tests.pipelines import rasters

BASE = rasters.relief()
Edit = Callable[[Any, Any], Any]


def edited(edit: Edit) -> Subject:
    """Return the real relief with something else in it, compared with itself."""
    values, there = BASE.values.copy(), BASE.there.copy()
    edit(values, there)
    return rasters.compared(rasters.changed(rasters.read(), values=values, there=there), over=BASE)


def said(result: GateResult) -> tuple[Outcome, list[str]]:
    return result.outcome, [finding.rule for finding in result.findings]


def raised(rows: int, columns: int, by: int) -> Edit:
    def edit(values: Any, _: Any) -> None:
        values[:rows, :columns] += by

    return edit


def emptied(count: int) -> Edit:
    def edit(_: Any, there: Any) -> None:
        there[0, :count] = False

    return edit


@pytest.mark.parametrize(
    ("edit", "outcome", "found"),
    [
        (raised(0, 0, 1), Outcome.PASS, []),
        (raised(1, 6, 15), Outcome.PASS, []),
        (raised(1, 7, 15), Outcome.REVIEW, ["cells.changed"]),
        (raised(61, 55, 15), Outcome.FAIL, ["cells.changed"]),
        (raised(1, 1, 50), Outcome.PASS, []),
        (raised(1, 1, -51), Outcome.REVIEW, ["cells.by"]),
        (raised(1, 1, -1001), Outcome.FAIL, ["cells.by"]),
        (emptied(1), Outcome.REVIEW, ["cells.emptied"]),
        (emptied(108), Outcome.REVIEW, ["cells.emptied"]),
    ],
)
def test_changes_are_held_against_the_limits(edit: Edit, outcome: Outcome, found: list[str]) -> None:
    assert said(cells.check(edited(edit))) == (outcome, found)


@pytest.mark.parametrize(
    ("down", "across", "word"), [(0, 1, "east"), (0, -1, "west"), (1, 0, "south"), (-1, -1, "north-west")]
)
def test_values_that_slid_are_recognised(down: int, across: int, word: str) -> None:
    slid = np.roll(BASE.values, (down, across), axis=(0, 1))
    result = cells.check(rasters.compared(rasters.changed(rasters.read(), values=slid), over=BASE))
    assert result.outcome is Outcome.FAIL
    assert (result.findings[0].rule, f"one cell to the {word}:" in result.findings[0].message) == (
        "cells.shifted",
        True,
    )


def test_a_first_edition_has_nothing_to_compare_with_and_is_looked_at() -> None:
    result = cells.check(rasters.compared(rasters.read(), over=None))
    assert (said(result), result.score) == ((Outcome.REVIEW, ["cells.first"]), None)


def test_another_grid_fails_with_its_reason() -> None:
    other = replace(BASE, lie=Lie(west=0.0, north=0.0, across=1.0, down=1.0))
    result = cells.check(rasters.compared(rasters.read(), over=other))
    assert said(result) == (Outcome.FAIL, ["cells.not_comparable"])
    assert "the western edge went from 0" in result.findings[0].message


def test_cells_that_the_steps_lose_fail() -> None:
    subject = rasters.compared(rasters.read(), over=BASE)
    there = BASE.there.copy()
    there[0, 0] = False
    fewer = replace(subject, made=replace(subject.product, layer=replace(BASE, there=there)))
    assert said(cells.check(fewer)) == (Outcome.FAIL, ["cells.lost"])


def with_artifact(role: Role, content: bytes) -> Subject:
    """Return the real relief with another file in the place of one."""
    subject = rasters.made(rasters.read(), over=None)
    artifacts = tuple(
        replace(one, sha256=subject.store.put(content)) if one.role == role else one
        for one in subject.product.artifacts
    )
    return replace(subject, made=replace(subject.product, artifacts=artifacts))


def tiles(grid: Grid) -> bytes:
    return rastertiles.cut(grid, paint.heights(grid), layer="relief", labels=rasters.PUBLIC)


def test_files_of_our_own_writers_lead_where_they_should() -> None:
    assert said(overviews.check(rasters.made(rasters.read(), over=None))) == (Outcome.PASS, [])


def test_a_plain_tiff_is_no_cog() -> None:
    plain = rasters.tiff(np.zeros((600, 700), np.int16))
    assert said(overviews.check(with_artifact(Role.DATA, plain))) == (
        Outcome.FAIL,
        [
            "overviews.order",
            "overviews.blocks",
            "overviews.size",
            "overviews.missing",
            "overviews.statistics",
        ],
    )


def test_statistics_of_other_cells_are_found() -> None:
    other = replace(BASE, values=BASE.values + np.int16(1))
    content = cog.write(other, name="elevation", labels=rasters.PUBLIC)
    assert said(overviews.check(with_artifact(Role.DATA, content))) == (
        Outcome.FAIL,
        ["overviews.statistics"],
    )


def test_one_cell_that_no_tile_shows_is_found() -> None:
    there = BASE.there.copy()
    there[30, 50] = False
    result = overviews.check(with_artifact(Role.TILES, tiles(replace(BASE, there=there))))
    assert (said(result), result.findings[0].message) == (
        (Outcome.FAIL, ["overviews.tiles_lost"]),
        "1 cells with a value are in no tile of the deepest zoom.",
    )


def test_tiles_of_other_ground_are_found() -> None:
    assert BASE.lie is not None
    away = replace(BASE, lie=replace(BASE.lie, west=BASE.lie.west + 30))
    assert said(overviews.check(with_artifact(Role.TILES, tiles(away)))) == (
        Outcome.FAIL,
        ["overviews.tile_extent", "overviews.tiles_lost"],
    )
