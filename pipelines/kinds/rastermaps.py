"""The maps of a raster: for the desk, for the queue, and of a refused input."""

from collections.abc import Sequence

import numpy as np
import shapely

from pipelines import preview, thumbnail
from pipelines.diff import raster
from pipelines.errors import NotMade
from pipelines.family import Family
from pipelines.formats import grid as grids
from pipelines.formats import paint, rastertiles
from pipelines.formats.grid import Grid
from pipelines.inputs import Inputs
from pipelines.kinds.kind import JSON_TYPE, SVG_TYPE, Compared, keep
from pipelines.model import Artifact, DiffState, Role
from pipelines.store import Store
from pipelines.subject import Base, Layer, gridded

_DOTS = 20, 27  # of cells along each side, in the small map of a first edition, and how large they are there
_DOT = 4.0
_CORNERS = (("north-west", 0, 0), ("north-east", 0, 1), ("south-west", 1, 0), ("south-east", 1, 1))


def maps(
    compared: Compared,
    *,
    base: Base | None,  # noqa: ARG001  # every kind is asked alike; the base's tiles are its own artifact
    after: Layer,
    family: Family,
    store: Store,
) -> tuple[Artifact, ...]:
    """Keep the map for the desk and the small one for the queue."""
    grid = gridded(after)
    first = compared.summary.state is DiffState.FIRST
    small = _alone(grid) if first else thumbnail.svg(compared.changes)
    style = preview.raster_style(
        compared.changes,
        extent=grids.extent(grid),
        unit=grid.unit,
        values=_swatches(paint.tints(grid)),
        differences=_swatches(_scale(compared, family)),
    )
    return (
        keep(store, style, role=Role.PREVIEW, media_type=JSON_TYPE),
        keep(store, small, role=Role.THUMBNAIL, media_type=SVG_TYPE),
    )


def input_maps(inputs: Inputs, *, swapped: bool, store: Store) -> tuple[Artifact, ...]:
    """Keep a map of a refused input: its outline as read, and where it belongs if axes are exchanged."""
    small = keep(store, thumbnail.svg(None), role=Role.THUMBNAIL, media_type=SVG_TYPE)
    grid = inputs.grid()
    if grid.lie is None:
        return (small,)
    box = grids.box(grid)
    x, y = (box.west, box.east), (box.north, box.south)
    spots = [
        preview.Spot(key=name, title=f"the {name} corner", x=x[right], y=y[low])
        for name, low, right in _CORNERS
    ]
    whole = shapely.box(box.west, box.south, box.east, box.north)
    outlines = [whole, None, None, None]  # one of the corners has it, so that it is drawn once
    style = preview.input_style(spots, swapped=swapped, shapes=outlines)
    return (keep(store, style, role=Role.INPUT_PREVIEW, media_type=JSON_TYPE), small)


def _swatches(told: Sequence[tuple[str, str]]) -> list[preview.Swatch]:
    return [preview.Swatch(colour=colour, words=words) for colour, words in told]


def _scale(compared: Compared, family: Family) -> list[tuple[str, str]]:
    if not isinstance(compared.diff, raster.Diff):
        return []
    return paint.scale(painted(compared.diff, family), steps(family))


def painted(diff: raster.Diff, family: Family) -> rastertiles.Painted:
    """Return which colour each cell has by how far it went."""
    return paint.differences(diff.difference, removed=diff.removed, added=diff.added, steps=steps(family))


def steps(family: Family) -> list[float]:
    """Return the bounds of the classes in which differences are painted and counted."""
    if "cells" not in family.expectations:
        raise NotMade("A raster's differences have no scale: say `cells` with its `steps` in qa/.")
    found: list[float] = family.expectations["cells"]["steps"]
    return found


def _alone(grid: Grid) -> bytes:
    """Return the small drawing of some cells that have a value, evenly chosen, each in its colour."""
    rows, columns = (
        np.arange(size)[:: max(1, size // dots)] for size, dots in zip(grid.shape, _DOTS, strict=True)
    )
    down, across = (part.ravel() for part in np.meshgrid(rows, columns, indexing="ij"))
    there = grid.there[down, across]
    down, across = down[there], across[there]
    lon, lat = grids.middles(grid, down.astype(np.float64), across.astype(np.float64))
    inks = paint.inks(paint.heights(grid), down, across)
    return thumbnail.tinted(list(zip(lon.tolist(), lat.tolist(), strict=True)), inks, size=_DOT)
