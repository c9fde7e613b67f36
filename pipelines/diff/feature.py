"""How one feature differs from its older self: its columns as text, how far it went, what kind it is."""

from collections.abc import Mapping
from math import asin, cos, radians, sin, sqrt
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from pipelines.diff import cell
from pipelines.diff.changes import Change, ColumnChange, Kind, Position
from pipelines.diff.layer import GEOMETRY
from pipelines.errors import NotComparable

EARTH_RADIUS_M = 6_371_008.8
FARTHEST_EAST, FARTHEST_NORTH = 180.0, 90.0
Row = Mapping[str, Any]  # its geometry is a shape
Shape = BaseGeometry | None


def change(
    old: Row | None,
    new: Row | None,
    *,
    key: str,
    title: str,
    differs: Mapping[str, bool],
    moved_over_m: float,
) -> Change | None:
    """Return what happened between two rows of one key, or None if only the geometry's spelling did.

    `differs` says of every column but the key, in the order in which they are listed, whether it differs.
    """
    differing = [name for name, flag in differs.items() if flag]
    shapes = tuple(None if row is None else row[GEOMETRY] for row in (old, new))
    if old and new and GEOMETRY in differing and _same_shape(*shapes):
        differing = [name for name in differing if name != GEOMETRY]
        if not differing:
            return None
    before, after = (_position(shape) for shape in shapes)
    went = metres(before, after) if before and after and GEOMETRY in differing else None
    texts = _texts(old), _texts(new)
    if not (old and new):
        differing = [name for name in differs if name in (texts[0] or texts[1])]
    columns = tuple(
        ColumnChange(name=name, old=texts[0].get(name), new=texts[1].get(name)) for name in differing
    )
    moved = went is not None and went > moved_over_m and all(_is_point(shape) for shape in shapes)
    kind = _kind(old, new, moved=moved)
    here = texts[1] if new else texts[0]
    return Change(
        kind=kind,
        key=here[key] or "",
        title=here.get(title) or here[key] or "",
        before=before,
        after=after,
        distance_m=None if went is None else round(went, 1),
        decimals_only=kind is Kind.CHANGED
        and all(cell.only_decimals(column.old, column.new) for column in columns),
        columns=columns,
        same=tuple((name, here[name]) for name in differs if name in here and name not in differing),
    )


def metres(a: Position, b: Position) -> float:
    """Return the great-circle distance on a sphere of the Earth's mean radius (within 0.6 % of WGS 84's)."""
    for place in (a, b):
        if not (abs(place.lon) <= FARTHEST_EAST and abs(place.lat) <= FARTHEST_NORTH):
            raise NotComparable(
                f"{place.lon}, {place.lat} is no place on Earth: mend the coordinates or their CRS."
            )
    half_lat, half_lon = radians(b.lat - a.lat) / 2, radians(b.lon - a.lon) / 2
    chord = sin(half_lat) ** 2 + cos(radians(a.lat)) * cos(radians(b.lat)) * sin(half_lon) ** 2
    return 2 * EARTH_RADIUS_M * asin(min(1.0, sqrt(chord)))


def _same_shape(old: Shape, new: Shape) -> bool:
    if old is None or new is None:
        return old is new
    return bool(shapely.equals_identical(shapely.normalize(old), shapely.normalize(new)))


def _is_point(shape: Shape) -> bool:
    return isinstance(shape, shapely.Point)


def _position(shape: Shape) -> Position | None:
    if shape is None or shape.is_empty:
        return None
    middle = shape if isinstance(shape, shapely.Point) else shape.centroid
    return Position(lon=middle.x, lat=middle.y)


def _kind(old: Row | None, new: Row | None, *, moved: bool) -> Kind:
    if old is None:
        return Kind.ADDED
    if new is None:
        return Kind.REMOVED
    return Kind.MOVED if moved else Kind.CHANGED


def _texts(row: Row | None) -> dict[str, str | None]:
    return {
        name: cell.place(value) if name == GEOMETRY else cell.text(value)
        for name, value in (row or {}).items()
    }
