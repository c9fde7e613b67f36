"""What a file of rows holds, whatever its format: every cell as text, every row accounted for."""

from collections import Counter
from collections.abc import Iterable, Sequence
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
# What reading takes in at most, whatever a family allows in bytes: few bytes may ask for much.
ROWS_AT_MOST, COLUMNS_AT_MOST, CELLS_AT_MOST = 5_000_000, 1_000, 100_000_000
NAMED = 20
_DAMAGE = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x{80}-\x{9f}\x{fffd}]"
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
    lines: Sequence[int]  # of each row, where it begins in the file
    unit: str = "line"  # what `lines` counts: line, feature, row
    bom: bool = False
    not_utf8: int = 0  # bytes that are not UTF-8
    first_not_utf8: int | None = None  # where the first of them is
    controls: int = 0  # control and replacement characters in the text
    ragged: tuple[Ragged, ...] = ()
    broken: str = ""  # why reading ended before the end of the file, if it did
    faults: tuple[Fault, ...] = ()
    guesses: tuple[Fault, ...] = ()  # what the file does not say and had to be assumed
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


def nothing(content: bytes, *faults: Fault, unit: str) -> Table:
    """Return a table without rows, of a file that could not be read."""
    rows = pa.table([])
    return Table(size=len(content), names=(), rows=rows, lines=(), unit=unit, faults=faults)


def assembled(columns: Sequence[pa.Array], names: Sequence[str], *, rows: int) -> pa.Table:
    """Return columns as one table that has its rows even if there is no column."""
    counted = pa.table([*columns, pa.nulls(rows)], names=[*distinct(names), "rows"])
    return counted.select(list(range(len(columns))))


class Faults:
    """The first faults of every rule, and a count of the rest: a file of nothing else must fit."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._kept: list[Fault] = []
        self._seen: Counter[str] = Counter()
        self.extend(faults)

    def add(self, fault: Fault) -> None:
        """Keep a fault, or count it."""
        self._seen[fault.rule] += 1
        if self._seen[fault.rule] <= NAMED:
            self._kept.append(fault)

    def extend(self, faults: Iterable[Fault]) -> None:
        """Keep or count many."""
        for fault in faults:
            self.add(fault)

    def told(self) -> tuple[Fault, ...]:
        """Return what was kept, and for each rule one that counts the rest."""
        rest = []
        for rule, count in self._seen.items():
            if count > NAMED:
                remedy = next(fault.remedy for fault in self._kept if fault.rule == rule)
                more = f"{count - NAMED:,} more of this kind, {count:,} in all."
                rest.append(Fault(rule=rule, message=more, remedy=remedy))
        return (*self._kept, *rest)


def damaged(rows: pa.Table) -> int:
    """Return how many control and replacement characters are in the cells."""
    return sum(pc.sum(pc.count_substring_regex(column, _DAMAGE)).as_py() or 0 for column in rows.columns)


def distinct(names: Sequence[str]) -> list[str]:
    """Return names that tell columns apart, whatever a file repeats."""
    first: dict[str, int] = {}
    for place, name in enumerate(names):
        first.setdefault(name, place)
    return [name if first[name] == n else f"{name} ({n + 1})" for n, name in enumerate(names)]
