"""Edits of rows: which columns a family has for what, and the first n rows with one thing changed."""

from collections.abc import Callable
from typing import Any

import numpy as np
import shapely

from pipelines.family import Joined, Points, Shapes
from tests.families.proof.books import GEOMETRY, Row, Rows
from tests.families.proof.case import Case

Change = Callable[[Row, int], Row]


def key(case: Case) -> str:
    """Return the last column of the key of the input."""
    return case.family.main.key[-1]


def title(case: Case) -> str:
    """Return the column of the title of the input."""
    return case.family.main.title


def number(case: Case) -> str | None:
    """Return a column of numbers that is no coordinate."""
    place = case.family.main.place
    apart = {place.x, place.y} if isinstance(place, Points) else set()
    found = (name for name in _columns(case) if name not in apart and "number" in _types(case, name))
    return next(found, None)


def listed(case: Case) -> str | None:
    """Return a column of which the schema lists the values."""
    return next((name for name in _columns(case) if "enum" in _columns(case)[name]), None)


def told(case: Case) -> str | None:
    """Return a column of text that is published and names nothing."""
    source, published = case.family.main, {one.name for one in case.family.output.columns}
    taken = {*source.key, case.family.output.key}
    names = [source.title, *_columns(case)]
    return next(
        (one for one in names if one in published - taken and "string" in _types(case, one)), number(case)
    )


def _columns(case: Case) -> dict[str, Any]:
    found: dict[str, Any] = case.family.main.schema["properties"]
    return found


def _types(case: Case, name: str) -> Any:
    return _columns(case)[name]["type"]


def first(rows: Rows, count: float, change: Change) -> Rows:
    """Return the rows with the first `count` changed."""
    return [change(dict(row), n) if n < count else row for n, row in enumerate(rows)]


def with_cell(name: str, value: Any) -> Change:
    """Give a cell another value."""
    return lambda row, _: {**row, name: value}


def moved(case: Case, *, east: float = 0.0, north: float = 0.0) -> Change:
    """Move a row's place by degrees."""
    place = case.family.main.place
    if isinstance(place, Points):
        return lambda row, _: {
            **row,
            place.x: f"{float(row[place.x]) + east:.9g}",
            place.y: f"{float(row[place.y]) + north:.9g}",
        }
    return _placed(lambda shape: shapely.transform(shape, lambda at: at + np.array([east, north])))


def swapped(case: Case) -> Change:
    """Exchange x and y of a row."""
    place = case.family.main.place
    if isinstance(place, Points):
        return lambda row, _: {**row, place.x: row[place.y], place.y: row[place.x]}
    return _placed(lambda shape: shapely.transform(shape, lambda at: at[:, ::-1]))


def rounded(case: Case, decimals: int) -> Change:
    """Round a row's coordinates."""
    place = case.family.main.place
    if isinstance(place, Points):
        return lambda row, _: {
            **row,
            **{one: f"{round(float(row[one]), decimals):g}" for one in (place.x, place.y)},
        }
    return _placed(lambda shape: shapely.transform(shape, lambda at: at.round(decimals)))


def scaled(case: Case, by: float) -> Change:
    """Multiply a row's coordinates."""
    place = case.family.main.place
    if isinstance(place, Points):
        return lambda row, _: {**row, **{one: f"{float(row[one]) * by:g}" for one in (place.x, place.y)}}
    return _placed(lambda shape: shapely.transform(shape, lambda at: at * by))


def _placed(change: Callable[[Any], Any]) -> Change:
    return lambda row, _: {**row, GEOMETRY: change(row[GEOMETRY])}


def of_points(case: Case) -> bool:
    """Say whether places stand in two columns."""
    return isinstance(case.family.main.place, Points)


def of_shapes(case: Case) -> bool:
    """Say whether the file holds shapes."""
    return isinstance(case.family.main.place, Shapes)


def of_joined(case: Case) -> bool:
    """Say whether rows have the place of another input's."""
    return isinstance(case.family.main.place, Joined)


def placed(case: Case) -> bool:
    """Say whether the file itself says where its rows lie."""
    return of_points(case) or of_shapes(case)


def areas(case: Case) -> bool:
    """Say whether the layer's shapes are areas of its own."""
    return of_shapes(case) and "Polygon" in case.family.expectations["geometry"]["types"]
