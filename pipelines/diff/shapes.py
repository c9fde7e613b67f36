"""Shapes by the column: as WKB, as middles, as texts; points without an object for each of them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]
POINT_BYTES = 21
_POINT = np.dtype([("order", "<u1"), ("kind", "<u4"), ("x", "<f8"), ("y", "<f8")])
_LITTLE_ENDIAN, _KIND_POINT = 1, 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Middles:
    """Of each shape its middle, not a number where there is none; whether it is a point, and a flat one."""

    x: Numbers
    y: Numbers
    points: Flags
    flat: Flags

    @property
    def there(self) -> Flags:
        """Return which shapes have a middle."""
        return ~np.isnan(self.x)


def wkb(shapes: NDArray[Any]) -> pa.Array:
    """Return shapes as WKB; an array of plain points is written at once."""
    plain = shapely.get_type_id(shapes) == shapely.GeometryType.POINT
    if not len(shapes) or not plain.all() or _uncommon(shapes).any():
        return pa.array(shapely.to_wkb(shapes), type=pa.binary())
    made = np.empty(len(shapes), dtype=_POINT)
    made["order"], made["kind"] = _LITTLE_ENDIAN, _KIND_POINT
    made["x"], made["y"] = shapely.get_x(shapes), shapely.get_y(shapes)
    starts = np.arange(0, POINT_BYTES * (len(shapes) + 1), POINT_BYTES, dtype=np.int32)
    return pa.Array.from_buffers(
        pa.binary(), len(shapes), [None, pa.py_buffer(starts), pa.py_buffer(made.tobytes())]
    )


def _uncommon(shapes: NDArray[Any]) -> Flags:
    return np.asarray(shapely.is_empty(shapes) | shapely.has_z(shapes) | shapely.has_m(shapes))


def middles(column: pa.Array) -> Middles:
    """Return the middle of each shape of a column of WKB."""
    there = column.is_valid().to_numpy(zero_copy_only=False)
    found = _middles(column.drop_null())
    if there.all():
        return found
    x, y = np.full(len(there), np.nan), np.full(len(there), np.nan)
    points, flat = np.zeros(len(there), dtype=bool), np.zeros(len(there), dtype=bool)
    x[there], y[there], points[there], flat[there] = found.x, found.y, found.points, found.flat
    return Middles(x=x, y=y, points=points, flat=flat)


def _middles(column: pa.Array) -> Middles:
    plain = _plain(column)
    if plain is not None:
        every = np.ones(len(column), dtype=bool)
        return Middles(x=plain["x"], y=plain["y"], points=every, flat=every)
    shapes = shapely.from_wkb(column.to_numpy(zero_copy_only=False))
    points = shapely.get_type_id(shapes) == shapely.GeometryType.POINT
    flat = points & ~(shapely.has_z(shapes) | shapely.has_m(shapes))
    middle = np.where(points, shapes, shapely.centroid(shapes))
    middle[shapely.is_empty(middle)] = None  # GEOS refuses to say where that is
    return Middles(x=shapely.get_x(middle), y=shapely.get_y(middle), points=points, flat=flat)


def same(old: pa.Array, new: pa.Array) -> Flags:
    """Say of each pair whether both are one shape, though it may be spelt in two ways."""
    one, other = _plain(old), _plain(new)
    if one is not None and other is not None:
        return np.asarray((one["x"] == other["x"]) & (one["y"] == other["y"]))
    pair = (shapely.from_wkb(side.to_numpy(zero_copy_only=False)) for side in (old, new))
    left, right = (shapely.normalize(side) for side in pair)
    both_none = shapely.is_missing(left) & shapely.is_missing(right)
    return np.asarray(both_none | shapely.equals_identical(left, right))


def wkt(column: pa.Array) -> pa.Array:
    """Return each shape as text, with every digit that it has."""
    shapes = shapely.from_wkb(column.to_numpy(zero_copy_only=False))
    return pa.array(shapely.to_wkt(shapes, rounding_precision=-1), pa.string())


def _plain(column: pa.Array) -> NDArray[Any] | None:
    """Return the points of a column, or None if there is anything else in it."""
    if column.null_count or not len(column):
        return None
    _, starts, content = column.buffers()
    wide = np.int64 if pa.types.is_large_binary(column.type) else np.int32
    at = np.frombuffer(starts, dtype=wide)[column.offset : column.offset + len(column) + 1]
    if at[-1] - at[0] != POINT_BYTES * len(column) or (np.diff(at) != POINT_BYTES).any():
        return None
    read = np.frombuffer(content, dtype=_POINT, count=len(column), offset=int(at[0]))
    right = (read["order"] == _LITTLE_ENDIAN) & (read["kind"] == _KIND_POINT)
    return read if right.all() and not (np.isnan(read["x"]) | np.isnan(read["y"])).any() else None
