"""Layers of cells: COG, tiles of pictures, a comparison cell by cell, a map of the regions that changed."""

from pipelines import digest
from pipelines.diff import raster
from pipelines.errors import NotComparable, NotMade
from pipelines.family import Family, Output
from pipelines.formats import cog, paint, pmtiles, rastertiles
from pipelines.formats import grid as grids
from pipelines.formats.grid import Grid
from pipelines.inputs import Inputs
from pipelines.kinds import rastermaps
from pipelines.kinds.kind import JSON_TYPE, WHY_AT_MOST, Compared, Kind, keep
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
    changes = raster.changes(diff, name=family.output.columns[0].name, steps=rastermaps.steps(family))
    written = cog.write(raster.band(diff), name="difference", labels=family.labels)
    tiles = rastertiles.cut(grid, rastermaps.painted(diff, family), layer="changes", labels=family.labels)
    band = keep(store, written, role=Role.DIFF, media_type=cog.MEDIA_TYPE)
    kept = (
        band,
        keep(store, digest.canonical(changes), role=Role.CHANGES, media_type=JSON_TYPE),
        keep(store, tiles, role=Role.CHANGE_TILES, media_type=pmtiles.MEDIA_TYPE),
    )
    return Compared(diff=diff, changes=changes, failed="", summary=_summary(diff, band), artifacts=kept)


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
    maps=rastermaps.maps,
    input_maps=rastermaps.input_maps,
)
