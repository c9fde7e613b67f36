"""Columns of cells as texts, the same texts that `cell` makes of one cell."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.diff import cell, engine, shapes
from pipelines.diff.layer import GEOMETRY

_WHOLE_BELOW = 1e18  # such whole numbers fit in 64 bits


def columns(table: pa.Table) -> pa.Table:
    """Return a table's columns as texts, row by row; no value is no text."""
    names = [name for name in table.column_names if name != GEOMETRY]
    parts = [_prepared(table[name]) for name in names]
    if GEOMETRY not in table.column_names:
        return pa.table(dict(zip(names, _told(parts), strict=True)))
    *told, x, y, other = _told([*parts, *_places(table[GEOMETRY])])
    place = pc.coalesce(pc.binary_join_element_wise(x, y, " "), other)
    return pa.table({**dict(zip(names, told, strict=True)), GEOMETRY: place})


def _told(parts: Sequence[pa.ChunkedArray]) -> list[pa.ChunkedArray]:
    """Return columns as texts; those that are texts already as they are."""
    asked = {f"c{n}": one for n, one in enumerate(parts) if not _is_text(one.type)}
    if not asked:
        return list(parts)
    rows = pa.table({"n": np.arange(len(parts[0])), **asked})
    said = ", ".join(("n", *(f"{_text(name, one.type)} as {name}" for name, one in asked.items())))
    made = _in_order(engine.ask(f"select {said} from cells", cells=rows))  # noqa: S608  # numbers only
    return [made[f"c{n}"] if f"c{n}" in asked else one for n, one in enumerate(parts)]


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _prepared(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column that SQL can tell as we do, or one that has been told already."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _prepared(column.cast(kind.value_type))
    if pa.types.is_floating(kind):
        wide = column.cast(pa.float64())
        finite = pc.if_else(pc.is_finite(wide), pc.abs(wide), 0.0)
        if (pc.max(finite).as_py() or 0.0) < _WHOLE_BELOW:
            return wide
    elif _is_plain(kind):
        return column
    return pa.chunked_array([pa.array([cell.text(one) for one in column.to_pylist()], pa.string())])


def _is_plain(kind: pa.DataType) -> bool:
    asks = (_is_text, pa.types.is_boolean, pa.types.is_integer, pa.types.is_date32)
    return any(ask(kind) for ask in asks)


def _text(name: str, kind: pa.DataType) -> str:
    if pa.types.is_floating(kind):
        whole = f"{name} = trunc({name}) and abs({name}) < {_WHOLE_BELOW:.0f}"
        told = f"when {whole} then {name}::bigint::varchar else {name}::varchar"
        return f"case when isnan({name}) then null {told} end"
    return f"{name}::varchar"


def _places(column: pa.ChunkedArray) -> list[pa.ChunkedArray]:
    """Return what the text of a place is made of: the two numbers of a point, or that of another shape."""
    wkb = column.combine_chunks()
    middle = shapes.middles(wkb)
    point = middle.flat & middle.there
    x, y = (pa.array(np.where(point, axis, np.nan), from_pandas=True) for axis in (middle.x, middle.y))
    told = pc.if_else(pa.array(point), None, wkb)
    other = pa.nulls(len(wkb), pa.string()) if point.all() else shapes.wkt(told)
    return [pa.chunked_array([part]) for part in (x, y, other)]


def _in_order(made: pa.Table) -> pa.Table:
    numbers_made = made["n"].to_numpy()
    if (np.diff(numbers_made) == 1).all():
        return made
    return made.take(np.argsort(numbers_made))
