"""The exact comparison of two editions of a vector layer by their key, and how it is written down."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pyarrow as pa
import shapely

from pipelines.diff import columns as columnar
from pipelines.diff import engine, feature, layer
from pipelines.diff.changes import Change, ColumnChange, Diff, Kind, Position, summed
from pipelines.diff.rows import flag
from pipelines.model import Json

LISTED_AT_MOST = 20_000
_ORDER = {Kind.MOVED: 0, Kind.ADDED: 1, Kind.REMOVED: 2, Kind.CHANGED: 3}


def compare(
    before: geopandas.GeoDataFrame | Path,
    after: geopandas.GeoDataFrame | Path,
    *,
    key: str,
    title: str = "",
    moved_over_m: float = 100.0,
) -> Diff:
    """Return every feature that was added, removed, changed or, being a point, moved.

    Args:
        before: the older edition, in WGS 84, as a frame or a GeoParquet file.
        after: the newer edition.
        key: the column that says which feature is which.
        title: the column that names a feature to people; the key where there is none.
        moved_over_m: how far a point of the same key must have gone to count as moved.

    Raises:
        KeysNotUnique: a key is missing or stands twice, so that no pairing would be right.
        NotComparable: there is no such key column, or positions are not WGS 84 degrees.
    """
    old = layer.table(before, key=key, edition="older")
    new = layer.table(after, key=key, edition="newer")
    columns = [name for name in dict.fromkeys((*old.column_names, *new.column_names)) if name != key]
    diff = Diff(key=key, title=title or key, before_rows=old.num_rows, after_rows=new.num_rows)
    pairs = _unequal(old, new, key=key, columns=columns)
    if pairs.num_rows > LISTED_AT_MOST:
        pairs = columnar.without_respelt(pairs, old, new, columns=columns)
    if pairs.num_rows > LISTED_AT_MOST:
        names = (diff.key, diff.title)
        return replace(
            diff, rows=columnar.rows(pairs, old, new, names=names, columns=columns, moved_over_m=moved_over_m)
        )
    listed = _listed(pairs, old, new, diff=diff, columns=columns, moved_over_m=moved_over_m)
    return replace(diff, listed=tuple(sorted(listed, key=_place_in_list)))


def changes(diff: Diff, *, findings: Mapping[str, str] | None = None) -> Json:
    """Return the list that the desk shows; `findings` says by key which rule noticed a feature."""
    noticed = findings or {}
    listed = sorted(diff.changes, key=lambda change: change.key not in noticed)
    return {
        **summed(diff),
        "truncated": False,
        "changes": [_entry(change, noticed.get(change.key)) for change in listed],
    }


def some(diff: Diff, places: Sequence[int]) -> tuple[Change, ...]:
    """Return a few changes of a large diff as objects, by their places in the list."""
    if diff.rows is None:
        return tuple(diff.changes[place] for place in places)
    rows, about = diff.rows, diff.rows.about.take(pa.array(places, pa.int64()))
    pairs = about.select(["old", "new", *(flag(name) for name in rows.columns)])
    named = pairs.rename_columns(["b_row", "a_row", *(f"d{n}" for n in range(len(rows.columns)))])
    made = _listed(named, rows.old, rows.new, diff=diff, columns=rows.columns, moved_over_m=rows.moved_over_m)
    return tuple(made)


def csv(diff: Diff) -> bytes:
    """Return one line for each column of each change; no value is nothing, empty text is `""`.

    A feature that has a key and no other value is a line of its own, so that none is lost.
    """
    lines = ["kind,key,column,old,new,distance_m"]
    for change in diff.changes:
        told = [column for column in change.columns if column.old != column.new]
        for column in told or [ColumnChange(name="", old=None, new=None)]:
            far = (
                "" if change.distance_m is None or column.name != layer.GEOMETRY else repr(change.distance_m)
            )
            cells = (change.kind, change.key, column.name, column.old, column.new)
            lines.append(",".join((*(_cell(cell) for cell in cells), far)))
    return ("\n".join(lines) + "\n").encode()


def _listed(
    pairs: pa.Table, old: pa.Table, new: pa.Table, *, diff: Diff, columns: Sequence[str], moved_over_m: float
) -> Iterator[Change]:
    """Yield each of a few changes as an object."""
    flags = [pairs[f"d{n}"].to_pylist() for n in range(len(columns))]
    rows = zip(_taken(old, pairs["b_row"]), _taken(new, pairs["a_row"]), strict=True)
    for n, (one, other) in enumerate(rows):
        change = feature.change(
            one,
            other,
            key=diff.key,
            title=diff.title,
            differs={name: flag[n] for name, flag in zip(columns, flags, strict=True)},
            moved_over_m=moved_over_m,
        )
        if change:
            yield change


def _unequal(old: pa.Table, new: pa.Table, *, key: str, columns: Sequence[str]) -> pa.Table:
    """Return the row numbers of every pair that is not equal, with one flag for each column."""
    flags = [f"{_differs(old, new, name)} as d{n}" for n, name in enumerate(columns)]
    anything = " or ".join(("b_row is null", "a_row is null", *(f"d{n}" for n in range(len(columns)))))
    left, right = _sides(old, new, key)
    query = (
        f"select * from (select {', '.join(('b_row', 'a_row', *flags))} "  # noqa: S608  # names are quoted
        f"from older b full join newer a on {left} = {right}) where {anything}"
    )
    return engine.ask(query, older=_numbered(old, "b_row"), newer=_numbered(new, "a_row"))


def _numbered(table: pa.Table, name: str) -> pa.Table:
    return table.append_column(name, pa.array(np.arange(table.num_rows)))


def _differs(old: pa.Table, new: pa.Table, name: str) -> str:
    if name not in old.column_names or name not in new.column_names:
        side = "b" if name in old.column_names else "a"
        return f"{side}.{engine.quoted(name)} is not null"
    left, right = _sides(old, new, name)
    return f"{left} is distinct from {right}"


def _sides(old: pa.Table, new: pa.Table, name: str) -> tuple[str, str]:
    """Return both sides of a column in SQL, as text where their types cannot be compared."""
    kinds = old.schema.field(name).type, new.schema.field(name).type
    cast = "" if kinds[0] == kinds[1] or all(_is_number(kind) for kind in kinds) else "::varchar"
    return f"b.{engine.quoted(name)}{cast}", f"a.{engine.quoted(name)}{cast}"


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))


def _taken(table: pa.Table, numbers: pa.ChunkedArray) -> list[dict[str, Any] | None]:
    """Return the rows of those numbers, with shapes as geometry."""
    taken = table.take(numbers.drop_null())
    shapes = shapely.from_wkb(taken[layer.GEOMETRY].to_numpy())
    rows = ({**row, layer.GEOMETRY: shape} for row, shape in zip(taken.to_pylist(), shapes, strict=True))
    return [None if number is None else next(rows) for number in numbers.to_pylist()]


def _place_in_list(change: Change) -> tuple[int, float, str]:
    return _ORDER[change.kind], -(change.distance_m or 0.0) if change.kind is Kind.MOVED else 0.0, change.key


def _entry(change: Change, finding: str | None) -> Json:
    return {
        "kind": change.kind,
        "key": change.key,
        "title": change.title,
        "distance_m": change.distance_m,
        "decimals_only": change.decimals_only,
        "finding": finding,
        "before": _place(change.before),
        "after": _place(change.after),
        "columns": [{"name": one.name, "old": one.old, "new": one.new} for one in change.columns],
        "same": dict(change.same),
    }


def _place(position: Position | None) -> Json | None:
    return None if position is None else {"lon": position.lon, "lat": position.lat}


def _cell(text: str | None) -> str:
    if text is None:
        return ""
    if text == "" or any(mark in text for mark in ',"\r\n'):
        return '"' + text.replace('"', '""') + '"'
    return text
