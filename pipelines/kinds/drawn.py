"""The maps of layers of features: of what changed, of an edition alone, and of an input that was refused."""

from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from pipelines import preview, thumbnail
from pipelines.family import Family, Output
from pipelines.inputs import Inputs
from pipelines.kinds.kind import JSON_TYPE, SVG_TYPE, Compared, keep
from pipelines.model import Artifact, DiffState, Role
from pipelines.store import Store
from pipelines.subject import Base, Layer, framed


def maps(
    compared: Compared, *, base: Base | None, after: Layer, family: Family, store: Store
) -> tuple[Artifact, ...]:
    """Keep the map for the desk and the small one for the queue."""
    output, frame = family.output, framed(after)
    # What was not compared must not look unchanged.
    paired = None if base is None or compared.changes is None else base.frame
    style = preview.style(
        compared.changes,
        before=paired,
        after=frame,
        key=output.key,
        title=output.title,
        layer=output.layer,
        shade=output.shade,
    )
    drawing = _small(compared, paired, frame, output)
    small = keep(store, drawing, role=Role.THUMBNAIL, media_type=SVG_TYPE)
    return (keep(store, style, role=Role.PREVIEW, media_type=JSON_TYPE), small)


def input_maps(inputs: Inputs, *, swapped: bool, store: Store) -> tuple[Artifact, ...]:
    """Keep a map of a refused input as it was read, and where it belongs if its axes are exchanged."""
    small = keep(store, thumbnail.svg(None), role=Role.THUMBNAIL, media_type=SVG_TYPE)
    spots, shapes = _spots(inputs)
    if not spots:
        return (small,)
    style = preview.input_style(spots, swapped=swapped, shapes=shapes)
    return (keep(store, style, role=Role.INPUT_PREVIEW, media_type=JSON_TYPE), small)


def _small(
    compared: Compared, before: gpd.GeoDataFrame | None, after: gpd.GeoDataFrame, output: Output
) -> bytes:
    if compared.summary.state is not DiffState.FIRST:
        return thumbnail.svg(compared.changes, shapes=_outlines(before, after, key=output.key))
    if _are_points(after):
        return thumbnail.alone(zip(after.geometry.x, after.geometry.y, strict=True))
    steps = preview.steps(after, shade=output.shade) if output.shade else ()
    return thumbnail.outlined(after.geometry.tolist(), steps=steps)


def _outlines(before: gpd.GeoDataFrame | None, after: gpd.GeoDataFrame, *, key: str) -> dict[str, Any] | None:
    """Return the shape of each feature by its key; points have none but their place."""
    frames = [frame for frame in (before, after) if frame is not None]
    if all(_are_points(frame) for frame in frames):
        return None
    pairs = (zip(frame[key].astype(str), frame.geometry, strict=True) for frame in frames)
    return {name: shape for listed in pairs for name, shape in listed}


def _are_points(frame: gpd.GeoDataFrame) -> bool:
    return set(frame.geom_type.dropna()) <= {"Point"}


def _spots(inputs: Inputs) -> tuple[list[preview.Spot], list[Any]]:
    """Return the middle and the shape of every row that has one."""
    source, table, shapes = inputs.sources[0], inputs.table(), inputs.shapes()
    middles = shapely.centroid(shapes)
    x, y = shapely.get_x(middles), shapely.get_y(middles)
    there = np.flatnonzero(np.isfinite(x) & np.isfinite(y)).tolist()
    names = inputs.names()
    named = table.rows.column_names
    titles = table.texts(source.title).to_pylist() if source.title in named else names
    spots = [preview.Spot(key=names[n], title=titles[n], x=float(x[n]), y=float(y[n])) for n in there]
    return spots, [shapes[n] for n in there]
