"""The bones of a TIFF file: its directories and where they say that the cells stand; nothing is decoded."""

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from pipelines.errors import Stopped

DIRECTORIES_AT_MOST = 64
_SIZES = {
    1: 1,
    2: 1,
    3: 2,
    4: 4,
    5: 8,
    6: 1,
    7: 1,
    8: 2,
    9: 4,
    10: 8,
    11: 4,
    12: 8,
    13: 4,
    16: 8,
    17: 8,
    18: 8,
}
_WHOLE = {1: "u1", 3: "u2", 4: "u4", 13: "u4", 16: "u8"}
_PURPOSE, _WIDTH, _HEIGHT, _BITS, _SAMPLES = 254, 256, 257, 258, 277
_STRIPS, _ROWS, _STRIP_BYTES = 273, 278, 279
_TILE_WIDTH, _TILE_HEIGHT, _TILES, _TILE_BYTES = 322, 323, 324, 325
_READ = {
    *(_PURPOSE, _WIDTH, _HEIGHT, _BITS, _SAMPLES, _STRIPS, _ROWS, _STRIP_BYTES),
    *(_TILE_WIDTH, _TILE_HEIGHT, _TILES, _TILE_BYTES),
}
_REDUCED, _MASK = 1, 4
_Whole = NDArray[np.uint64]


class NotWhole(Stopped):
    """A file is no TIFF, or leads beyond its own end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """One image of a file: its size, and where each of its blocks stands."""

    at: int
    width: int
    height: int
    samples: int
    bits: int
    block: tuple[int, int]  # columns and rows of a block
    tiled: bool
    reduced: bool
    mask: bool
    offsets: _Whole = field(repr=False)
    lengths: _Whole = field(repr=False)

    @property
    def decoded(self) -> int:
        """Return how many bytes its cells take, and a block of them if that is more."""
        each = self.samples * self.bits / 8
        return int(max(self.width * self.height, self.block[0] * self.block[1]) * each)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Form:
    """How numbers are written: `<` or `>`, and with how many bytes places are told."""

    order: str
    wide: bool

    def number(self, content: bytes, at: int, letter: str) -> int:
        """Return a number that stands at a place."""
        size = struct.calcsize(letter)
        if at < 0 or at + size > len(content):
            raise NotWhole(f"It ends at byte {len(content):,}, before what should stand at {at:,}.")
        found: int = struct.unpack_from(self.order + letter, content, at)[0]
        return found


def directories(content: bytes) -> tuple[Directory, ...]:
    """Return every image in the order of the file.

    Raises:
        NotWhole: the file is no TIFF, a directory or a block lies beyond its end, or directories go round.
    """
    orders = {b"II": "<", b"MM": ">"}
    if content[:2] not in orders:
        raise NotWhole("It does not begin as a TIFF does.")
    form = _Form(order=orders[content[:2]], wide=False)
    version = form.number(content, 2, "H")
    if version not in {42, 43}:
        raise NotWhole(f"It calls itself a TIFF of version {version}, which there is not.")
    form = _Form(order=form.order, wide=version == 43)  # noqa: PLR2004  # the number of BigTIFF
    at = form.number(content, 8, "Q") if form.wide else form.number(content, 4, "I")
    found: dict[int, Directory] = {}
    while at:
        if at in found or len(found) >= DIRECTORIES_AT_MOST:
            raise NotWhole("Its directories lead round in a circle, or there are too many.")
        found[at], at = _directory(content, at, form)
    if not found:
        raise NotWhole("There is no image in it.")
    return tuple(found.values())


def _directory(content: bytes, at: int, form: _Form) -> tuple[Directory, int]:
    count = form.number(content, at, "Q" if form.wide else "H")
    start, each = (at + 8, 20) if form.wide else (at + 2, 12)
    if start + count * each > len(content):
        raise NotWhole(f"It ends at byte {len(content):,}, inside the directory at {at:,}.")
    tags = dict(_tags(content, start, count, form))
    after = form.number(content, start + count * each, "Q" if form.wide else "I")
    return _image(at, tags, len(content)), after


def _tags(content: bytes, start: int, count: int, form: _Form) -> Iterator[tuple[int, _Whole]]:
    """Return the tags that are read here; the others must stand in the file too."""
    each, letter, room = (20, "Q", 8) if form.wide else (12, "I", 4)
    for place in range(start, start + count * each, each):
        tag, kind = form.number(content, place, "H"), form.number(content, place + 2, "H")
        many = form.number(content, place + 4, letter)
        value = place + each - room
        length = many * _SIZES.get(kind, 1)
        if length > room:
            value = form.number(content, value, letter)
        if value + length > len(content):
            raise NotWhole(f"It ends at byte {len(content):,}, before the end of its tag {tag}.")
        if tag in _READ and kind in _WHOLE:
            read = np.frombuffer(content, form.order + _WHOLE[kind], many, value)
            yield tag, read.astype(np.uint64)


def _image(at: int, tags: Mapping[int, _Whole], end: int) -> Directory:
    def one(tag: int, default: int) -> int:
        found = tags.get(tag)
        return default if found is None or not found.size else int(found[0])

    nothing = np.zeros(0, np.uint64)
    tiled = _TILES in tags
    offsets = tags.get(_TILES if tiled else _STRIPS, nothing)
    lengths = tags.get(_TILE_BYTES if tiled else _STRIP_BYTES, nothing)
    width, height = one(_WIDTH, 0), one(_HEIGHT, 0)
    strip = width, min(one(_ROWS, height), height)
    if not width or not height or not offsets.size or offsets.size != lengths.size:
        raise NotWhole(f"The directory at {at:,} tells of no cells.")
    if int(offsets.max()) > end or int((offsets + np.minimum(lengths, np.uint64(end + 1))).max()) > end:
        raise NotWhole(f"It ends at byte {end:,}, before the end of its cells.")
    purpose = one(_PURPOSE, 0)
    return Directory(
        at=at,
        width=width,
        height=height,
        samples=one(_SAMPLES, 1),
        bits=int(tags.get(_BITS, nothing).max(initial=1)),
        block=(one(_TILE_WIDTH, 0), one(_TILE_HEIGHT, 0)) if tiled else strip,
        tiled=tiled,
        reduced=bool(purpose & _REDUCED),
        mask=bool(purpose & _MASK),
        offsets=offsets,
        lengths=lengths,
    )
