"""Layers of features with a shape each: GeoParquet, vector tiles, a comparison by key, a map of changes."""

from pipelines import digest
from pipelines.diff import cells, marks, paging, vector
from pipelines.diff.changes import Diff
from pipelines.errors import KeysNotUnique, NotComparable, NotMade
from pipelines.family import Family, Output
from pipelines.formats import changetiles, geoparquet, pmtiles
from pipelines.gates import keys
from pipelines.inputs import Inputs
from pipelines.kinds.drawn import input_maps, maps
from pipelines.kinds.kind import JSON_TYPE, WGS84, WHY_AT_MOST, Compared, Kind, keep
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
from pipelines.store import Store
from pipelines.subject import Base, Layer, framed

GEOMETRY = Column(name="geometry", type="geometry", description="the place, in WGS 84 degrees")


def check(layer: Layer, output: Output) -> None:
    """Refuse a layer that is not what its schema promises."""
    frame = framed(layer)
    promised = [*(column.name for column in output.columns), GEOMETRY.name]
    if list(frame.columns) != promised:
        made = ", ".join(map(str, frame.columns))
        raise NotMade(f"The steps made the columns {made}; the layer's schema says {', '.join(promised)}.")
    if frame.crs is None or frame.crs.to_string() != WGS84:
        raise NotMade(f"The steps made a layer in {frame.crs}: bring it to {WGS84}.")


def write(layer: Layer, output: Output, *, labels: Labels) -> bytes:
    """Return the layer as GeoParquet."""
    return geoparquet.write(framed(layer), key=output.key, labels=labels, columns=output.columns)


def read(content: bytes, _: Inputs) -> Layer:
    """Return the layer that was written."""
    return geoparquet.read(content)


def cut(layer: Layer, output: Output, *, labels: Labels) -> pmtiles.Cutting:
    """Begin to cut its tiles."""
    return pmtiles.start(
        framed(layer), layer=output.layer, key=output.key, labels=labels, deepest=output.deepest_zoom
    )


def describe(layer: Layer, output: Output, _: Inputs) -> LayerContent:
    """Return the layer as the catalogs tell of it."""
    frame = framed(layer)
    if frame.geometry.isna().all() or frame.geometry.is_empty.all():
        raise NotMade("No feature has a place: the catalogs could not say where the data are.")
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


def compare(base: Base | None, after: Layer, *, family: Family, store: Store) -> Compared:
    """Compare with the base and keep what changed, as a list for people and one for tables."""
    output, frame = family.output, framed(after)
    if base is None:
        why = "This is the first edition."
        summary = DiffSummary(state=DiffState.FIRST, after_rows=len(frame), why=why)
        return Compared(diff=None, changes=None, failed="", summary=summary, artifacts=())
    before = base.frame
    try:
        diff = vector.compare(
            before, frame, key=output.key, title=output.title, moved_over_m=output.moved_over_m
        )
    except (KeysNotUnique, NotComparable) as why_not:
        said = words(str(why_not), at_most=WHY_AT_MOST)
        summary = DiffSummary(
            state=DiffState.FAILED, before_rows=len(before), after_rows=len(frame), why=said
        )
        return Compared(diff=None, changes=None, failed=said, summary=summary, artifacts=())
    changes, artifacts = _kept(diff, family=family, store=store)
    summary = _summary(diff, artifacts[0])
    return Compared(diff=diff, changes=changes, failed="", summary=summary, artifacts=artifacts)


def _kept(diff: Diff, *, family: Family, store: Store) -> tuple[Json, tuple[Artifact, ...]]:
    """Keep the change table and the list; of a large diff by the column, in pages, and tiles of marks."""
    findings = {one.key: keys.REUSED for one in keys.reused(diff, family).named}
    if diff.rows is None:
        changes = vector.changes(diff, findings=findings)
        table = keep(store, vector.csv(diff), role=Role.DIFF, media_type="text/csv")
        listed = keep(store, digest.canonical(changes), role=Role.CHANGES, media_type=JSON_TYPE)
        return changes, (table, listed)
    table = keep(store, cells.write(diff.rows), role=Role.DIFF, media_type=cells.MEDIA_TYPE)
    changes, content = paging.write(diff, findings)
    listed = keep(store, digest.canonical(changes), role=Role.CHANGES, media_type=JSON_TYPE)
    pages = keep(store, content, role=Role.PAGES, media_type=paging.MEDIA_TYPE)
    tiles = changetiles.write(marks.of(diff.rows), labels=family.labels)
    drawn = keep(store, tiles, role=Role.CHANGE_TILES, media_type=pmtiles.MEDIA_TYPE)
    return changes, (table, listed, pages, drawn)


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


KIND = Kind(
    media_type=geoparquet.MEDIA_TYPE,
    check=check,
    write=write,
    read=read,
    cut=cut,
    describe=describe,
    compare=compare,
    maps=maps,
    input_maps=input_maps,
)
