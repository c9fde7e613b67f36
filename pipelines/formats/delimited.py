"""Delimited text read as text: one fixed dialect, every line accounted for, nothing guessed."""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from pipelines.formats import guise
from pipelines.formats.table import (
    CELLS_AT_MOST,
    COLUMNS_AT_MOST,
    ROWS_AT_MOST,
    Fault,
    Ragged,
    Table,
    distinct,
    nothing,
)

LARGE = 1_000_000  # bytes from which on the fast way is worth a try
RAGGED_AT_MOST = 10_000
_LONGEST_CELL = 131_072  # characters
_WHAT = "comma-separated text"
_LESS = "Split the file, or leave out what is not needed."
_DAMAGE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f\ufffd]")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rows:
    """The header, every further row with the line it begins on, and why reading stopped early."""

    header: Sequence[str]
    rows: pa.Table
    lines: Sequence[int]
    ragged: tuple[Ragged, ...] = ()
    broken: str = ""


def read(content: bytes) -> Table:
    """Read comma-separated text with a header; what is not right is told, never dropped."""
    csv.field_size_limit(_LONGEST_CELL)  # of the whole process: a library may have raised it
    fault = _too_much(content)
    if fault is not None:
        return nothing(content, fault, unit="line")
    text, first = _decoded(content.removeprefix(guise.BOM))
    found = _fast(text) if first is None and len(content) >= LARGE else None
    found = found or _slow(text)
    fault = guise.other(content, than=_WHAT)
    return Table(
        size=len(content),
        bom=content.startswith(guise.BOM),
        not_utf8=text.count("\ufffd") if first is not None else 0,
        first_not_utf8=first,
        controls=len(_DAMAGE.findall(text)) if first is None else 0,
        names=tuple(found.header),
        rows=found.rows,
        lines=found.lines,
        ragged=found.ragged,
        broken=found.broken,
        faults=() if fault is None else (fault,),
    )


def _too_much(content: bytes) -> Fault | None:
    """Refuse what a few bytes ask for: an empty line costs one in the file and a hundred times that here."""
    lines = max(content.count(b"\n"), content.count(b"\r"))
    if lines > ROWS_AT_MOST:
        wrong = f"{lines:,} lines; at most {ROWS_AT_MOST:,} are read."
        return Fault(rule="rows", message=wrong, remedy=_LESS)
    return None


def _decoded(content: bytes) -> tuple[str, int | None]:
    try:
        return content.decode("utf-8"), None
    except UnicodeDecodeError as wrong:
        return content.decode("utf-8", errors="replace"), wrong.start


def _slow(text: str) -> _Rows:
    csv.field_size_limit(_LONGEST_CELL)  # of the whole process, whoever set it before
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    found: list[list[str]] = []
    lines: list[int] = []
    begins = 1
    broken, odd = "", 0
    try:
        for cells in reader:
            found.append(cells)
            lines.append(begins)
            if not found[0]:
                break  # said below
            odd += len(cells) != len(found[0])
            if odd > RAGGED_AT_MOST:
                broken = f"line {begins}: more than {RAGGED_AT_MOST:,} lines are ragged"
                break
            begins = reader.line_num + 1
    except csv.Error as cause:
        broken = f"line {begins}: {cause}"
    header = found[0] if found else []
    if wrong := _unusable(len(header), len(found)):
        header, broken, found, lines = header[:COLUMNS_AT_MOST], broken or wrong, [], []
    width, found, lines = len(header), found[1:], lines[1:]
    columns = [
        pa.array([cells[n] if n < len(cells) else "" for cells in found], pa.string()) for n in range(width)
    ]
    return _Rows(
        header=header,
        rows=pa.table(columns, names=distinct(header)),
        lines=lines,
        ragged=tuple(
            Ragged(line=line, cells=len(cells))
            for line, cells in zip(lines, found, strict=True)
            if len(cells) != width
        ),
        broken=broken,
    )


def _unusable(width: int, rows: int) -> str:
    if not width:
        return "line 1: no column is named"
    if width > COLUMNS_AT_MOST:
        return f"line 1: more than {COLUMNS_AT_MOST:,} columns"
    return f"line 1: {width:,} columns for {rows:,} lines" if width * rows > CELLS_AT_MOST else ""


def _fast(text: str) -> _Rows | None:
    """Return the rows of text in which every line is plainly a row, which takes a tenth of the time."""
    if any(mark in text for mark in ('"', "\r", "\n\n")) or text.startswith("\n"):
        return None
    header = text.partition("\n")[0].split(",")
    if len(header) > COLUMNS_AT_MOST:
        return None
    names = distinct(header)
    try:
        rows = arrow_csv.read_csv(
            pa.BufferReader(text.encode()),
            read_options=arrow_csv.ReadOptions(column_names=names, skip_rows=1, use_threads=False),
            parse_options=arrow_csv.ParseOptions(quote_char=False, ignore_empty_lines=False),
            convert_options=arrow_csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string())),
        )
    except pa.ArrowInvalid:  # a line has more cells or fewer
        return None
    longest = (pc.max(pc.binary_length(column)).as_py() or 0 for column in rows.columns)
    if max(longest, default=0) > _LONGEST_CELL:
        return None
    return _Rows(header=header, rows=rows, lines=range(2, rows.num_rows + 2))
