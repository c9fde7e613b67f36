"""Small pictures of up to 256 colours as PNG, written and read back without a graphics library."""

import struct
import zlib
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_DEPTH, _PALETTE = 8, 3
_GZIP_HEAD, _GZIP_TAIL = 10, 8
_ZLIB_HEAD = b"\x78\x9c"
LEVEL = 6
_HEAD = ">IIBBBBB"
Pixels = NDArray[np.uint8]  # numbers of colours


class NotAPicture(ValueError):
    """The bytes are no picture of this form."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """Pixels by number, and what the numbers mean: red, green, blue and how opaque."""

    pixels: Pixels
    colours: NDArray[np.uint8]

    @property
    def opaque(self) -> NDArray[np.bool_]:
        """Return which pixels are painted at all."""
        painted: NDArray[np.bool_] = self.colours[self.pixels, 3] > 0
        return painted


def write(pixels: Pixels, colours: NDArray[np.uint8]) -> bytes:
    """Return a picture; compressed by a library that is locked, not by what this Python was built with."""
    high, wide = pixels.shape
    lines = np.zeros((high, wide + 1), np.uint8)  # each line begins with its filter, which is none
    lines[:, 1:] = pixels
    raw = lines.tobytes()
    gzipped: bytes = pa.Codec("gzip", compression_level=LEVEL).compress(raw, asbytes=True)
    packed = _ZLIB_HEAD + gzipped[_GZIP_HEAD:-_GZIP_TAIL] + struct.pack(">I", zlib.adler32(raw))
    parts = (
        (b"IHDR", struct.pack(_HEAD, wide, high, _DEPTH, _PALETTE, 0, 0, 0)),
        (b"PLTE", colours[:, :3].tobytes()),
        (b"tRNS", colours[:, 3].tobytes()),
        (b"IDAT", packed),
        (b"IEND", b""),
    )
    return _SIGNATURE + b"".join(_part(name, content) for name, content in parts)


def read(content: bytes) -> Picture:
    """Return a picture that `write` wrote.

    Raises:
        NotAPicture: it is none, or of another form.
    """
    if not content.startswith(_SIGNATURE):
        raise NotAPicture("It does not begin as a PNG does.")
    parts = _parts(content)
    try:
        wide, high, depth, kind, *rest = struct.unpack(_HEAD, parts[b"IHDR"])
        if (depth, kind, *rest) != (_DEPTH, _PALETTE, 0, 0, 0):
            raise NotAPicture("It is not a picture of up to 256 colours.")
        inflate = zlib.decompressobj()
        raw = inflate.decompress(parts[b"IDAT"], high * (wide + 1))
        lines = np.frombuffer(raw, np.uint8).reshape(high, wide + 1)
        painted = np.frombuffer(parts[b"PLTE"], np.uint8).reshape(-1, 3)
        opacity = np.frombuffer(parts[b"tRNS"], np.uint8).reshape(-1, 1)
        colours = np.hstack((painted, opacity))
    except (KeyError, ValueError, struct.error, zlib.error) as cause:
        raise NotAPicture(f"It is damaged: {cause}.") from cause
    if lines[:, 0].any() or lines[:, 1:].max(initial=0) >= len(colours):
        raise NotAPicture("Its lines are filtered, or have colours that are not in its table.")
    return Picture(pixels=lines[:, 1:], colours=colours)


def _part(name: bytes, content: bytes) -> bytes:
    told = name + content
    return struct.pack(">I", len(content)) + told + struct.pack(">I", zlib.crc32(told))


def _parts(content: bytes) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = {}
    at = len(_SIGNATURE)
    while at + 12 <= len(content):
        (length,) = struct.unpack_from(">I", content, at)
        name, body = content[at + 4 : at + 8], content[at + 8 : at + 8 + length]
        told = content[at + 8 + length : at + 12 + length]
        if told != struct.pack(">I", zlib.crc32(name + body)):
            raise NotAPicture(f"Its part {name!r} is damaged or cut off.")
        found[name] = found.get(name, b"") + body
        at += 12 + length
    return found
