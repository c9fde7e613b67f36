"""The exact comparison of two editions of a raster, cell by cell, and how it is written down."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipelines.diff import regions
from pipelines.errors import NotComparable
from pipelines.formats import grid as grids
from pipelines.formats.grid import Cells, Flags, Grid
from pipelines.formats.paint import classes
from pipelines.model import Json

LISTED_AT_MOST = 20_000
_EXACT = 2**31 - 1
Differences = NDArray[Any]  # whole or broken numbers, as both editions allow


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Diff:
    """Every cell that is not what it was; `difference` is new less old, 0 where one has no value."""

    before: Grid
    after: Grid
    difference: Differences
    changed: Flags
    removed: Flags
    added: Flags

    @property
    def counts(self) -> dict[str, int]:
        """Return how many cells changed in each way."""
        marked = {"added": self.added, "removed": self.removed, "changed": self.changed}
        return {name: int(np.count_nonzero(cells)) for name, cells in marked.items()}

    @property
    def unchanged(self) -> int:
        """Return how many cells have the value that they had."""
        return int(np.count_nonzero(self.before.there & self.after.there)) - self.counts["changed"]

    @property
    def greatest(self) -> float:
        """Return by how much the cell changed that changed most."""
        return float(np.abs(self.difference).max(initial=0))


def compare(before: Grid, after: Grid) -> Diff:
    """Return every cell that changed, lost its value or got one.

    Raises:
        NotComparable: a cell of the one is not the same place as that cell of the other.
    """
    if said := grids.differences(before, after):
        raise NotComparable(
            f"The cells of the two editions are not the same places: {'; '.join(said)}. "
            "Deliver the edition on the grid of the current release."
        )
    both = before.there & after.there
    kind = np.int64 if _whole(before.values) and _whole(after.values) else np.float64
    old, new = (np.where(both, grid.values, 0).astype(kind) for grid in (before, after))
    difference: Differences = new - old
    return Diff(
        before=before,
        after=after,
        difference=difference,
        changed=difference != 0,
        removed=before.there & ~after.there,
        added=after.there & ~before.there,
    )


def band(diff: Diff) -> Grid:
    """Return the difference as a raster of its own, in the unit of the values."""
    there = diff.before.there & diff.after.there
    whole = diff.difference.dtype == np.int64 and diff.greatest <= _EXACT
    kind, nothing = (np.dtype(np.int32), -float(2**31)) if whole else (np.dtype(np.float64), float("nan"))
    return replace(
        diff.after, values=diff.difference.astype(kind), there=there, nodata=nothing, bands=1, size=0
    )


def changes(diff: Diff, *, name: str, steps: Sequence[float]) -> Json:
    """Return the list that the desk shows: regions of cells that changed alike, and how far they went.

    Args:
        diff: the comparison.
        name: what the values are called.
        steps: the bounds of the histogram's bins, smallest first, the same for both ways.
    """
    found = regions.found(diff.before, diff.after, _alike(diff))
    listed = [region.entry(diff.after, name=name) for region in found[:LISTED_AT_MOST]]
    return {
        "schema": "kfm/changes/1",
        "key": "cell",
        "title": "region",
        "counts": {**diff.counts, "moved": 0, "decimals_only": 0},
        "rows": {"before": diff.before.count, "after": diff.after.count},
        "truncated": len(found) > LISTED_AT_MOST,
        "regions": len(found),
        "histogram": histogram(diff, steps=steps),
        "changes": listed,
    }


def histogram(diff: Diff, *, steps: Sequence[float]) -> Json:
    """Return how many cells went how far, in bins that are the same for every edition."""
    going = diff.difference[diff.changed].astype(np.float64)
    reached = classes(going, steps)
    edges: list[float | None] = [0, *steps, None]
    down, up = (np.bincount(reached[way], minlength=len(edges) - 1) for way in (going < 0, going > 0))
    lowered = [
        {"from": None if edges[n + 1] is None else -(edges[n + 1] or 0), "to": -(edges[n] or 0)}
        | {"cells": int(down[n])}
        for n in reversed(range(len(edges) - 1))
    ]
    raised = [{"from": edges[n], "to": edges[n + 1], "cells": int(up[n])} for n in range(len(edges) - 1)]
    return {"unit": diff.after.unit, "unchanged": diff.unchanged, "bins": [*lowered, *raised]}


def _alike(diff: Diff) -> NDArray[np.uint8]:
    """Return for each cell in which way it changed; neighbours of one way are one region."""
    ways = np.zeros(diff.difference.shape, np.uint8)
    ways[diff.difference > 0], ways[diff.difference < 0] = regions.RAISED, regions.LOWERED
    ways[diff.removed], ways[diff.added] = regions.REMOVED, regions.ADDED
    return ways


def _whole(values: Cells) -> bool:
    return values.dtype.kind in "iu" and values.dtype != np.uint64
