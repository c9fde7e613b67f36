"""A PMTiles archive put together: tiles, the directory that leads to them, and words of our own."""

import gzip
import json
from collections.abc import Sequence
from dataclasses import asdict

import pyarrow as pa
from pmtiles.tile import (
    Compression,
    Entry,
    HeaderDict,
    TileType,
    deserialize_header,
    serialize_directory,
    serialize_header,
    tileid_to_zxy,
)

from pipelines import digest
from pipelines.formats.archive import DEGREE, HEADER_BYTES, VECTOR
from pipelines.model import Extent, Json, Labels

LABELS = "kfm:labels"
LEVEL = 4  # tiles are as small as by 6, in a third of the time
_ROOT_AT_MOST = 16_384 - HEADER_BYTES  # readers ask for so much at first
_IN_LEAF = 4096
Tile = tuple[int, bytes]  # its number on the curve through all zooms, and its content


def words(*, layer: str, labels: Labels, generator: str, vector_layers: Sequence[Json]) -> Json:
    """Return what an archive tells of itself; nothing in it is of a machine or a path."""
    return {
        "name": layer,
        "format": "pbf",
        "type": "overlay",
        "generator": generator,
        "vector_layers": list(vector_layers),
        LABELS: asdict(labels),
    }


def picture_words(*, layer: str, labels: Labels, generator: str) -> Json:
    """Return what an archive of pictures tells of itself."""
    told = words(layer=layer, labels=labels, generator=generator, vector_layers=())
    del told["vector_layers"]
    return told | {"format": "png"}


def pack(
    tiles: Sequence[Tile],
    *,
    extent: Extent,
    about: Json,
    form: tuple[TileType, Compression] = VECTOR,
) -> bytes:
    """Return the archive of `tiles`, which are in the order of their numbers and all of one form."""
    entries, offset = [], 0
    for number, content in tiles:
        entries.append(Entry(number, offset, len(content), 1))
        offset += len(content)
    root, leaves = _directories(entries)
    told = gzipped(digest.canonical(about))
    header = _header(entries, extent) | {"tile_type": form[0], "tile_compression": form[1]}
    header |= {
        "root_length": len(root),
        "metadata_offset": HEADER_BYTES + len(root),
        "metadata_length": len(told),
        "leaf_directory_offset": HEADER_BYTES + len(root) + len(told),
        "leaf_directory_length": len(leaves),
        "tile_data_offset": HEADER_BYTES + len(root) + len(told) + len(leaves),
        "tile_data_length": offset,
    }
    first: bytes = serialize_header(header)
    return b"".join((first, root, told, leaves, *(content for _, content in tiles)))


def reworded(archive: bytes, *, layer: str, labels: Labels) -> bytes:
    """Return a tiler's archive with our words in place of its own, which name paths and a command line."""
    header = deserialize_header(archive[:HEADER_BYTES])
    start, length = header["metadata_offset"], header["metadata_length"]
    told = json.loads(gzip.decompress(archive[start : start + length]))
    about = words(
        layer=layer, labels=labels, generator=told["generator"], vector_layers=told["vector_layers"]
    )
    ours = gzipped(digest.canonical(about))
    shift = len(ours) - length
    header["metadata_length"] = len(ours)
    header["leaf_directory_offset"] += shift if header["leaf_directory_offset"] > start else 0
    header["tile_data_offset"] += shift if header["tile_data_offset"] > start else 0
    first: bytes = serialize_header(header)
    return first + archive[HEADER_BYTES:start] + ours + archive[start + length :]


def gzipped(content: bytes) -> bytes:
    """Return `content` compressed by a library that is locked, not by what this Python was built with."""
    compressed: bytes = pa.Codec("gzip", compression_level=LEVEL).compress(content, asbytes=True)
    return compressed


def _directories(entries: Sequence[Entry]) -> tuple[bytes, bytes]:
    """Return the root directory and, where it would be too large, the leaves that it leads to."""
    root = _directory(entries)
    if len(root) <= _ROOT_AT_MOST:
        return root, b""
    first, leaves = [], b""
    for start in range(0, len(entries), _IN_LEAF):
        leaf = _directory(entries[start : start + _IN_LEAF])
        first.append(Entry(entries[start].tile_id, len(leaves), len(leaf), 0))
        leaves += leaf
    return _directory(first), leaves


def _directory(entries: Sequence[Entry]) -> bytes:
    return gzipped(gzip.decompress(serialize_directory(entries)))


def _header(entries: Sequence[Entry], extent: Extent) -> HeaderDict:
    west, south, east, north = (
        round(edge * DEGREE) for edge in (extent.west, extent.south, extent.east, extent.north)
    )
    numbers = [entry.tile_id for entry in (*entries[:1], *entries[-1:])] or [0, 0]  # 0: the whole world
    shallowest, deepest = (tileid_to_zxy(number)[0] for number in numbers)
    return {
        "version": 3,
        "root_offset": HEADER_BYTES,
        "root_length": 0,
        "metadata_offset": 0,
        "metadata_length": 0,
        "leaf_directory_offset": 0,
        "leaf_directory_length": 0,
        "tile_data_offset": 0,
        "tile_data_length": 0,
        "addressed_tiles_count": len(entries),
        "tile_entries_count": len(entries),
        "tile_contents_count": len(entries),
        "clustered": True,
        "internal_compression": Compression.GZIP,
        "tile_compression": VECTOR[1],
        "tile_type": VECTOR[0],
        "min_zoom": shallowest,
        "max_zoom": deepest,
        "min_lon_e7": west,
        "min_lat_e7": south,
        "max_lon_e7": east,
        "max_lat_e7": north,
        "center_zoom": shallowest,
        "center_lon_e7": (west + east) // 2,
        "center_lat_e7": (south + north) // 2,
    }
