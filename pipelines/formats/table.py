"""What a file of rows holds, whatever its format: every cell as text, every row accounted for."""

from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

# Bounded, so that no number of this form is infinite.
_NUMBER = r"^[+-]?([0-9]{1,40}(\.[0-9]{0,40})?|\.[0-9]{1,40})([eE][+-]?[0-9]{1,2})?$"
_INTEGER = r"^[+-]?[0-9]{1,18}$"
_BOOLEAN = r"^(true|false)$"
FORMS = {"number": _NUMBER, "integer": _INTEGER, "boolean": _BOOLEAN}
_TYPES = {"number": pa.float64(), "integer": pa.int64(), "boolean": pa.bool_()}
Shapes = NDArray[Any]  # of shapely geometries; None where a row has none


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Why a file, or a part of it, could not be read: `rule` is one word, `where` a place in the file."""

    rule: str
    message: str
    remedy: str
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ragged:
    """A line that has not as many cells as the header."""

    line: int
    cells: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A file as it was read; ragged rows are in `rows` too, cut or filled up, so that counts stay true.

    A cell without a value is the empty text. `shapes` are of files that hold geometry, in the file's own
    coordinates; `crs` is the system that the file itself names, None where it names none.
    """

    size: int
    names: tuple[str, ...]
    rows: pa.Table  # every column as text
    lines: tuple[int, ...]  # of each row, where it begins in the file
    unit: str = "line"  # what `lines` counts: line, feature, row
    bom: bool = False
    not_utf8: int = 0  # bytes that are not UTF-8
    first_not_utf8: int | None = None  # where the first of them is
    controls: int = 0  # control and replacement characters in the text
    ragged: tuple[Ragged, ...] = ()
    broken: str = ""  # why reading ended before the end of the file, if it did
    faults: tuple[Fault, ...] = ()
    shapes: Shapes | None = field(default=None, repr=False)
    crs: str | None = None

    def where(self, place: int) -> str:
        """Return where a row stands in the file."""
        return f"{self.unit} {self.lines[place]}"

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
