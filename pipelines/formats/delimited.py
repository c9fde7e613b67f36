"""Delimited text read as text: one fixed dialect, every line accounted for, nothing guessed."""

import csv
import io
import re

import pyarrow as pa

from pipelines.formats import guise
from pipelines.formats.table import COLUMNS_AT_MOST, Ragged, Table, distinct

_DAMAGE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f\ufffd]")


def read(content: bytes) -> Table:
    """Read comma-separated text with a header; what is not right is told, never dropped."""
    text, first = _decoded(content.removeprefix(guise.BOM))
    header, found, broken = _lines(text)
    names = distinct(header)
    rows = [_level(cells, len(names)) for _, cells in found]
    columns = list(zip(*rows, strict=True)) if rows else [() for _ in names]
    fault = guise.other(content, than="comma-separated text")
    table = pa.table([pa.array(column, pa.string()) for column in columns], names=list(names))
    return Table(
        size=len(content),
        bom=content.startswith(guise.BOM),
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
        faults=() if fault is None else (fault,),
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


def _level(cells: list[str], width: int) -> list[str]:
    return cells if len(cells) == width else [*cells, *[""] * width][:width]
