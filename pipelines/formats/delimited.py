"""Delimited text read as text: one fixed dialect, every line accounted for, nothing guessed."""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

BOM = b"\xef\xbb\xbf"
COLUMNS_AT_MOST = 1000
# Bounded, so that no number of this form is infinite.
_NUMBER = r"^[+-]?([0-9]{1,40}(\.[0-9]{0,40})?|\.[0-9]{1,40})([eE][+-]?[0-9]{1,2})?$"
_INTEGER = r"^[+-]?[0-9]{1,18}$"
_BOOLEAN = r"^(true|false)$"
_DAMAGE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f\ufffd]")
FORMS = {"number": _NUMBER, "integer": _INTEGER, "boolean": _BOOLEAN}
_TYPES = {"number": pa.float64(), "integer": pa.int64(), "boolean": pa.bool_()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ragged:
    """A line that has not as many cells as the header."""

    line: int
    cells: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A file as it was read; ragged rows are in `rows` too, cut or filled up, so that counts stay true."""

    size: int
    bom: bool
    not_utf8: int  # bytes that are not UTF-8
    first_not_utf8: int | None  # where the first of them is
    controls: int  # control and replacement characters in the text
    names: tuple[str, ...]
    rows: pa.Table  # every column as text
    lines: tuple[int, ...]  # of each row, where it begins in the file
    ragged: tuple[Ragged, ...]
    broken: str  # why reading ended before the end of the file, if it did

    def texts(self, name: str) -> pa.ChunkedArray:
        """Return a column as it was written."""
        return self.rows[name]

    def numbers(self, name: str) -> pa.ChunkedArray:
        """Return a column as numbers, null where there is none."""
        return self.cast(name, kind="number")

    def cast(self, name: str, *, kind: str) -> pa.ChunkedArray:
        """Return a column as `kind`; a cell that is empty or of another form is null (see `wrong`)."""
        texts = self.rows[name]
        if kind == "string":
            return pc.if_else(pc.equal(texts, ""), None, texts)
        fits = pc.match_substring_regex(texts, FORMS[kind])
        return pc.cast(pc.if_else(fits, texts, None), _TYPES[kind])

    def wrong(self, name: str, *, form: str) -> list[int]:
        """Return the places of cells that are neither empty nor of that form."""
        texts = self.rows[name]
        fits = pc.or_(pc.equal(texts, ""), pc.match_substring_regex(texts, form))
        return [int(place) for place in pc.indices_nonzero(pc.invert(fits)).to_pylist()]

    def empty(self, name: str) -> list[int]:
        """Return the places of cells with nothing in them."""
        return [int(place) for place in pc.indices_nonzero(pc.equal(self.rows[name], "")).to_pylist()]


def read(content: bytes) -> Table:
    """Read comma-separated text with a header; what is not right is told, never dropped."""
    text, first = _decoded(content.removeprefix(BOM))
    header, found, broken = _lines(text)
    names = _distinct(header)
    rows = [_level(cells, len(names)) for _, cells in found]
    columns = list(zip(*rows, strict=True)) if rows else [() for _ in names]
    table = pa.table([pa.array(column, pa.string()) for column in columns], names=list(names))
    return Table(
        size=len(content),
        bom=content.startswith(BOM),
        not_utf8=text.count("\ufffd") if first is not None else 0,
        first_not_utf8=first,
        controls=len(_DAMAGE.findall(text)) if first is None else 0,
        names=tuple(header),
        rows=table,
        lines=tuple(line for line, _ in found),
        ragged=tuple(
            Ragged(line=line, cells=len(cells)) for line, cells in found if len(cells) != len(names)
        ),
        broken=broken,
    )


def _decoded(content: bytes) -> tuple[str, int | None]:
    try:
        return content.decode("utf-8"), None
    except UnicodeDecodeError as wrong:
        return content.decode("utf-8", errors="replace"), wrong.start


def _lines(text: str) -> tuple[list[str], list[tuple[int, list[str]]], str]:
    """Return the header, every further row with the line it begins on, and why reading stopped early."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    found: list[tuple[int, list[str]]] = []
    begins = 1
    broken = ""
    try:
        for cells in reader:
            found.append((begins, cells))
            begins = reader.line_num + 1
    except csv.Error as cause:
        broken = f"line {begins}: {cause}"
    header = found[0][1] if found else []
    if len(header) > COLUMNS_AT_MOST:
        return header[:COLUMNS_AT_MOST], [], f"line 1: more than {COLUMNS_AT_MOST:,} columns"
    return header, found[1:], broken


def _distinct(header: Sequence[str]) -> list[str]:
    """Return names that tell columns apart, whatever the header repeats."""
    return [name if header.index(name) == n else f"{name} ({n + 1})" for n, name in enumerate(header)]


def _level(cells: list[str], width: int) -> list[str]:
    return cells if len(cells) == width else [*cells, *[""] * width][:width]
