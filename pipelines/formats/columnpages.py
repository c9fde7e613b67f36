"""What the pages of a Parquet file would unpack to, measured before anything is unpacked."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

PAGES_AT_MOST = 100_000
_INDEX_PAGE, _DICTIONARY_PAGE = 1, 2
_KIND, _UNPACKED, _PACKED = 1, 2, 3
_DATA, _DATA_V2 = 5, 8
_STOP, _TRUE, _FALSE, _BYTE, _DOUBLE, _BINARY, _LIST, _SET, _MAP, _STRUCT = 0, 1, 2, 3, 7, 8, 9, 10, 11, 12
_INTEGERS = (4, 5, 6)
_DEEPEST = 4
_LONG, _NIBBLE = 15, 4
_LONGEST_VARINT = 70


class NotMeasured(Exception):
    """Say why pages cannot be told apart, as a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """One column of one group of rows: where its pages lie, and how many values the footer says they hold."""

    start: int
    size: int
    values: int


def chunk(told: Any) -> Chunk:
    """Return where the footer says a column's pages lie, as the reader will believe it."""
    start, first = told.data_page_offset, told.dictionary_page_offset
    if first is not None and 0 < first < start:
        start = first
    return Chunk(start=start, size=told.total_compressed_size, values=told.num_values)


def unpacked(content: bytes, chunks: list[Chunk]) -> int:
    """Return how many bytes all pages of `chunks` have when unpacked.

    Raises:
        NotMeasured: pages lie outside the file, are cut off or too many, or the footer counts otherwise.
    """
    total = seen = 0
    for one in chunks:
        values = 0
        for size, count in _pages(content, one):
            seen += 1
            total += size
            values += count
            if seen > PAGES_AT_MOST:
                raise NotMeasured(f"The file has more than {PAGES_AT_MOST:,} pages.")
        if values != one.values:
            raise NotMeasured(f"The footer promises {one.values:,} values where the pages hold {values:,}.")
    return total


def _pages(content: bytes, one: Chunk) -> Iterator[tuple[int, int]]:
    """Yield of each page how many bytes it unpacks to, and how many values it holds."""
    at, end = one.start, one.start + one.size
    if not one.size:
        return
    if one.start < _NIBBLE or one.size < 0 or end > len(content):
        raise NotMeasured("The footer points to pages outside the file.")
    view = memoryview(content)
    while at < end:
        try:
            header, at = _struct(view, at, 0)
        except IndexError as cause:
            raise NotMeasured("A page's header is cut off.") from cause
        size, packed = header.get(_UNPACKED, -1), header.get(_PACKED, -1)
        if not isinstance(size, int) or not isinstance(packed, int) or size < 0 or packed < 0:
            raise NotMeasured("A page does not say how large it is.")
        at += packed
        if at > end:
            raise NotMeasured("A page goes on past the end of its column.")
        yield size, _values(header)


def _values(header: dict[int, Any]) -> int:
    told = header.get(_DATA) or header.get(_DATA_V2)
    count = told.get(1, 0) if isinstance(told, dict) else 0
    if not isinstance(count, int) or count < 0:
        raise NotMeasured("A page does not say how many values it holds.")
    return count


def _struct(view: memoryview, at: int, depth: int) -> tuple[dict[int, Any], int]:
    """Read the numbers and structs in a struct of Thrift's compact protocol, by field."""
    found: dict[int, Any] = {}
    field = 0
    while True:
        head = view[at]
        at += 1
        kind, step = head & 15, head >> _NIBBLE
        if kind == _STOP:
            return found, at
        if step:
            field += step
        else:
            field, at = _zigzag(view, at)
        found[field], at = _value(view, at, kind, depth)


def _value(view: memoryview, at: int, kind: int, depth: int) -> tuple[Any, int]:
    if kind in (_TRUE, _FALSE):
        return kind == _TRUE, at
    if kind in _INTEGERS:
        return _zigzag(view, at)
    if kind in (_BYTE, _DOUBLE):
        return None, at + (1 if kind == _BYTE else 8)
    if kind == _BINARY:
        length, at = _varint(view, at)
        return None, at + length
    if kind == _STRUCT and depth < _DEEPEST:
        return _struct(view, at, depth + 1)
    raise NotMeasured("A page's header holds what no page's header holds.")


def _varint(view: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while shift < _LONGEST_VARINT:
        byte = view[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:  # noqa: PLR2004  # the bit that says it goes on
            return value, at
        shift += 7
    raise NotMeasured("A page's header holds a number without end.")


def _zigzag(view: memoryview, at: int) -> tuple[int, int]:
    value, at = _varint(view, at)
    return (value >> 1) ^ -(value & 1), at
