"""A PMTiles archive read back through its directory, without the tiler."""

import gzip
import json
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from pmtiles.tile import (
    Compression,
    HeaderDict,
    MagicNumberNotFound,
    SpecVersionUnsupported,
    TileType,
    deserialize_directory,
    deserialize_header,
    tileid_to_zxy,
)

from pipelines.errors import ArchiveUnreadable
from pipelines.formats import vectortile
from pipelines.model import Extent, Json

HEADER_BYTES = 127
DEGREE = 10**7
VECTOR = TileType.MVT, Compression.GZIP
PICTURES = TileType.PNG, Compression.NONE
_DEEPEST_DIRECTORY = 3
_BROKEN = (
    MagicNumberNotFound,
    SpecVersionUnsupported,
    OSError,
    EOFError,
    LookupError,
    ValueError,
    zlib.error,
    struct.error,
)
_Tile = tuple[tuple[int, int, int], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """What an archive says of itself, and the bytes of every tile by zoom, column and row."""

    shallowest: int
    deepest: int
    extent: Extent
    words: Json
    tiles: tuple[_Tile, ...]
    pictures: bool = False

    def texts(self, *, layer: str, name: str) -> set[str]:
        """Return what features have as `name` in any tile of the deepest zoom."""
        deep = (tile for (zoom, _, _), tile in self.tiles if zoom == self.deepest)
        return {text for tile in deep for text in vectortile.texts(tile, layer=layer, name=name)}


def read(content: bytes) -> Archive:
    """Read an archive.

    Raises:
        ArchiveUnreadable: it is not PMTiles 3 with gzipped vector tiles or with pictures, or its directory
            leads nowhere.
    """
    try:
        header = deserialize_header(content[:HEADER_BYTES])
        words = json.loads(
            gzip.decompress(_part(content, header["metadata_offset"], header["metadata_length"]))
        )
        tiles = tuple(_tiles(content, header, header["root_offset"], header["root_length"], 0))
    except _BROKEN as cause:
        raise ArchiveUnreadable(f"The tile archive cannot be read ({cause!r}): cut it again.") from cause
    form = header["tile_type"], header["tile_compression"]
    if form not in {VECTOR, PICTURES} or len(tiles) != header["addressed_tiles_count"]:
        raise ArchiveUnreadable(
            "The archive has not the tiles that it counts, in a form we cut: cut it again."
        )
    return Archive(
        shallowest=header["min_zoom"],
        deepest=header["max_zoom"],
        extent=Extent(
            west=header["min_lon_e7"] / DEGREE,
            south=header["min_lat_e7"] / DEGREE,
            east=header["max_lon_e7"] / DEGREE,
            north=header["max_lat_e7"] / DEGREE,
        ),
        words=words,
        tiles=tiles,
        pictures=form == PICTURES,
    )


def _tiles(content: bytes, header: HeaderDict, offset: int, length: int, depth: int) -> Iterator[_Tile]:
    if depth > _DEEPEST_DIRECTORY:
        raise ValueError("directories in directories without end")  # worded by read()
    for entry in deserialize_directory(_part(content, offset, length)):
        if entry.run_length == 0:
            leaf = header["leaf_directory_offset"] + entry.offset
            yield from _tiles(content, header, leaf, entry.length, depth + 1)
            continue
        tile = _part(content, header["tile_data_offset"] + entry.offset, entry.length)
        for number in range(entry.tile_id, entry.tile_id + entry.run_length):
            yield tileid_to_zxy(number), tile


def _part(content: bytes, offset: int, length: int) -> bytes:
    if offset < 0 or offset + length > len(content):
        raise EOFError(f"{offset} + {length} is past the end")
    return content[offset : offset + length]
