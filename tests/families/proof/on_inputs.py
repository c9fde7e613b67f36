"""Defects of rows as they are delivered: for the gates size, schema, crs and extent."""

from typing import Any

from pipelines.subject import Subject
from tests.families.proof import edits
from tests.families.proof.books import Row
from tests.families.proof.case import Case
from tests.families.proof.defect import ROWS, Applies, Defect, Spoil

DEGREES = (0.0001, 0.001, 0.01, 0.1, 0.5, 1, 2, 5, 10, 50, 180)


def _some(change: Any) -> Spoil:
    """Return a defect of the first rows; `change` is told the case."""
    return lambda case, size: case.read(case.file(edits.first(case.rows, size, change(case))))


def _all(change: Any) -> Spoil:
    """Return a defect of all rows; `change` is told the case and the size."""
    return lambda case, size: case.read(case.file(edits.first(case.rows, len(case.rows), change(case, size))))


def _dropped(case: Case, size: float) -> Subject:
    return case.read(case.file(case.rows[int(size) :]))


def _repeated(case: Case, size: float) -> Subject:
    times = int(size) // len(case.rows) + 1
    return case.read(case.file([*case.rows, *(case.rows * times)[: int(size)]]))


def _renamed(case: Case, _: float) -> Subject:
    name = edits.key(case)
    return case.read(case.file([_named(row, name, f"{name}_") for row in case.rows]))


def _named(row: Row, old: str, new: str) -> Row:
    return {new if name == old else name: value for name, value in row.items()}


def _without_column(case: Case, _: float) -> Subject:
    name = edits.title(case)
    return case.read(case.file([{one: row[one] for one in row if one != name} for row in case.rows]))


def _with_columns(case: Case, size: float) -> Subject:
    more = {f"more_{n}": "1" for n in range(int(size))}
    return case.read(case.file([{**row, **more} for row in case.rows]))


def _ragged(case: Case, size: float) -> Subject:
    lines = case.content.split(b"\n")
    lines[1 : 1 + int(size)] = [line + b",more" for line in lines[1 : 1 + int(size)]]
    return case.read(b"\n".join(lines))


def _unknown(case: Case) -> edits.Change:
    return lambda row, _: {**row, case.family.main.key[1]: "999"}


def _other_system(case: Case, _: float) -> Subject:
    told = b'"crs": {"type": "name", "properties": {"name": "EPSG:5070"}}, '
    return case.read(case.content.replace(b"{", b"{" + told, 1))


def _has(which: Any) -> Applies:
    return lambda case: _rows(case) and which(case) is not None


def _rows(case: Case) -> bool:
    return edits.placed(case) or edits.of_joined(case)


def _csv(case: Case) -> bool:
    return case.family.main.media_type == "text/csv"


SIZE = (
    Defect(gate="size", name="{n:g} rows dropped", spoil=_dropped, sizes=ROWS, applies=_rows),
    Defect(gate="size", name="{n:g} rows more", spoil=_repeated, sizes=(*ROWS,), applies=_rows),
)
SCHEMA = (
    Defect(gate="schema", name="the key's column renamed", spoil=_renamed, applies=_rows),
    Defect(gate="schema", name="a column dropped", spoil=_without_column, applies=_rows),
    Defect(gate="schema", name="{n:g} columns more", spoil=_with_columns, applies=_rows),
    Defect(gate="schema", name="{n:g} lines with a cell too many", spoil=_ragged, applies=_csv),
    Defect(
        gate="schema",
        name="{n:g} keys left empty",
        spoil=_some(lambda case: edits.with_cell(edits.key(case), "")),
        sizes=ROWS,
        applies=_rows,
    ),
    Defect(
        gate="schema",
        name="{n:g} words for numbers",
        spoil=_some(lambda case: edits.with_cell(str(edits.number(case)), "about 5")),
        sizes=ROWS,
        applies=_has(edits.number),
    ),
    Defect(
        gate="schema",
        name="{n:g} values that are not listed",
        spoil=_some(lambda case: edits.with_cell(str(edits.listed(case)), "Nowhere")),
        sizes=ROWS,
        applies=_has(edits.listed),
    ),
    Defect(
        gate="schema",
        name="{n:g} numbers out of range",
        spoil=_some(lambda case: edits.with_cell(str(edits.number(case)), 99999)),
        sizes=ROWS,
        applies=_has(edits.number),
    ),
)
CRS = (
    Defect(
        gate="crs",
        name="axes of {n:g} rows exchanged",
        spoil=_some(edits.swapped),
        sizes=ROWS,
        applies=edits.placed,
    ),
    Defect(
        gate="crs",
        name="coordinates of all rows times {n:g}",
        sizes=(1.01, 1.1, 1.5, 2, 5, 10, 100),
        spoil=_all(edits.scaled),
        applies=edits.placed,
    ),
    Defect(
        gate="crs",
        name="coordinates of {n:g} rows times 10",
        spoil=_some(lambda case: edits.scaled(case, 10)),
        sizes=ROWS,
        applies=edits.placed,
    ),
    Defect(
        gate="crs",
        name="another system named",
        spoil=_other_system,
        applies=lambda case: case.family.main.media_type == "application/geo+json",
    ),
    Defect(
        gate="crs",
        name="{n:g} rows of unknown counties",
        spoil=_some(_unknown),
        sizes=ROWS,
        applies=edits.of_joined,
    ),
)
EXTENT = (
    Defect(
        gate="extent",
        name="all rows {n:g}° farther north",
        sizes=DEGREES,
        spoil=_all(lambda case, size: edits.moved(case, north=size)),
        applies=edits.placed,
    ),
    Defect(
        gate="extent",
        name="all rows {n:g}° farther west",
        sizes=DEGREES,
        spoil=_all(lambda case, size: edits.moved(case, east=-size)),
        applies=edits.placed,
    ),
    Defect(
        gate="extent",
        name="{n:g} rows 10° farther east",
        spoil=_some(lambda case: edits.moved(case, east=10)),
        sizes=ROWS,
        applies=edits.placed,
    ),
    Defect(
        gate="extent",
        name="{n:g} rows of unknown counties",
        spoil=_some(_unknown),
        sizes=ROWS,
        applies=edits.of_joined,
    ),
)
DEFECTS = (*SIZE, *SCHEMA, *CRS, *EXTENT)
