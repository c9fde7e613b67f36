"""Cells that touch and changed alike, as one region each: how large, where, from what to what."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipelines.formats import grid as grids
from pipelines.formats.grid import Cells, Grid
from pipelines.model import Json

ADDED, REMOVED, RAISED, LOWERED = 1, 2, 3, 4
_KINDS = {ADDED: "added", REMOVED: "removed", RAISED: "changed", LOWERED: "changed"}
_ORDER = ("added", "removed", "changed")
_DECIMALS = 6
Ways = NDArray[np.uint8]
Labels = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """What the values of a region come to in one edition."""

    mean: float
    least: float
    most: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """One region; `key` names its first cell, row by row from the north-west."""

    way: int
    key: str
    cells: int
    rows: int
    columns: int
    middle: tuple[float, float]
    old: Span | None
    new: Span | None
    went: Span | None

    def entry(self, grid: Grid, *, name: str) -> Json:
        """Return it as the desk's list holds a change."""
        lon, lat = (float(part[0]) for part in grids.middles(grid, *(np.array([n]) for n in self.middle)))
        place = {"lon": round(lon, _DECIMALS), "lat": round(lat, _DECIMALS)}
        return {
            "kind": _KINDS[self.way],
            "key": self.key,
            "title": f"{self._size()} {self._what(grid.unit)} near {_near(lon, lat)}",
            "distance_m": None,
            "decimals_only": False,
            "finding": None,
            "before": None if self.old is None else place,
            "after": None if self.new is None else place,
            "columns": self._columns(name),
            "same": {"cells": str(self.cells), "unit": grid.unit or "as in the file"},
        }

    def _size(self) -> str:
        if self.cells == self.rows * self.columns > 1:
            return f"{self.columns} × {self.rows} cells"
        return f"{self.cells:,} cell{'' if self.cells == 1 else 's'}"

    def _what(self, unit: str) -> str:
        if self.went is None:
            lost = "lost its value" if self.cells == 1 else "lost their values"
            return "got a value" if self.way == ADDED else lost
        least, most = sorted((abs(self.went.least), abs(self.went.most)))
        far = _text(least) if least == most else f"{_text(least)} to {_text(most)}"
        word = "raised" if self.way == RAISED else "lowered"
        return f"{word} by {far} {unit}".rstrip()

    def _columns(self, name: str) -> list[Json]:
        told: list[Json] = []
        for part in ("mean", "least", "most"):
            old, new = (None if span is None else _text(getattr(span, part)) for span in (self.old, self.new))
            word = {"mean": "mean", "least": "min", "most": "max"}[part]
            told.append({"name": f"{name} {word}", "old": old, "new": new})
        return told


def found(before: Grid, after: Grid, ways: Ways) -> list[Region]:
    """Return the regions: what was added, removed, changed; the largest of each kind first."""
    rows, columns = np.nonzero(ways)
    if not rows.size:
        return []
    label = labelled(ways)[rows, columns]
    order = np.argsort(label, kind="stable")
    rows, columns, label = rows[order], columns[order], label[order]
    starts = np.flatnonzero(np.r_[True, label[1:] != label[:-1]])
    counts = np.diff(np.r_[starts, label.size])
    tops, bottoms = (take.reduceat(rows, starts) for take in (np.minimum, np.maximum))
    lefts, rights = (take.reduceat(columns, starts) for take in (np.minimum, np.maximum))
    middles = [np.add.reduceat(part, starts) / counts for part in (rows, columns)]
    way = ways[rows[starts], columns[starts]]
    old, new = (_spans(grid.values[rows, columns], starts, counts) for grid in (before, after))
    going = after.values[rows, columns].astype(np.float64) - before.values[rows, columns].astype(np.float64)
    went = _spans(going, starts, counts)
    digits = [len(str(size - 1)) for size in ways.shape]
    places = [max(3, digit) for digit in digits]
    made = [
        Region(
            way=int(way[n]),
            key=f"r{rows[start]:0{places[0]}d}c{columns[start]:0{places[1]}d}",
            cells=int(counts[n]),
            rows=int(bottoms[n] - tops[n] + 1),
            columns=int(rights[n] - lefts[n] + 1),
            middle=(float(middles[0][n]), float(middles[1][n])),
            old=None if way[n] == ADDED else old[n],
            new=None if way[n] == REMOVED else new[n],
            went=went[n] if way[n] in {RAISED, LOWERED} else None,
        )
        for n, start in enumerate(starts.tolist())
    ]
    return sorted(made, key=lambda one: (_ORDER.index(_KINDS[one.way]), -one.cells, one.key))


def labelled(ways: Ways) -> Labels:
    """Return for each cell the number of the first cell of its region, by edges that it shares alone."""
    numbers = np.arange(ways.size).reshape(ways.shape)
    pairs = (
        (numbers[:, :-1], numbers[:, 1:], ways[:, :-1], ways[:, 1:]),
        (numbers[:-1], numbers[1:], ways[:-1], ways[1:]),
    )
    joined = [(one[(a == b) & (a > 0)], other[(a == b) & (a > 0)]) for one, other, a, b in pairs]
    left, right = (np.concatenate(side) for side in zip(*joined, strict=True))
    label = numbers.ravel().copy()
    while left.size:
        lower = np.minimum(label[left], label[right])
        for side in (left, right):
            np.minimum.at(label, label[side], lower)
        while not np.array_equal(shorter := label[label], label):
            label = shorter
        apart = label[left] != label[right]
        left, right = left[apart], right[apart]
    return label.reshape(ways.shape)


def _spans(values: Cells, starts: Labels, counts: Labels) -> list[Span]:
    plain = values.astype(np.float64)
    means = np.add.reduceat(plain, starts) / counts
    least, most = (take.reduceat(plain, starts) for take in (np.minimum, np.maximum))
    return [
        Span(mean=round(mean, 2), least=low, most=high)
        for mean, low, high in zip(means.tolist(), least.tolist(), most.tolist(), strict=True)
    ]


def _text(number: float) -> str:
    return str(int(number)) if number.is_integer() else f"{number:.6g}" if abs(number) < 1 else repr(number)


def _near(lon: float, lat: float) -> str:
    return f"{abs(lon):.1f} {'E' if lon >= 0 else 'W'} {abs(lat):.1f} {'N' if lat >= 0 else 'S'}"
