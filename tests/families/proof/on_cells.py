"""Defects of rasters: for the gates grid, cells and overviews."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from pipelines.formats import cog, paint, rastertiles
from pipelines.formats.grid import Grid
from pipelines.model import Role
from pipelines.subject import Subject, gridded
from tests.families.proof.case import Case, is_grid
from tests.families.proof.defect import Defect, Spoil

CELLS = (1, 2, 5, 10, 20, 50, 66, 67, 100, 132, 133, 134, 200, 500, 1000, 3000, 6000)
PARTS = (0.0001, 0.001, 0.002, 0.01, 0.1, 0.5, 1, 2)
FEET = 0.3048


def _input(case: Case) -> Grid:
    return case.whole.grid


def _read(change: Callable[[Grid, float], Grid]) -> Spoil:
    """Return a defect of what was read."""
    return lambda case, size: case.with_input(change(_input(case), size))


def _compared(change: Callable[[Grid, float], Grid]) -> Spoil:
    """Return a defect of what was read that a comparison should show."""
    return lambda case, size: case.made(case.with_input(change(_input(case), size)))


def _moved(grid: Grid, size: float) -> Grid:
    assert grid.lie is not None
    return replace(grid, lie=replace(grid.lie, west=grid.lie.west + size * grid.lie.across))


def _stretched(grid: Grid, size: float) -> Grid:
    assert grid.lie is not None
    return replace(grid, lie=replace(grid.lie, across=grid.lie.across * (1 + size)))


def _some(grid: Grid, size: float, edit: Callable[[Any], Any]) -> Grid:
    values = grid.values.copy()
    flat = values.reshape(-1)
    flat[: int(size)] = edit(flat[: int(size)])
    return replace(grid, values=values)


def _raised(by: int) -> Callable[[Grid, float], Grid]:
    return lambda grid, size: _some(grid, size, lambda values: values + by)


def _one_raised(grid: Grid, size: float) -> Grid:
    return _some(grid, 1, lambda values: values + int(size))


def _set(value: int) -> Callable[[Grid, float], Grid]:
    return lambda grid, size: _some(grid, size, lambda _: value)


def _emptied(grid: Grid, size: float) -> Grid:
    there = grid.there.copy()
    there.reshape(-1)[: int(size)] = False
    return replace(grid, there=there)


def _slid(grid: Grid, size: float) -> Grid:
    return replace(grid, values=np.roll(grid.values, int(size), axis=1))


def _in_feet(grid: Grid, _: float) -> Grid:
    return replace(grid, values=np.rint(grid.values / FEET).astype(grid.values.dtype))


def _turned(grid: Grid, _: float) -> Grid:
    assert grid.lie is not None
    rows, columns = grid.shape
    lie = grid.lie
    other = replace(
        lie,
        west=lie.north - rows * lie.down,
        north=lie.west + columns * lie.across,
        across=lie.down,
        down=lie.across,
    )
    return replace(grid, values=grid.values.T[::-1, ::-1], there=grid.there.T[::-1, ::-1], lie=other)


def _lost(case: Case, size: float) -> Subject:
    return case.made(case.whole, _emptied(gridded(case.layer), size))


def _data(case: Case, size: float) -> Subject:
    """Write the file of a raster of which so many cells are another number."""
    other = _raised(15)(gridded(case.layer), size)
    name = case.family.output.columns[0].name
    return case.bytes_of(Role.DATA, cog.write(other, name=name, labels=case.family.labels))


def _tiles(change: Callable[[Grid, float], Grid]) -> Spoil:
    def spoil(case: Case, size: float) -> Subject:
        other = change(gridded(case.layer), size)
        painted = paint.heights(other)
        archive = rastertiles.cut(other, painted, layer=case.family.output.layer, labels=case.family.labels)
        return case.bytes_of(Role.TILES, archive)

    return spoil


GRID = (
    ("moved by {n:g} of a cell", PARTS, _read(_moved)),
    ("cells {n:g} wider", (1e-5, 1e-4, 1e-3, 1.1e-3, 0.01, 0.1), _read(_stretched)),
    ("{n:g} cells of 5,000 m", CELLS, _read(_set(5000))),
    ("{n:g} cells of 0 m", CELLS, _read(_set(0))),
    ("{n:g} cells without a value", CELLS, _read(_emptied)),
    ("feet for metres", (1,), _read(_in_feet)),
    ("axes exchanged", (1,), _read(_turned)),
    ("no system named", (1,), _read(lambda grid, _: replace(grid, crs=None))),
    ("another system named", (1,), _read(lambda grid, _: replace(grid, crs="EPSG:5070"))),
    ("another type", (1,), _read(lambda grid, _: replace(grid, values=grid.values.astype(np.float32)))),
    ("{n:g} bands", (2,), _read(lambda grid, size: replace(grid, bands=int(size)))),
    ("another unit named", (1,), _read(lambda grid, _: replace(grid, unit="ft"))),
)
CHANGES = (
    ("{n:g} cells 15 m higher", CELLS, _compared(_raised(15))),
    ("one cell {n:g} m higher", (1, 5, 10, 20, 50, 90, 99, 100, 101, 200, 1001), _compared(_one_raised)),
    ("{n:g} cells lost their value", CELLS, _compared(_emptied)),
    ("values slid by {n:g} column", (1,), _compared(_slid)),
    ("{n:g} cells lost by the steps", CELLS, _lost),
)
FILES = (
    ("{n:g} cells of the file are others than the layer's", CELLS, _data),
    ("{n:g} cells not in the tiles", CELLS, _tiles(_emptied)),
    ("tiles moved by {n:g} of a cell", PARTS, _tiles(_moved)),
)
DEFECTS = tuple(
    Defect(gate=gate, name=name, sizes=sizes, spoil=spoil, applies=is_grid)
    for gate, defects in (("grid", GRID), ("cells", CHANGES), ("overviews", FILES))
    for name, sizes, spoil in defects
)
