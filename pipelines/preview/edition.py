"""The map of an edition of features: what changed, before and after, over what stayed as it was."""

from collections.abc import Sequence

import geopandas
import shapely

from pipelines.model import Json
from pipelines.preview import features, layers, points, shapes
from pipelines.preview.allowed import BASE_TILES, CHANGE_TILES, TILES
from pipelines.preview.drawing import written
from pipelines.preview.features import Shapes

DRAWN_AT_MOST = 20_000
CHANGES = "changes"  # what the tiles of changes call their layer


def style(  # noqa: PLR0913  # each says one thing of the same layer
    changes: Json | None,
    *,
    before: geopandas.GeoDataFrame | None,
    after: geopandas.GeoDataFrame,
    key: str,
    title: str,
    layer: str = "",
    shade: str = "",
) -> bytes:
    """Return the map of what changed; without `changes` and `before`, of the edition alone.

    Sources: `after` holds every feature, `before` those that are no longer as they were, `changes` a point
    for each that changed, where it is now (if removed, where it was), `moves` a line for each that moved.
    Rows that share a shape are one feature there. Of editions with more than 20,000 features, or
    with some 300,000 corners, only what changed is written into the style; the others are drawn from the
    run's tiles, and so are more than 20,000 changes.

    Args:
        changes: the artifact `changes`, read; one that has pages has its changes in tiles.
        before: the older edition in WGS 84.
        after: the newer one.
        key: the column that says which feature is which.
        title: the column that names a feature to people.
        layer: what the tiles call their layer; without it nothing is drawn from tiles.
        shade: the column by whose value areas are shaded, if any.

    Raises:
        PreviewRefused: the map would hold something that the desk does not draw.
    """
    paged = changes is not None and "pages" in changes
    entries = [] if changes is None or paged else changes["changes"]
    many = paged or len(after) > DRAWN_AT_MOST or bool(layer and features.heavy(after.geometry.to_numpy()))
    about: Json = {"kfm:role": "preview", "kfm:key": key}
    whole = [frame.geometry.to_numpy() for frame in (before, after) if frame is not None]
    if box := features.bounds(whole):
        about["kfm:bounds"] = box
    names = (key, title)
    if all(_are_points(drawn) for drawn in whole):
        sources, made = points.drawn(entries, before=before, after=after, names=names, few=many)
    else:
        newer = _changed(after, entries, key=key) if many else after
        # A place is shaded by all of its rows, of which only some may have changed.
        older = before if before is None or (shade and not many) else _changed(before, entries, key=key)
        sources, made, told = shapes.drawn(entries, before=older, after=newer, names=names, shade=shade)
        about |= told
    if many and layer:
        quiet, loud = _tiles(after, layer=layer, compared=before is not None, paged=paged)
        sources |= _tiled(compared=before is not None, paged=paged)
        made = [*quiet, *([] if paged else made), *loud]
    return written(sources, made, metadata=about)


def _changed(frame: geopandas.GeoDataFrame, entries: Sequence[Json], *, key: str) -> geopandas.GeoDataFrame:
    return frame[frame[key].astype(str).isin([entry["key"] for entry in entries])]


def _are_points(drawn: Shapes) -> bool:
    return bool((shapely.get_type_id(drawn) <= shapely.GeometryType.POINT).all())


def _tiled(*, compared: bool, paged: bool) -> dict[str, Json]:
    made = {"after-tiles": {"type": "vector", "url": TILES}}
    if compared:
        made["before-tiles"] = {"type": "vector", "url": BASE_TILES}
    if paged:
        made["change-tiles"] = {"type": "vector", "url": CHANGE_TILES}
    return made


def _tiles(
    after: geopandas.GeoDataFrame, *, layer: str, compared: bool, paged: bool
) -> tuple[list[Json], list[Json]]:
    """Return what is drawn of tiles: each edition as it is, quietly, and the changes if they are paged."""
    quiet = [*_quiet("before-tiles", after, side="before")] if compared else []
    quiet += _quiet("after-tiles", after, side="after")
    loud = layers.marks("change-tiles") if paged else []
    return (
        [layers.whole(one, layer) for one in quiet],
        [layers.tiled(one, CHANGES) for one in loud],
    )


def _quiet(source: str, frame: geopandas.GeoDataFrame, *, side: str) -> list[Json]:
    types = {*frame.geom_type.dropna()}
    made = []
    if any(name.endswith("Polygon") for name in types):
        made.append(layers.areas(f"same-area-tiles-{side}", source, kind="same", side=side, opacity=0.04))
    if types - {"Point", "MultiPoint"}:
        made.append(layers.outlines(f"same-line-tiles-{side}", source, kind="same", side=side, width=0.8))
    if types & {"Point", "MultiPoint"}:
        made.append(
            layers.dots(f"same-tiles-{side}", source, kind="same", side=side, radius=2.2, hollow=True)
        )
    return made
