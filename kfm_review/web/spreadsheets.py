"""Tables as spreadsheets may open them: what looks like a formula is kept from being one.

What is stored and published stays byte by byte as it was made; only what is asked for a spreadsheet is not.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from django.http import StreamingHttpResponse

MEDIA_TYPE = "text/csv"
LONGEST_CELL = 16 * 1024 * 1024
_ROWS_TOGETHER = 200
_FIRST = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")


def harmless(cell: str) -> str:
    """Keep a spreadsheet from taking a text for a formula; a plain number is none."""
    return f"'{cell}" if cell.startswith(_FIRST) and not _NUMBER.fullmatch(cell) else cell


def lines(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Write rows as CSV, a few at a time."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    for number, row in enumerate(rows, start=1):
        writer.writerow([harmless(cell) for cell in row])
        if number % _ROWS_TOGETHER == 0:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def attached(rows: Iterable[Sequence[str]], *, filename: str) -> StreamingHttpResponse:
    """Answer with rows as a file that is saved, never shown."""
    response = StreamingHttpResponse(lines(rows), content_type=f"{MEDIA_TYPE}; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


def rows_of(path: Path) -> Iterator[list[str]]:
    """Read a table that we wrote, row by row."""
    csv.field_size_limit(LONGEST_CELL)
    with path.open(encoding="utf-8", newline="") as source:
        yield from csv.reader(source)
