"""From the input as read to artifacts and content: the layer, its tiles, its comparison and its maps."""

from dataclasses import dataclass
from math import isfinite

import geopandas as gpd

from pipelines import digest, preview, thumbnail
from pipelines.diff import vector
from pipelines.diff.changes import Diff
from pipelines.errors import KeysNotUnique, NotComparable, NotMade
from pipelines.formats import geoparquet, pmtiles
from pipelines.formats.table import Table
from pipelines.gates import keys
from pipelines.manifest import words
from pipelines.model import (
    Artifact,
    Column,
    DiffState,
    DiffSummary,
    Extent,
    Json,
    Labels,
    LayerContent,
    Role,
)
from pipelines.spec import Family, Output, Source
from pipelines.store import Store

JSON_TYPE = "application/json"
SVG_TYPE = "image/svg+xml"
WGS84 = "EPSG:4326"
WHY_AT_MOST = 4000
GEOMETRY = Column(name="geometry", type="geometry", description="the place, in WGS 84 degrees")


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What a comparison said: a diff, or why there is none."""

    diff: Diff | None
    changes: Json | None
    failed: str
    summary: DiffSummary
    artifacts: tuple[Artifact, ...]


def keep(store: Store, content: bytes, *, role: Role, media_type: str) -> Artifact:
    """Put bytes in the store and return how the manifest names them."""
    return Artifact(role=role, media_type=media_type, sha256=store.put(content), size=len(content))


def check_layer(frame: gpd.GeoDataFrame, output: Output) -> None:
    """Refuse a layer that is not what its schema promises."""
    promised = [*(column.name for column in output.columns), GEOMETRY.name]
    if list(frame.columns) != promised:
        made = ", ".join(map(str, frame.columns))
        raise NotMade(f"The steps made the columns {made}; the layer's schema says {', '.join(promised)}.")
    if frame.crs is None or frame.crs.to_string() != WGS84:
        raise NotMade(f"The steps made a layer in {frame.crs}: bring it to {WGS84}.")


def data(frame: gpd.GeoDataFrame, output: Output, *, labels: Labels, store: Store) -> Artifact:
    """Keep the layer as GeoParquet."""
    content = geoparquet.write(frame, key=output.key, labels=labels)
    return keep(store, content, role=Role.DATA, media_type=geoparquet.MEDIA_TYPE)


def tiles(cutting: pmtiles.Cutting, *, store: Store) -> Artifact:
    """Wait for the tiles and keep them."""
    return keep(store, cutting.result(), role=Role.TILES, media_type=pmtiles.MEDIA_TYPE)


def described(frame: gpd.GeoDataFrame, output: Output) -> LayerContent:
    """Return the layer as the catalogs tell of it."""
    west, south, east, north = (float(edge) for edge in frame.total_bounds)
    return LayerContent(
        layer=output.layer,
        kind=output.kind,
        key=output.key,
        crs=WGS84,
        rows=len(frame),
        extent=Extent(west=west, south=south, east=east, north=north),
        geometry_types=tuple(sorted(set(frame.geom_type.dropna()))),
        columns=(*output.columns, GEOMETRY),
    )


def compare(
    before: gpd.GeoDataFrame | None, after: gpd.GeoDataFrame, *, family: Family, store: Store
) -> Compared:
    """Compare with the base and keep what changed, as a list for people and one for tables."""
    output, rows = family.outputs[0], len(after)
    if before is None:
        summary = DiffSummary(state=DiffState.FIRST, after_rows=rows, why="This is the first edition.")
        return Compared(diff=None, changes=None, failed="", summary=summary, artifacts=())
    try:
        diff = vector.compare(
            before, after, key=output.key, title=output.title, moved_over_m=output.moved_over_m
        )
    except (KeysNotUnique, NotComparable) as why:
        said = words(str(why), at_most=WHY_AT_MOST)
        summary = DiffSummary(state=DiffState.FAILED, before_rows=len(before), after_rows=rows, why=said)
        return Compared(diff=None, changes=None, failed=said, summary=summary, artifacts=())
    changes = vector.changes(diff, findings={one.key: keys.REUSED for one in keys.reused(diff, family)})
    table = keep(store, vector.csv(diff), role=Role.DIFF, media_type="text/csv")
    listed = keep(store, digest.canonical(changes), role=Role.CHANGES, media_type=JSON_TYPE)
    summary = _summary(diff, table)
    return Compared(diff=diff, changes=changes, failed="", summary=summary, artifacts=(table, listed))


def maps(
    compared: Compared,
    *,
    before: gpd.GeoDataFrame | None,
    after: gpd.GeoDataFrame,
    output: Output,
    store: Store,
) -> tuple[Artifact, ...]:
    """Keep the map for the desk and the small one for the queue."""
    paired = None if compared.changes is None else before  # what was not compared must not look unchanged
    style = preview.style(compared.changes, before=paired, after=after, key=output.key, title=output.title)
    small = keep(store, _small(compared, after), role=Role.THUMBNAIL, media_type=SVG_TYPE)
    return (keep(store, style, role=Role.PREVIEW, media_type=JSON_TYPE), small)


def input_maps(table: Table, source: Source, *, swapped: bool, store: Store) -> tuple[Artifact, ...]:
    """Keep a map of a refused input as it was read, and where its points belong if its axes are exchanged."""
    small = keep(store, thumbnail.svg(None), role=Role.THUMBNAIL, media_type=SVG_TYPE)
    spots = _spots(table, source)
    if not spots:
        return (small,)
    style = preview.input_style(spots, swapped=swapped)
    return (keep(store, style, role=Role.INPUT_PREVIEW, media_type=JSON_TYPE), small)


def _small(compared: Compared, after: gpd.GeoDataFrame) -> bytes:
    if compared.summary.state is not DiffState.FIRST:
        return thumbnail.svg(compared.changes)
    middles = after.geometry.representative_point()
    return thumbnail.alone(zip(middles.x, middles.y, strict=True))


def _spots(table: Table, source: Source) -> list[preview.Spot]:
    names = set(table.rows.column_names)
    if not {source.points.x, source.points.y} <= names:
        return []
    places = [table.numbers(name).to_pylist() for name in (source.points.x, source.points.y)]
    told = [
        table.texts(name).to_pylist() if name in names else [f"line {line}" for line in table.lines]
        for name in (source.key, source.title)
    ]
    return [
        preview.Spot(key=key, title=title, x=x, y=y)
        for x, y, key, title in zip(*places, *told, strict=True)
        if x is not None and y is not None and isfinite(x) and isfinite(y)
    ]


def _summary(diff: Diff, table: Artifact) -> DiffSummary:
    return DiffSummary(
        state=DiffState.COMPARED,
        added=diff.added,
        removed=diff.removed,
        changed=diff.changed,
        moved=diff.moved,
        decimals_only=diff.decimals_only,
        before_rows=diff.before_rows,
        after_rows=diff.after_rows,
        artifact=table.sha256,
    )
