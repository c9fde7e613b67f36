"""Defects that come to light once rows are a layer: for rows, keys, geometry, adjacency and drift."""

from collections.abc import Callable
from typing import Any

import numpy as np
import shapely

from pipelines.subject import Subject, framed
from tests.families.proof import edits
from tests.families.proof.books import GEOMETRY, Row, Rows
from tests.families.proof.case import Case, is_grid
from tests.families.proof.defect import ROWS, Applies, Defect, Spoil
from tests.families.proof.on_inputs import DEGREES

KM = 1 / 111.2  # degrees of latitude


def _some(change: Any) -> Spoil:
    return lambda case, size: case.changed(edits.first(case.rows, size, change(case)))


def _all(change: Any) -> Spoil:
    return lambda case, size: case.changed(edits.first(case.rows, len(case.rows), change(case, size)))


def _dropped(case: Case, size: float) -> Subject:
    return case.changed(case.rows[int(size) :])


def _repeated(case: Case, size: float) -> Subject:
    return case.changed([*case.rows, *case.rows[: int(size)]])


def _lost(case: Case, size: float) -> Subject:
    return case.made(case.whole, framed(case.layer).iloc[int(size) :].reset_index(drop=True))


def _named_after_the_last(case: Case, size: float) -> Subject:
    names = case.family.main.key
    last = {name: case.rows[-1][name] for name in names}
    count = min(int(size), len(case.rows) - 1)
    return case.changed(edits.first(case.rows, count, lambda row, _: {**row, **last}))


def _nameless(case: Case, size: float) -> Subject:
    frame = framed(case.layer).copy()
    frame.loc[: int(size) - 1, case.family.output.key] = None
    return case.made(case.whole, frame)


def _wrongly_composed(case: Case, size: float) -> Subject:
    frame, key = framed(case.layer).copy(), case.family.output.key
    frame.loc[: int(size) - 1, key] = [f"{one}!" for one in frame[key].iloc[: int(size)]]
    return case.made(case.whole, frame)


def _given_again(case: Case, size: float) -> Subject:
    """Give the first key to another thing, so many kilometres away."""
    name, north = edits.title(case), edits.moved(case, north=size * KM)
    return case.changed(edits.first(case.rows, 1, lambda row, n: {**north(row, n), name: "Another"}))


def _stacked(case: Case) -> edits.Change:
    place, last = case.family.main.place, case.rows[-1]
    names = (place.x, place.y) if edits.of_points(case) else (GEOMETRY,)  # type: ignore[union-attr]  # asked just now
    return lambda row, _: {**row, **{name: last[name] for name in names}}


def _crossed(row: Row, _: int) -> Row:
    ring = shapely.get_coordinates(shapely.get_exterior_ring(shapely.get_geometry(row[GEOMETRY], 0)))
    ring[[1, 2]] = ring[[2, 1]]
    return {**row, GEOMETRY: shapely.Polygon(ring)}


def _shaped(change: Callable[[Any], Any]) -> Callable[[Case], edits.Change]:
    return lambda _: lambda row, _: {**row, GEOMETRY: change(row[GEOMETRY])}


def _unknown(case: Case) -> edits.Change:
    return lambda row, _: {**row, case.family.main.key[1]: "999"}


def _told(case: Case) -> edits.Change:
    name = str(edits.told(case))
    other = 0.123 if name == edits.number(case) else "Another"
    return edits.with_cell(name, other)


def _inner(case: Case) -> Rows:
    within, sides = (
        case.family.expectations["adjacency"]["within"],
        case.family.expectations["adjacency"]["sides"],
    )
    return [row for row in case.rows if all(row[side].startswith(within) for side in sides)]


def _one_line(change: Callable[[Case, Row, float], Row | None]) -> Spoil:
    """Return a defect of the longest inner line."""

    def spoil(case: Case, size: float) -> Subject:
        longest = max(_inner(case), key=lambda row: row[GEOMETRY].length)
        made = [change(case, row, size) if row is longest else row for row in case.rows]
        return case.changed([row for row in made if row is not None])

    return spoil


def _misnamed(case: Case, row: Row, _: float) -> Row:
    side = case.family.expectations["adjacency"]["sides"][0]
    return {**row, side: next(one[side] for one in _inner(case) if one[side] not in row.values())}


def _removed_inner(case: Case, size: float) -> Subject:
    """Take out the inner line that so large a share of all inner lines is shorter than."""
    inner = sorted(_inner(case), key=lambda row: row[GEOMETRY].length)
    out = inner[int(np.ceil(size * len(inner))) - 1]
    return case.changed([row for row in case.rows if row is not out])


def _framed(case: Case) -> bool:
    return not is_grid(case)


def _adjacent(case: Case) -> bool:
    return "adjacency" in case.family.expectations


def _renamed_and_placed(case: Case) -> bool:
    return edits.placed(case) and edits.told(case) == edits.title(case)


def _composed(case: Case) -> bool:
    return bool(case.family.output.composed_of)


ON_ROWS = (
    ("rows", "{n:g} rows dropped", _dropped, _framed),
    ("rows", "{n:g} rows twice", _repeated, _framed),
    ("rows", "{n:g} rows lost by the steps", _lost, _framed),
    ("keys", "{n:g} rows twice", _repeated, _framed),
    ("keys", "{n:g} rows given the key of another", _named_after_the_last, _framed),
    ("keys", "{n:g} rows without a key", _nameless, _framed),
    ("keys", "{n:g} keys not composed of their parts", _wrongly_composed, _composed),
    ("geometry", "{n:g} shapes missing", _some(_shaped(lambda _: None)), edits.of_shapes),
    ("geometry", "{n:g} shapes that cross themselves", _some(lambda _: _crossed), edits.areas),
    ("geometry", "{n:g} shapes of another kind", _some(_shaped(shapely.centroid)), edits.of_shapes),
    ("geometry", "{n:g} rows on the place of another", _some(_stacked), edits.placed),
    ("geometry", "{n:g} rows of unknown counties", _some(_unknown), edits.of_joined),
    ("drift", "{n:g} rows dropped", _dropped, _framed),
    ("drift", "one value changed in {n:g} rows", _some(_told), lambda case: edits.told(case) is not None),
    (
        "drift",
        "{n:g} rows 5 km farther north",
        _some(lambda case: edits.moved(case, north=5 * KM)),
        edits.placed,
    ),
)
APART = (
    Defect(
        gate="keys",
        name="a key given to another thing {n:g} km away",
        spoil=_given_again,
        sizes=(1, 5, 10, 20, 40, 49, 51, 60, 100),
        applies=_renamed_and_placed,
    ),
    Defect(
        gate="drift",
        name="all places {n:g}° farther north",
        sizes=DEGREES,
        spoil=_all(lambda case, size: edits.moved(case, north=size)),
        applies=edits.placed,
    ),
    Defect(
        gate="drift",
        name="places rounded to {n:g} decimals",
        sizes=(5, 4, 3, 2, 1, 0),
        spoil=_all(lambda case, size: edits.rounded(case, int(size))),
        applies=edits.placed,
    ),
    Defect(
        gate="adjacency",
        name="the longest line given to a wrong county",
        spoil=_one_line(_misnamed),
        applies=_adjacent,
    ),
    Defect(
        gate="adjacency",
        name="the longest line {n:g}° farther north",
        sizes=DEGREES,
        applies=_adjacent,
        spoil=_one_line(lambda case, row, size: edits.moved(case, north=size)(row, 0)),
    ),
    Defect(
        gate="adjacency",
        name="a line missing than which {n:.0%} of all are shorter",
        sizes=(0.001, 0.02, 0.05, 0.1, 0.25, 0.5, 0.75, 1),
        spoil=_removed_inner,
        applies=_adjacent,
    ),
)


def _defect(gate: str, name: str, spoil: Spoil, applies: Applies) -> Defect:
    return Defect(gate=gate, name=name, spoil=spoil, sizes=ROWS, applies=applies)


DEFECTS = (*(_defect(*one) for one in ON_ROWS), *APART)
