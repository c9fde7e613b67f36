"""What a Parquet file holds and would unpack to, measured by ourselves before another reader sees it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pipelines.formats import thrift
from pipelines.formats.thrift import Malformed

PAGES_AT_MOST = 100_000
_MAGIC = 4  # bytes
_SCHEMA, _ROWS, _GROUPS = 2, 3, 4
_COLUMNS, _GROUP_ROWS, _ELSEWHERE, _ABOUT = 1, 3, 1, 3
_VALUES, _PACKED, _FIRST_PAGE, _DICTIONARY = 5, 7, 9, 11
_CHILDREN = 5  # of an element of the schema that is no column itself
_PAGE_UNPACKED, _PAGE_PACKED, _PAGE_DATA, _PAGE_DATA_2 = 2, 3, 5, 8


class NotMeasured(Exception):
    """Say why a file cannot be measured, as a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """One column of one group of rows: where its pages lie, and how many values the footer says they hold."""

    start: int
    size: int
    values: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Footer:
    """What the footer says there is."""

    rows: int
    columns: int
    chunks: tuple[Chunk, ...]


def footer(content: bytes, *, size: int) -> Footer:
    """Return what the footer of `size` bytes says.

    Raises:
        NotMeasured: it is no footer, points elsewhere, or does not agree with itself.
    """
    begins = len(content) - 2 * _MAGIC - size
    try:
        found, _ = thrift.read(memoryview(content)[begins : begins + size], 0)
        groups = [_Group(one) for one in _list(found[_GROUPS])]
        schema = _list(found[_SCHEMA])
        columns = sum(not element.get(_CHILDREN) for element in schema[1:])
        rows = _number(found, _ROWS)
    except (Malformed, LookupError, TypeError, AttributeError) as cause:
        raise NotMeasured("The footer cannot be read.") from cause
    if sum(group.rows for group in groups) != rows:
        raise NotMeasured("The groups of rows have not as many rows together as the footer says.")
    if any(len(group.chunks) != columns for group in groups):
        raise NotMeasured("A group of rows has other columns than the footer says.")
    filled = (group for group in groups if group.rows)
    return Footer(
        rows=rows, columns=columns, chunks=tuple(chunk for group in filled for chunk in group.chunks)
    )


class _Group:
    """One group of rows, as the footer tells of it."""

    def __init__(self, told: Any) -> None:
        self.rows = _number(told, _GROUP_ROWS)
        self.chunks = [_chunk(one) for one in _list(told[_COLUMNS])]


def _chunk(told: Any) -> Chunk:
    if _ELSEWHERE in told:
        raise NotMeasured("The footer points to another file.")
    about = told[_ABOUT]
    start, first = _number(about, _FIRST_PAGE), about.get(_DICTIONARY)
    if isinstance(first, int) and 0 < first < start:
        start = first
    return Chunk(start=start, size=_number(about, _PACKED), values=_number(about, _VALUES))


def _number(told: Any, field: int) -> int:
    value = told[field]
    if not isinstance(value, int) or value < 0:
        raise TypeError(field)
    return value


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError(value)
    return value


def unpacked(content: bytes, chunks: tuple[Chunk, ...]) -> int:
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
    if one.start < _MAGIC or end > len(content):
        raise NotMeasured("The footer points to pages outside the file.")
    view = memoryview(content)
    while at < end:
        try:
            header, at = thrift.read(view, at)
            size, packed = _number(header, _PAGE_UNPACKED), _number(header, _PAGE_PACKED)
            told = header.get(_PAGE_DATA) or header.get(_PAGE_DATA_2)
            count = _number(told, 1) if told else 0
        except (Malformed, LookupError, TypeError) as cause:
            raise NotMeasured("The header of a page cannot be read.") from cause
        at += packed
        if at > end:
            raise NotMeasured("A page goes on past the end of its column.")
        yield size, count
