"""The smallest defect of each kind that the gates of rasters catch in the real relief, as a table."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from pipelines.formats.grid import Grid
from pipelines.gates import cells, grid, overviews
from pipelines.model import GateResult, Outcome
from pipelines.subject import Subject
from tests.pipelines import rasters

BASE = rasters.relief()
SEED = 20261127
Injured = Callable[[Grid, float], Grid]


@dataclass(frozen=True, kw_only=True)
class Defect:
    """One way to spoil good data, from hardly to badly, and the size from which it must be caught."""

    name: str
    unit: str
    gate: str
    sizes: tuple[float, ...]
    caught_from: float
    injure: Injured


def _placed(read: Grid, **moved: float) -> Grid:
    assert read.lie is not None
    return replace(read, lie=replace(read.lie, **moved))


def _some(read: Grid, count: float) -> tuple[Any, Any]:
    """Return the rows and columns of so many cells, chosen at random, always the same ones."""
    places = np.random.default_rng(SEED).permutation(read.values.size)[: int(count)]
    rows, columns = np.divmod(places, read.shape[1])
    return rows, columns


def _valued(edit: Callable[[Any, Any, float], Any]) -> Injured:
    def injure(read: Grid, size: float) -> Grid:
        values = read.values.copy()
        edit(values, _some(read, size), size)
        return replace(read, values=values)

    return injure


def _raised(read: Grid, size: float) -> Grid:
    return replace(read, values=(read.values + np.int16(size)).astype(np.int16))


def _one_by(read: Grid, size: float) -> Grid:
    values = read.values.copy()
    values[30, 50] += int(size)
    return replace(read, values=values)


def _rounded(read: Grid, size: float) -> Grid:
    return replace(read, values=(np.rint(read.values / size) * size).astype(np.int16))


def _emptied(read: Grid, size: float) -> Grid:
    there = read.there.copy()
    there[_some(read, size)] = False
    return replace(read, there=there)


def _west(read: Grid, size: float) -> Grid:
    assert read.lie is not None
    return _placed(read, west=read.lie.west - size * read.lie.across)


def _wider(read: Grid, size: float) -> Grid:
    assert read.lie is not None
    return _placed(read, across=read.lie.across * (1 + size))


def _slid(read: Grid, size: float) -> Grid:
    return replace(read, values=np.roll(read.values, int(size), axis=1))


def _spike(values: Any, where: Any, _: float) -> None:
    values[where] = 9999


def _doubled(values: Any, where: Any, _: float) -> None:
    values[where] = values[where[0], where[1] - 1]


DEFECTS = (
    Defect(name="moved to the west", unit="cells", gate="grid", sizes=(0.0001, 0.01, 0.5), caught_from=0.01,
           injure=_west),
    Defect(name="cells too wide", unit="of a cell", gate="grid", sizes=(0.000_001, 0.0001, 0.01),
           caught_from=0.0001, injure=_wider),
    Defect(name="values of 9,999 m", unit="cells", gate="grid", sizes=(1, 10, 100), caught_from=1,
           injure=_valued(_spike)),
    Defect(name="cells without a value", unit="cells", gate="grid", sizes=(1, 132, 133), caught_from=133,
           injure=_emptied),
    Defect(name="cells without a value", unit="cells", gate="cells", sizes=(1, 132), caught_from=1,
           injure=_emptied),
    Defect(name="the neighbour's value", unit="cells", gate="cells", sizes=(1, 5, 10, 1000),
           caught_from=10, injure=_valued(_doubled)),
    Defect(name="one cell too high", unit="m", gate="cells", sizes=(1, 50, 51, 1001), caught_from=51,
           injure=_one_by),
    Defect(name="all cells too high", unit="m", gate="cells", sizes=(1, 5), caught_from=1, injure=_raised),
    Defect(name="rounded", unit="m", gate="cells", sizes=(2, 10), caught_from=2, injure=_rounded),
    Defect(name="values slid to the east", unit="columns", gate="cells", sizes=(1, 2), caught_from=1,
           injure=_slid),
)  # fmt: skip


@cache
def judged(defect: Defect, size: float) -> GateResult:
    """Return what the gate says of the relief with a defect of that size."""
    read = rasters.read()
    injured = rasters.changed(read, **_different(defect.injure(read.grid, size)))
    if defect.gate == "grid":
        return grid.check(injured)
    return cells.check(rasters.compared(injured, over=BASE))


def _different(injured: Grid) -> dict[str, Any]:
    return {"values": injured.values, "there": injured.there, "lie": injured.lie}


def _table() -> Iterator[str]:
    for defect in DEFECTS:
        for size in defect.sizes:
            result = judged(defect, size)
            rules = ", ".join(finding.rule for finding in result.findings)
            yield f"{defect.gate:6} {defect.name:24} {size:>8g} {defect.unit:10} {result.outcome:7} {rules}"


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda one: f"{one.gate}: {one.name}")
def test_a_defect_is_caught_from_its_size_on_and_not_below(defect: Defect) -> None:
    for size in defect.sizes:
        assert (judged(defect, size).outcome is not Outcome.PASS) == (size >= defect.caught_from), size


def test_good_editions_raise_no_alarm(capsys: pytest.CaptureFixture[str]) -> None:
    good: Subject = rasters.made(rasters.read(), over=BASE)
    assert {check(good).outcome for check in (grid.check, cells.check, overviews.check)} == {Outcome.PASS}
    with capsys.disabled():
        sys.stdout.write("\nDefects in the relief of Kansas, and which gate catches them\n")
        sys.stdout.writelines(f"{line}\n" for line in _table())
