"""Gate: the input has the columns and cells its schema asks for. Score: the share of cells that fit."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.formats.table import FORMS, Table
from pipelines.model import Finding, GateResult, Json, Outcome, Phase
from pipelines.subject import Subject

_MEND = "Mend the file at its source, or change the family's schema if the source changed for good."
_NAMED = 20


def check(subject: Subject) -> GateResult:
    """FAIL on missing columns, ragged lines and cells that do not fit; REVIEW columns nobody asked for."""
    table, source = subject.table, subject.family.inputs[0]
    structure = tuple(_structure(table, source.schema, may_be_empty=_may_be_empty(subject)))
    cells = [
        found
        for name, column in source.schema["properties"].items()
        for found in _column(table, name, column)
    ]
    extra = [name for name in table.names if name not in source.schema["properties"]]
    cells_read = table.rows.num_rows * len(source.schema["properties"])
    bad = sum(places for places, _ in cells)
    failed = bool(structure or cells)
    return GateResult(
        gate="schema",
        phase=Phase.BEFORE,
        outcome=Outcome.FAIL if failed else Outcome.REVIEW if extra else Outcome.PASS,
        measured=f"faults in structure: {len(structure)}; cells that do not fit: {bad:,} of {cells_read:,}",
        limit="every line whole, every cell as its column asks",
        value=float(len(structure) + bad),
        bound=0.0,
        score=0.0 if structure else max(0.0, 1 - bad / max(cells_read, 1)),
        evidence=f"input:{source.name}",
        remedy=_MEND if failed else "",
        findings=(*structure, *(finding for _, finding in cells), *_unasked(extra)),
    )


def _unasked(names: list[str]) -> Iterator[Finding]:
    for name in names[:_NAMED]:
        yield _finding("schema.extra", f"Column {name!r} is new; it is left out.", name)
    if len(names) > _NAMED:
        more = f"{len(names) - _NAMED:,} more columns are new, {len(names):,} in all."
        yield _finding("schema.extra", more, "")


def _may_be_empty(subject: Subject) -> bool:
    """Say whether the gate `size` judges an input without rows, so that this one need not."""
    return "size" in subject.family.gates.before and subject.family.expectations["size"]["rows_min"] == 0


def _structure(table: Table, schema: Json, *, may_be_empty: bool) -> Iterator[Finding]:
    for name in schema["properties"]:
        if name not in table.names:
            yield _finding("schema.missing", f"Column {name!r} is not there.", name)
    for name in sorted(name for name, count in Counter(table.names).items() if count > 1):
        yield _finding("schema.twice", f"Column {name!r} is there more than once.", name)
    if table.broken:
        yield _finding("schema.broken", f"Reading ended at {table.broken}.", table.broken.split(":")[0])
    if not table.rows.num_rows and not may_be_empty:
        yield _finding("schema.no_rows", "There is no row of data: nothing could be judged.", "")
    for ragged in table.ragged[:_NAMED]:
        where = f"{table.unit} {ragged.line}"
        wrong = f"{where.capitalize()} has {ragged.cells} cells, the header {len(table.names)}."
        yield _finding("schema.ragged", wrong, where)
    if len(table.ragged) > _NAMED:
        more = f"{len(table.ragged) - _NAMED:,} more lines are ragged, {len(table.ragged):,} in all."
        yield _finding("schema.ragged", more, "")


def _column(table: Table, name: str, column: Json) -> Iterator[tuple[int, Finding]]:
    """Return how many cells break which demand of one column."""
    if name not in table.rows.column_names:
        return
    kinds = column["type"] if isinstance(column["type"], list) else [column["type"]]
    kind = next(one for one in kinds if one != "null")
    broken = {
        "empty": [] if "null" in kinds else table.empty(name),
        "type": table.wrong(name, form=FORMS[kind]) if kind in FORMS else [],
        "pattern": table.wrong(name, form=column["pattern"]) if "pattern" in column else [],
        "range": _outside(table, name, column) if {"minimum", "maximum"} & set(column) else [],
        "enum": _unknown(table, name, column["enum"]) if "enum" in column else [],
    }
    for demand, places in broken.items():
        if places:
            yield len(places), _cells(table, name, demand, places)


def _outside(table: Table, name: str, column: Json) -> list[int]:
    values = table.numbers(name)
    low, high = column.get("minimum", float("-inf")), column.get("maximum", float("inf"))
    outside = pc.or_(pc.less(values, low), pc.greater(values, high))
    return [int(place) for place in pc.indices_nonzero(pc.fill_null(outside, fill_value=False)).to_pylist()]


def _unknown(table: Table, name: str, allowed: list[Any]) -> list[int]:
    known = pc.is_in(table.texts(name), pa.array(["", *map(str, allowed)]))
    return [int(place) for place in pc.indices_nonzero(pc.invert(known)).to_pylist()]


def _cells(table: Table, name: str, demand: str, places: list[int]) -> Finding:
    first = places[0]
    shown = table.texts(name)[first].as_py()[:60]
    where = f"{table.where(first)}, {name}"
    return _finding(
        f"schema.{demand}", f"{len(places):,} cells of {name!r}; the first is {shown!r} in {where}.", where
    )


def _finding(rule: str, message: str, where: str) -> Finding:
    return Finding(rule=rule, message=message, remedy=_MEND, where=where)
