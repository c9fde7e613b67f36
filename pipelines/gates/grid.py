"""Gate: a raster lies on the grid that the family keeps, with believable values. Score: the share that is."""

from collections.abc import Iterator

import numpy as np
from pyproj import CRS
from pyproj.exceptions import CRSError

from pipelines.formats.grid import Grid, box
from pipelines.model import Extent, Finding, GateResult, Json, Outcome, Phase
from pipelines.subject import Subject

_REMEDY = "Deliver the raster on the family's grid and in its system; what these are stands in qa/."
_SWAP = "Exchange the two axes and deliver the raster again."
_LOOK = "Look whether the file was filled at all, and deliver it again with its values."
_UNIT = "Deliver the values in the unit that the family keeps."
_NEAR = 1e-3  # of a cell: nearer, two edges are the same
_FEET = 0.3048


def check(subject: Subject) -> GateResult:
    """FAIL on another system, grid, type or unit than declared, on values nobody believes, on too few."""
    source, grid, said = subject.family.main, subject.grid, subject.family.expectations["grid"]
    believed = _believed(grid, said)
    cells = grid.values.size
    findings = tuple(_found(subject, believed=believed))
    share = believed / cells if cells else 0.0
    sides = ", ".join(f"{said[side]:g}" for side in ("west", "south", "east", "north"))
    reach = f"{grid.values[grid.there].min()} to {grid.values[grid.there].max()}" if grid.count else "none"
    placed = findings and grid.lie is not None
    return GateResult(
        gate="grid",
        phase=Phase.BEFORE,
        outcome=Outcome.FAIL if findings else Outcome.PASS,
        measured=f"{grid.shape[0]:,} × {grid.shape[1]:,} cells, {grid.count:,} with a value, values {reach}",
        limit=f"{sides}; cells of {said['across']:g} × {said['down']:g}; {said['low']:g} to {said['high']:g}",
        value=share,
        bound=1 - said["empty_max"],
        score=0.0 if findings else share,
        evidence="artifact:input-preview" if placed else f"input:{source.name}",
        remedy=findings[0].remedy if findings else "",
        findings=findings,
    )


def _found(subject: Subject, *, believed: int) -> Iterator[Finding]:
    grid, said = subject.grid, subject.family.expectations["grid"]
    if not grid.values.size:
        yield _finding("empty", "There is no cell to judge.", _LOOK)
        return
    yield from _system(grid, subject.inputs_read.crs())
    yield from _bands(grid, said)
    yield from _place(grid, said)
    yield from _values(grid, said, believed=believed)


def _system(grid: Grid, declared: str) -> Iterator[Finding]:
    if grid.crs is None:
        wrong = f"The file does not say in which system it is; {declared} is declared."
        yield _finding("no_crs", wrong, _REMEDY)
    elif not _same(grid.crs, declared):
        yield _finding(
            "crs", f"The file says that it is in {grid.crs[:80]}; {declared} is declared.", _REMEDY
        )


def _same(told: str, declared: str) -> bool:
    try:
        return bool(CRS.from_user_input(told).equals(CRS.from_user_input(declared), ignore_axis_order=True))
    except CRSError:
        return False


def _bands(grid: Grid, said: Json) -> Iterator[Finding]:
    if grid.bands != 1:
        yield _finding("bands", f"It has {grid.bands} bands; one is expected.", _REMEDY)
    if grid.kind != said["type"]:
        yield _finding("type", f"Its values are {grid.kind}; {said['type']} is expected.", _REMEDY)
    if grid.unit not in {"", said["unit"]}:
        wrong = f"It says that its values are in {grid.unit[:40]!r}; {said['unit']!r} is expected."
        yield _finding("unit", wrong, _UNIT)


def _place(grid: Grid, said: Json) -> Iterator[Finding]:
    lie = grid.lie
    if lie is None:
        yield _finding("extent", "The file does not say where its cells lie.", _REMEDY)
        return
    edges, across, down = box(grid), said["across"], said["down"]
    reach = f"x from {edges.west:.6g} to {edges.east:.6g}, y from {edges.south:.6g} to {edges.north:.6g}"
    if _fits(Extent(west=edges.south, south=edges.west, east=edges.north, north=edges.east), said, slack=1):
        wrong = f"The axes look exchanged ({reach}): read the other way round, it lies where it belongs."
        yield _finding("swapped", wrong, _SWAP)
        return
    if abs(lie.across - across) > _NEAR * across or abs(lie.down - down) > _NEAR * down:
        wrong = f"Cells are {lie.across:g} × {lie.down:g} large; {across:g} × {down:g} are expected."
        yield _finding("cell_size", wrong, _REMEDY)
    elif not _fits(edges, said, slack=_NEAR):
        east, north = (edges.west - said["west"]) / across, (edges.north - said["north"]) / down
        right, low = (edges.east - said["east"]) / across, (edges.south - said["south"]) / down
        if abs(east - right) < _NEAR and abs(north - low) < _NEAR:
            ways = _cells(east, "east", "west"), _cells(north, "north", "south")
            wrong = f"It is shifted by {' and '.join(way for way in ways if way)}."
            yield _finding("shifted", wrong, _REMEDY)
        else:
            yield _finding("extent", f"It covers other ground than the family's grid: {reach}.", _REMEDY)


def _fits(edges: Extent, said: Json, *, slack: float) -> bool:
    wide, high = slack * said["across"], slack * said["down"]
    sides = ((edges.west, "west", wide), (edges.east, "east", wide))
    ends = ((edges.south, "south", high), (edges.north, "north", high))
    return all(abs(edge - said[name]) <= near for edge, name, near in (*sides, *ends))


def _cells(count: float, word: str, other: str) -> str:
    if abs(count) < _NEAR:
        return ""
    noun = "cell" if abs(count) < 1 + _NEAR else "cells"
    return f"{abs(count):.3g} {noun} to the {word if count > 0 else other}"


def _values(grid: Grid, said: Json, *, believed: int) -> Iterator[Finding]:
    empty = 1 - grid.count / grid.values.size
    if empty > said["empty_max"]:
        wrong = f"{empty:.1%} of {grid.values.size:,} cells have no value; up to {said['empty_max']:.1%} may."
        yield _finding("empty", wrong, _LOOK)
    if not grid.count or grid.count - believed <= said["outside_max"] * grid.count:
        return
    values = grid.values[grid.there].astype(np.float64)
    reach = (
        f"{grid.count - believed:,} of {grid.count:,} values are not from {said['low']:g} to {said['high']:g}"
    )
    told = f"{reach} {said['unit']} (they go from {values.min():g} to {values.max():g})."
    if said["low"] <= values.min() * _FEET and values.max() * _FEET <= said["high"]:
        told += " As feet they would be believable."
    yield _finding("values", told, _UNIT)


def _believed(grid: Grid, said: Json) -> int:
    return int(np.count_nonzero(grid.there & (grid.values >= said["low"]) & (grid.values <= said["high"])))


def _finding(rule: str, message: str, remedy: str) -> Finding:
    return Finding(rule=f"grid.{rule}", message=message, remedy=remedy)
