"""Vector tiles of points, cut in this process: a few thousand take a quarter of a tiler's time."""

import datetime as dt
import struct
from collections.abc import Sequence
from functools import lru_cache
from math import pi

import geopandas
import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray
from pmtiles.tile import zxy_to_tileid

from pipelines.formats.packing import Tile, gzipped

EXTENT = 1 << 14
POLE = 85.0511287798066  # where the Mercator square ends
_NAME, _KEYS, _VALUES, _SIZE, _VERSION = 1, 3, 4, 5, 15
# Of a feature: what begins it, its tags, and its geometry, which is of a point and has one command.
_FEATURE, _TAGS, _IS_POINT, _MOVE_TO = b"\x12", b"\x12", b"\x18\x01\x22", b"\x09"
_TEXT, _DOUBLE, _SIGNED, _BOOL = 1, 3, 6, 7
_LAYERS = 3
_EXACT = 2**53
_BYTE = 0x7F
_Numbers = NDArray[np.int64]
Value = str | int | float | bool | dt.date | None


def cut(
    frame: geopandas.GeoDataFrame, *, layer: str, shallowest: int, all_from: int, deepest: int
) -> list[Tile]:
    """Return tiles in order; above the zoom `all_from` every n-th point, as the layer is ordered."""
    shapes = frame.geometry.to_numpy()
    placed = np.flatnonzero(~(shapely.is_missing(shapes) | shapely.is_empty(shapes)))
    x, y = square(shapely.get_x(shapes[placed]), shapely.get_y(shapes[placed]))
    names = [column for column in frame.columns if column != frame.geometry.name]
    rows = _rows(frame[names].take(placed))
    tiles = []
    for zoom in range(shallowest, deepest + 1):
        kept = np.arange(0, len(placed), round(2.5 ** max(0, all_from - zoom)))
        for (column, row), points in _grouped(x, y, kept, zoom=zoom).items():
            content = gzipped(_tile(layer, names, points, rows))
            tiles.append((zxy_to_tileid(zoom, column, row), content))
    return sorted(tiles)


def square(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
    """Return places in the Mercator square, whose sides are 1 long."""
    north = np.arcsinh(np.tan(np.radians(np.clip(lat, -POLE, POLE))))
    return np.clip(lon / 360 + 0.5, 0, 1), np.clip(0.5 - north / (2 * pi), 0, 1)


_Point = tuple[int, int, int]  # its row in the layer, and where it is in its tile


def _grouped(
    x: NDArray[np.float64], y: NDArray[np.float64], kept: _Numbers, *, zoom: int
) -> dict[tuple[int, int], list[_Point]]:
    """Return by tile which of the `kept` points are in it."""
    side = 1 << zoom
    columns, across = _split(x[kept], side)
    rows, down = _split(y[kept], side)
    tiles: dict[tuple[int, int], list[_Point]] = {}
    for number, column, row, right, below in zip(
        *(part.tolist() for part in (kept, columns, rows, across, down)), strict=True
    ):
        tiles.setdefault((column, row), []).append((number, right, below))
    return tiles


def _split(along: NDArray[np.float64], side: int) -> tuple[_Numbers, _Numbers]:
    """Return in which tile along one axis places are, and where in it."""
    tile = np.minimum(np.floor(along * side), side - 1)
    within = np.clip(np.rint((along * side - tile) * EXTENT), 0, EXTENT - 1)
    return tile.astype(np.int64), within.astype(np.int64)


_Row = list[tuple[bytes, bytes]]  # of each property that has a value: the number of its name, and its value


def _rows(plain: geopandas.GeoDataFrame) -> list[_Row]:
    """Return each feature's properties, encoded once for all zooms."""
    columns = pa.Table.from_pandas(plain, preserve_index=False).to_pydict()
    encoded = [_column(values) for values in columns.values()]
    tags = [_varint(number) for number in range(len(encoded))]
    return [
        [(tag, value) for tag, value in zip(tags, row, strict=True) if value is not None]
        for row in zip(*encoded, strict=True)
    ]


def _column(values: Sequence[Value]) -> list[bytes | None]:
    known = {value: _message(_VALUES, _value(value)) for value in set(values) if value is not None}
    return [None if value is None else known[value] for value in values]


def _value(value: Value) -> bytes:
    if isinstance(value, str):
        return _message(_TEXT, value.encode())
    return _number(value) if isinstance(value, int | float) else _value(_spelt(value))


def _number(value: float) -> bytes:
    if isinstance(value, bool):
        return _tag(_BOOL, 0) + _varint(value)
    if (isinstance(value, int) or value.is_integer()) and abs(value) < _EXACT:
        whole = int(value)
        return _tag(_SIGNED, 0) + _varint((whole << 1) ^ (whole >> 63))
    return _tag(_DOUBLE, 1) + struct.pack("<d", value)


def _spelt(value: object) -> str:
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def _tile(layer: str, names: Sequence[str], points: Sequence[_Point], rows: Sequence[_Row]) -> bytes:
    numbers: dict[bytes, bytes] = {}  # of values; they stand in this order at the end
    features: list[bytes] = []
    for row, right, below in points:
        tags: list[bytes] = []
        for tag, value in rows[row]:
            number = numbers.get(value)
            if number is None:
                number = numbers[value] = _varint(len(numbers))
            tags += (tag, number)
        told = b"".join(tags)
        place = _MOVE_TO + _varint(right << 1) + _varint(below << 1)
        feature = b"".join((_TAGS, _varint(len(told)), told, _IS_POINT, _varint(len(place)), place))
        features += (_FEATURE, _varint(len(feature)), feature)
    parts = (
        _tag(_VERSION, 0) + _varint(2),
        _message(_NAME, layer.encode()),
        *features,
        *(_message(_KEYS, name.encode()) for name in names),
        *numbers,
        _tag(_SIZE, 0) + _varint(EXTENT),
    )
    return _message(_LAYERS, b"".join(parts))


def _message(field: int, content: bytes) -> bytes:
    return _tag(field, 2) + _varint(len(content)) + content


def _tag(field: int, kind: int) -> bytes:
    return bytes((field << 3 | kind,))


@lru_cache(maxsize=4 * EXTENT)
def _varint(number: int) -> bytes:
    groups = []
    while number > _BYTE:
        groups.append(number & _BYTE | 0x80)
        number >>= 7
    return bytes((*groups, number))
