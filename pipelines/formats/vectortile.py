"""Mapbox vector tiles read just far enough to say which values of one property are in them."""

import struct
import zlib
from collections.abc import Iterator

from pipelines.errors import ArchiveUnreadable

TILE_AT_MOST = 32 * 1024 * 1024
_LAYERS = 3
_NAME, _FEATURES, _KEYS, _VALUES = 1, 2, 3, 4
_TAGS = 2
_TEXT, _FLOAT, _DOUBLE, _SIGNED, _BOOL = 1, 2, 3, 6, 7
_VARINT, _EIGHT_BYTES, _MANY_BYTES, _FOUR_BYTES = 0, 1, 2, 5
_CONTINUES = 0x80
Field = tuple[int, int | bytes]


def texts(tile: bytes, *, layer: str, name: str) -> set[str]:
    """Return what the features of `layer` in a gzipped tile have as `name`, as texts.

    Raises:
        ArchiveUnreadable: the bytes are no vector tile.
    """
    try:
        layers = [message for field, message in _fields(_opened(tile)) if field == _LAYERS]
        return {text for message in layers for text in _in_layer(_bytes(message), layer=layer, name=name)}
    except (zlib.error, struct.error, IndexError, UnicodeDecodeError) as cause:
        raise ArchiveUnreadable(f"A vector tile cannot be read ({cause!r}): cut the tiles again.") from cause


def _opened(tile: bytes) -> bytes:
    stream = zlib.decompressobj(wbits=31)
    opened = stream.decompress(tile, TILE_AT_MOST)
    if not stream.eof:
        raise ArchiveUnreadable(
            f"A vector tile is cut off or has more than {TILE_AT_MOST:,} bytes: cut it again."
        )
    return opened


def _in_layer(message: bytes, *, layer: str, name: str) -> set[str]:
    parts: dict[int, list[bytes]] = {_NAME: [], _FEATURES: [], _KEYS: [], _VALUES: []}
    for field, value in _fields(message):
        if field in parts:
            parts[field].append(_bytes(value))
    if parts[_NAME] != [layer.encode()] or name.encode() not in parts[_KEYS]:
        return set()
    wanted = parts[_KEYS].index(name.encode())
    used = {_tagged(feature, wanted=wanted) for feature in parts[_FEATURES]}
    return {_text(parts[_VALUES][number]) for number in used if number is not None}


def _tagged(feature: bytes, *, wanted: int) -> int | None:
    """Return the number of the value that a feature has for the key number `wanted`."""
    for field, value in _fields(feature):
        if field == _TAGS:
            tags = _bytes(value)
            numbers = tags if tags.isascii() else tuple(_varints(tags))
            keys = numbers[0::2]
            return numbers[1::2][keys.index(wanted)] if wanted in keys else None
    return None


def _fields(message: bytes) -> Iterator[Field]:
    """Yield each field of a protobuf message: its number, and an integer or the bytes of it."""
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        kind = tag & 7
        if kind == _VARINT:
            value, at = _varint(message, at)
            yield tag >> 3, value
            continue
        if kind == _MANY_BYTES:
            length, at = _varint(message, at)
        elif kind in {_EIGHT_BYTES, _FOUR_BYTES}:
            length = 8 if kind == _EIGHT_BYTES else 4
        else:
            raise ArchiveUnreadable(f"A vector tile has a field of unknown kind {kind}: cut the tiles again.")
        if at + length > len(message):
            raise IndexError(at + length)
        yield tag >> 3, message[at : at + length]
        at += length


def _varint(message: bytes, at: int) -> tuple[int, int]:
    byte = message[at]
    at += 1
    if byte < _CONTINUES:
        return byte, at
    value, shift = byte & 0x7F, 7
    while byte >= _CONTINUES:
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
    return value, at


def _varints(packed: bytes) -> Iterator[int]:
    at = 0
    while at < len(packed):
        value, at = _varint(packed, at)
        yield value


def _bytes(value: int | bytes) -> bytes:
    if isinstance(value, bytes):
        return value
    raise ArchiveUnreadable("A vector tile has a number where bytes belong: cut the tiles again.")


def _text(message: bytes) -> str:
    field, value = next(_fields(message))
    if isinstance(value, int):
        number = (value >> 1) ^ -(value & 1) if field == _SIGNED else value
        return str(bool(number)).lower() if field == _BOOL else str(number)
    if field == _TEXT:
        return value.decode()
    (real,) = struct.unpack("<d" if field == _DOUBLE else "<f", value)
    return str(int(real)) if float(real).is_integer() else repr(real)
