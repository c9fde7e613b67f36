"""Layers of cells: COG, tiles of pictures, a comparison cell by cell, a map of the regions that changed."""

from collections.abc import Sequence

import numpy as np
import shapely

from pipelines import digest, preview, thumbnail
from pipelines.diff import raster
from pipelines.errors import NotComparable, NotMade
from pipelines.family import Family, Output
from pipelines.formats import cog, paint, pmtiles, rastertiles
from pipelines.formats import grid as grids
from pipelines.formats.grid import Grid
from pipelines.inputs import Inputs
from pipelines.kinds.kind import JSON_TYPE, SVG_TYPE, WHY_AT_MOST, Compared, Kind, keep
from pipelines.manifest import words
from pipelines.model import (
    Artifact,
    Band,
    DiffState,
    DiffSummary,
    Labels,
    LayerContent,
    RasterContent,
    Role,
)
from pipelines.store import Store
from pipelines.subject import Base, Layer, gridded

_DOTS = 20  # of cells along each side, in the small map of a first edition


def check(layer: Layer, output: Output) -> None:
    """Refuse a layer that is not what its schema promises."""
    grid = gridded(layer)
    if len(output.columns) != 1:
        raise NotMade("A raster's layer schema describes its one band; this one describes more or none.")
    if grid.crs is None or grid.lie is None:
        raise NotMade("The steps made a raster without a system and a place: give it both.")
    if not grid.count:
        raise NotMade("No cell has a value: there is nothing to publish.")


def write(layer: Layer, output: Output, *, labels: Labels) -> bytes:
    """Return the layer as COG."""
    return cog.write(gridded(layer), name=output.columns[0].name, labels=labels)


def read(content: bytes, _: Inputs) -> Layer:
    """Return the layer that was written."""
    return cog.read(content)


class _Cutting:
    """Tiles that are cut when they are asked for: it takes a tenth of a second."""

    def __init__(self, grid: Grid, *, layer: str, labels: Labels) -> None:
        self.grid, self.layer, self.labels = grid, layer, labels

    def result(self) -> bytes:
        """Return the archive."""
        painted = paint.heights(self.grid)
        return rastertiles.cut(self.grid, painted, layer=self.layer, labels=self.labels)

    def stop(self) -> None:
        """Nothing runs."""


def cut(layer: Layer, output: Output, *, labels: Labels) -> pmtiles.Cutting:
    """Begin to cut its tiles."""
    return _Cutting(gridded(layer), layer=output.layer, labels=labels)


def describe(layer: Layer, output: Output, _: Inputs) -> LayerContent:
    """Return the layer as the catalogs tell of it."""
    grid, column = gridded(layer), output.columns[0]
    lie, said = grid.lie, cog.statistics(grid)
    if lie is None or grid.crs is None or not grid.count:
        raise NotMade("The raster has no place or no value: the catalogs could not say what it is.")
    band = Band(
        name=column.name,
        description=column.description,
        data_type=grid.kind,
        nodata=grid.nodata,
        unit=grid.unit,
        minimum=said["minimum"],
        maximum=said["maximum"],
        mean=said["mean"],
        valid_percent=said["valid_percent"],
    )
    transform = (lie.across, 0.0, lie.west, 0.0, -lie.down, lie.north, 0.0, 0.0, 1.0)
    return LayerContent(
        layer=output.layer,
        kind=output.kind,
        key=output.key,
        crs=grid.crs,
        rows=grid.count,
        extent=grids.extent(grid),
        geometry_types=(),
        columns=(),
        raster=RasterContent(shape=grid.shape, transform=transform, bands=(band,)),
    )


def compare(base: Base | None, after: Layer, *, family: Family, store: Store) -> Compared:
    """Compare with the base and keep what changed: the difference, its regions as a list, its tiles."""
    grid = gridded(after)
    if base is None:
        why = "This is the first edition."
        summary = DiffSummary(state=DiffState.FIRST, after_rows=grid.count, why=why)
        return Compared(diff=None, changes=None, failed="", summary=summary, artifacts=())
    try:
        diff = raster.compare(base.grid, grid)
    except NotComparable as why_not:
        said = words(str(why_not), at_most=WHY_AT_MOST)
        summary = DiffSummary(
            state=DiffState.FAILED, before_rows=base.grid.count, after_rows=grid.count, why=said
        )
        return Compared(diff=None, changes=None, failed=said, summary=summary, artifacts=())
    changes = raster.changes(diff, name=family.output.columns[0].name, steps=_steps(family))
    written = cog.write(raster.band(diff), name="difference", labels=family.labels)
    tiles = rastertiles.cut(grid, _painted(diff, family), layer="changes", labels=family.labels)
    band = keep(store, written, role=Role.DIFF, media_type=cog.MEDIA_TYPE)
    kept = (
        band,
        keep(store, digest.canonical(changes), role=Role.CHANGES, media_type=JSON_TYPE),
        keep(store, tiles, role=Role.CHANGE_TILES, media_type=pmtiles.MEDIA_TYPE),
    )
    return Compared(diff=diff, changes=changes, failed="", summary=_summary(diff, band), artifacts=kept)


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
    small = thumbnail.alone(_places(grid)) if first else thumbnail.svg(compared.changes)
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
    middle = preview.Spot(
        key=inputs.sources[0].name,
        title="the whole raster",
        x=(box.west + box.east) / 2,
        y=(box.south + box.north) / 2,
    )
    outline = shapely.box(box.west, box.south, box.east, box.north)
    style = preview.input_style([middle], swapped=swapped, shapes=[outline])
    return (keep(store, style, role=Role.INPUT_PREVIEW, media_type=JSON_TYPE), small)


def _swatches(told: Sequence[tuple[str, str]]) -> list[preview.Swatch]:
    return [preview.Swatch(colour=colour, words=words) for colour, words in told]


def _scale(compared: Compared, family: Family) -> list[tuple[str, str]]:
    if not isinstance(compared.diff, raster.Diff):
        return []
    return paint.scale(_painted(compared.diff, family), _steps(family))


def _painted(diff: raster.Diff, family: Family) -> rastertiles.Painted:
    return paint.differences(diff.difference, removed=diff.removed, added=diff.added, steps=_steps(family))


def _steps(family: Family) -> list[float]:
    if "cells" not in family.expectations:
        raise NotMade("A raster's differences have no scale: say `cells` with its `steps` in qa/.")
    steps: list[float] = family.expectations["cells"]["steps"]
    return steps


def _places(grid: Grid) -> list[tuple[float, float]]:
    """Return the middles of some cells that have a value, evenly over the raster."""
    rows, columns = (np.arange(size)[:: max(1, size // _DOTS)] for size in grid.shape)
    down, across = (part.ravel() for part in np.meshgrid(rows, columns, indexing="ij"))
    there = grid.there[down, across]
    lon, lat = grids.middles(grid, down[there].astype(np.float64), across[there].astype(np.float64))
    return list(zip(lon.tolist(), lat.tolist(), strict=True))


def _summary(diff: raster.Diff, band: Artifact) -> DiffSummary:
    counts = diff.counts
    return DiffSummary(
        state=DiffState.COMPARED,
        added=counts["added"],
        removed=counts["removed"],
        changed=counts["changed"],
        moved=0,
        decimals_only=0,
        before_rows=diff.before.count,
        after_rows=diff.after.count,
        artifact=band.sha256,
    )


KIND = Kind(
    media_type=cog.MEDIA_TYPE,
    check=check,
    write=write,
    read=read,
    cut=cut,
    describe=describe,
    compare=compare,
    maps=maps,
    input_maps=input_maps,
)
