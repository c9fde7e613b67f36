"""Tiles of what changed: a point for each feature, by which the desk draws more changes than it can list."""

from collections.abc import Iterator

import geopandas
import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from pipelines.formats import packing, pointtiles
from pipelines.model import Extent, Labels

LAYER = "changes"
SHALLOWEST, SURE, DEEPEST = 3, 8, 14
FEW, FEW_AT = 2_500, 5  # of each kind so many are always shown from that zoom on, and fewer before
FULL, IN_TILE = (
    6_000,
    12_000,
)  # what a tile of the deepest zoom should hold, and what others may: 16,000 break
_IN_CHUNK = 50_000
_SIDE = 1 << DEEPEST
_FIELDS = {"kind": "String", "key": "String", "title": "String", "decimals_only": "Boolean"}
_Numbers = NDArray[np.int64]


def write(marks: pa.Table, *, labels: Labels) -> bytes:
    """Return the archive of `marks`: kind, key, title, decimals_only, lon and lat of each change.

    Every change is in the deepest zoom. Above it each kind is thinned by itself, so that a few that moved are
    seen beside a hundred thousand that changed.
    """
    lon, lat = (marks[name].to_numpy() for name in ("lon", "lat"))
    kinds = _kinds(marks)
    across, down = _places(lon, lat)
    deepest = _deepest(across, down)
    tiles: list[packing.Tile] = []
    for zoom in range(SHALLOWEST, deepest + 1):
        for rows in _chunks(kinds, across, down, zoom=zoom, deepest=deepest):
            shapes = shapely.points(lon[rows], lat[rows])
            frame = geopandas.GeoDataFrame(
                marks.select(list(_FIELDS)).take(rows).to_pandas(), geometry=shapes, crs="EPSG:4326"
            )
            tiles += pointtiles.cut(frame, layer=LAYER, shallowest=zoom, all_from=zoom, deepest=zoom)
    about = packing.words(
        layer=LAYER,
        labels=labels,
        generator="kfm-pipelines",
        vector_layers=[
            {"id": LAYER, "description": "", "minzoom": SHALLOWEST, "maxzoom": deepest, "fields": _FIELDS}
        ],
    )
    return packing.pack(sorted(tiles), extent=_extent(lon, lat), about=about)


def _extent(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> Extent:
    if not len(lon):
        return Extent(west=0, south=0, east=0, north=0)
    edges = (float(edge) for edge in (lon.min(), lat.min(), lon.max(), lat.max()))
    west, south, east, north = edges
    return Extent(west=west, south=south, east=east, north=north)


def _kinds(marks: pa.Table) -> list[_Numbers]:
    """Return the rows of each kind, those first that are seen from afar; decimals only are a kind too."""
    kind = marks["kind"].combine_chunks().dictionary_encode().indices.to_numpy()
    shown = kind * 2 + marks["decimals_only"].to_numpy()
    chance = _scattered(len(shown))
    rows = (np.flatnonzero(shown == one) for one in np.unique(shown))
    return [kind[np.argsort(chance[kind], kind="stable")] for kind in rows]


def _scattered(count: int) -> NDArray[np.uint64]:
    """Return a number for each row, as if by chance yet always the same: every n-th would be a pattern."""
    mixed = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    return np.asarray(mixed ^ (mixed >> np.uint64(31)))


def _places(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> tuple[_Numbers, _Numbers]:
    """Return column and row of the tile of the deepest possible zoom in which each point is."""
    x, y = pointtiles.square(lon, lat)
    tiles = (np.minimum(np.floor(along * _SIDE), _SIDE - 1).astype(np.int64) for along in (x, y))
    across, down = tiles
    return across, down


def _tile(across: _Numbers, down: _Numbers, zoom: int) -> _Numbers:
    return np.asarray((across >> (DEEPEST - zoom)) * _SIDE + (down >> (DEEPEST - zoom)))


def _quota(kind: _Numbers, *, zoom: int, deepest: int) -> int:
    """Return how many of a kind are shown at a zoom: at each further one four times as many."""
    some = FEW * 4.0 ** min(0, zoom - FEW_AT)
    return min(len(kind), max(1, round(max(some, len(kind) / 4.0 ** (deepest - zoom)))))


def _deepest(across: _Numbers, down: _Numbers) -> int:
    """Return the first zoom whose tiles are not too full when they hold everything, or the last there is."""
    for zoom in range(SURE, DEEPEST):
        if np.unique(_tile(across, down, zoom), return_counts=True)[1].max(initial=0) <= FULL:
            return zoom
    return DEEPEST


def _chunks(
    kinds: list[_Numbers], across: _Numbers, down: _Numbers, *, zoom: int, deepest: int
) -> Iterator[_Numbers]:
    """Yield the rows that are shown at a zoom, some whole tiles at a time."""
    if not kinds:
        return
    shown = [kind[: _quota(kind, zoom=zoom, deepest=deepest)] for kind in kinds]
    kept = np.sort(np.concatenate(shown))
    tile = _tile(across[kept], down[kept], zoom)
    order = np.argsort(tile, kind="stable")
    kept, tile = kept[order], tile[order]
    _, starts, counts = np.unique(tile, return_index=True, return_counts=True)
    if zoom < deepest:
        place = np.arange(len(kept)) - np.repeat(starts, counts)
        right = place % np.repeat(-(-counts // IN_TILE), counts) == 0
        kept, tile = kept[right], tile[right]
        _, starts, counts = np.unique(tile, return_index=True, return_counts=True)
    begin = 0
    for end in (starts + counts).tolist():
        if end - begin >= _IN_CHUNK or end == len(kept):
            yield kept[begin:end]
            begin = end
