"""Shapes as GeoJSON features of the style: rounded, and simplified where there would be too much of them."""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from pipelines.model import Json

DECIMALS = 6
POINTS_AT_MOST = 140_000  # some 3 MB of style
_TOLERANCES = (1e-5, 1e-4)  # degrees: 1 m, 10 m
Place = tuple[float, float]
Shapes = NDArray[Any]  # shapely's geometries, or None
_WITH_PARTS = (shapely.GeometryType.GEOMETRYCOLLECTION, shapely.GeometryType.LINEARRING)
_SEVERAL = (shapely.multipoints, shapely.multilinestrings, shapely.multipolygons)


def dot(place: Place, said: Json) -> Json:
    """Return a point."""
    return feature({"type": "Point", "coordinates": _round(place)}, said)


def line(start: Place, end: Place, said: Json) -> Json:
    """Return a straight line."""
    return feature({"type": "LineString", "coordinates": [_round(start), _round(end)]}, said)


def feature(geometry: Json, said: Json) -> Json:
    """Return any shape with what is said of it."""
    return {"type": "Feature", "geometry": geometry, "properties": said}


def drawable(shapes: Shapes) -> NDArray[np.bool_]:
    """Say of each shape whether it has a place at all."""
    box = shapely.bounds(shapes)
    there: NDArray[np.bool_] = np.isfinite(box).all(axis=1) & ~shapely.is_empty(shapes)
    return there


def light(shapes: Shapes) -> Shapes:
    """Return drawable shapes without heights, in few enough points: simplified by 10 m at most."""
    flat = shapely.force_2d(shapes)
    for tolerance in _TOLERANCES:
        if shapely.get_num_coordinates(flat).sum() <= POINTS_AT_MOST:
            break
        flat = shapely.simplify(flat, tolerance, preserve_topology=True)
    return flat


def heavy(shapes: Shapes) -> bool:
    """Say whether shapes are too much for a style even when simplified."""
    most = 2 * POINTS_AT_MOST
    if shapely.get_num_coordinates(shapes).sum() <= most:
        return False
    return bool(shapely.get_num_coordinates(light(shapes[drawable(shapes)])).sum() > most)


def geometries(shapes: Shapes) -> list[Json]:
    """Return shapes as GeoJSON with six decimals: 11 cm."""
    plain = np.array([_plain(shape) for shape in shapes], dtype=object)
    if not plain.size:
        return []
    rounded = shapely.transform(plain, lambda places: np.round(places, DECIMALS))
    return [json.loads(text) for text in shapely.to_geojson(rounded)]


def middles(shapes: Shapes) -> list[Place]:
    """Return a place inside each drawable shape."""
    inside = shapely.point_on_surface(shapes)
    lost = ~drawable(inside)
    inside[lost] = shapely.centroid(shapes[lost])
    return list(zip(shapely.get_x(inside).tolist(), shapely.get_y(inside).tolist(), strict=True))


def bounds(parts: Sequence[Shapes]) -> list[float] | None:
    """Return the box around shapes: west, south, east, north; None where there is none."""
    there = [part[drawable(part)] for part in parts if len(part)]
    boxes = [shapely.total_bounds(part) for part in there if len(part)]
    if not boxes:
        return None
    edges = np.array(boxes)
    box = (*edges[:, :2].min(axis=0), *edges[:, 2:].max(axis=0))
    return [round(float(edge), DECIMALS) for edge in box]


def _plain(shape: Any) -> Any:
    """Return a collection as the parts of it that show most, and a ring as a line."""
    if shapely.get_type_id(shape) not in _WITH_PARTS:
        return shape
    if shapely.get_type_id(shape) == shapely.GeometryType.LINEARRING:
        return shapely.linestrings(shapely.get_coordinates(shape))
    parts = _parts(shape)
    high = int(shapely.get_dimensions(parts).max(initial=0))
    return _SEVERAL[high](parts[shapely.get_dimensions(parts) == high])


def _parts(shape: Any) -> Shapes:
    """Return the single parts of a collection, however deep it is."""
    parts = shapely.get_parts(shape)
    while (shapely.get_num_geometries(parts) != 1).any() or (
        shapely.get_type_id(parts) > shapely.GeometryType.POLYGON
    ).any():
        parts = shapely.get_parts(parts)
    return parts


def _round(place: Place) -> list[float]:
    return [round(float(number), DECIMALS) for number in place]
