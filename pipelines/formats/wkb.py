"""Well-known binary looked through before GEOS reads it, which follows shapes in shapes without end."""

import struct
from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

_HARMLESS = 16 * 1024  # bytes in which no nesting is deep enough to hurt
_DEEPEST = 8
_POINT, _LINE, _POLYGON, _COLLECTION = 1, 2, 3, 7
_EWKB_Z, _EWKB_M, _EWKB_SRID = 0x80000000, 0x40000000, 0x20000000
Wrong = tuple[int, str]  # the place of a geometry, and what is wrong with it


def shapes(blobs: Sequence[bytes | None]) -> tuple[NDArray[np.object_], list[Wrong]]:
    """Return the shape of each blob, None where there is no right one, and what is wrong with which."""
    wrongs = [(n, wrong) for n, blob in enumerate(blobs) if blob is not None and (wrong := _wrong(blob))]
    bad = {place for place, _ in wrongs}
    kept = np.array([None if n in bad else blob for n, blob in enumerate(blobs)], dtype=object)
    with np.errstate(invalid="ignore"):  # numbers that are none are told below
        made = shapely.from_wkb(kept, on_invalid="ignore")
    there = np.array([blob is not None for blob in kept], dtype=bool)
    unread = there & shapely.is_missing(made)
    numbers, of = shapely.get_coordinates(made, include_z=False, return_index=True)
    infinite = np.unique(of[~np.isfinite(numbers).all(axis=1)])
    made[infinite] = None
    wrongs += [(int(place), "cannot be read as WKB") for place in np.flatnonzero(unread)]
    wrongs += [(int(place), "has coordinates that are no finite numbers") for place in infinite]
    return made, sorted(wrongs)


def _wrong(blob: bytes) -> str:
    try:
        kind, *_ = _head(blob, 0)
        if not _POINT <= kind <= _COLLECTION:
            return f"is of kind {kind}, which is not read"
        if len(blob) > _HARMLESS and kind > _POLYGON:
            return _walked(blob)
    except (struct.error, IndexError):
        return "is cut off"
    return ""


def _head(blob: bytes, at: int) -> tuple[int, int, str, int]:
    """Return the kind at a place, how many bytes a position has, the byte order, and where it goes on."""
    order = "<" if blob[at] == 1 else ">"
    (told,) = struct.unpack_from(f"{order}I", blob, at + 1)
    plain = told & ~(_EWKB_Z | _EWKB_M | _EWKB_SRID)
    thousands = plain // 1000
    numbers = 2 + bool(told & _EWKB_Z) + bool(told & _EWKB_M) + (0, 1, 1, 2)[min(thousands, 3)]
    return plain % 1000, 8 * numbers, order, at + (9 if told & _EWKB_SRID else 5)


def _walked(blob: bytes) -> str:
    """Go through all parts, without recursion; say if they are nested deeper than any real shape is."""
    left = [1]  # parts yet to come, on each level
    at = 0
    while left:
        if left[-1] == 0:
            left.pop()
            continue
        left[-1] -= 1
        kind, size, order, at = _head(blob, at)
        if kind == _POINT:
            at += size
            continue
        (count,) = struct.unpack_from(f"{order}I", blob, at)
        at += 4
        if kind == _LINE:
            at += count * size
        elif kind == _POLYGON:
            for _ in range(count):
                (length,) = struct.unpack_from(f"{order}I", blob, at)
                at += 4 + length * size
        else:
            left.append(count)
        if len(left) > _DEEPEST:
            return f"is nested deeper than {_DEEPEST} levels"
    return ""
