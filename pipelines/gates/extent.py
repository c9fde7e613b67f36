"""Gate: features lie where the family's data lie. Score: the share of features inside."""

from collections.abc import Iterator

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer

from pipelines.model import Finding, GateResult, Json, Outcome, Phase
from pipelines.subject import Subject

_REMEDY = "Look at what is outside on the map; correct their coordinates at the source."
_NAMED = 10
_WIDEST = 2  # times the expected area, of one feature: tiles are cut of whatever it covers


def check(subject: Subject) -> GateResult:
    """REVIEW features outside the expected area; FAIL fewer than `inside_min` in it, or a huge one."""
    source, table, said = subject.family.inputs[0], subject.table, subject.family.expectations["extent"]
    rows, boxes = _boxes(subject)
    count, west, south, east, north = len(rows), *boxes.T
    inside = (west >= said["west"]) & (east <= said["east"]) & (south >= said["south"])
    inside &= north <= said["north"]
    share = float(np.count_nonzero(inside)) / count if count else 0.0
    if subject.family.may_be_empty and not table.rows.num_rows:
        share = 1.0  # no row lies outside; whether none is right is for the gate size to ask
    outside = _named(subject, rows[~inside])
    outcome = Outcome.PASS if not outside else Outcome.REVIEW
    huge = _named(subject, rows[_huge(boxes, said)])
    if huge or share < said["inside_min"]:
        outcome = Outcome.FAIL
    named = ", ".join(outside[:_NAMED]) + (", …" if len(outside) > _NAMED else "")
    wrong = f"{len(outside):,} of {count:,} are outside: {named or 'there is none to look at'}."
    finding = Finding(
        rule="extent.outside", message=wrong, remedy=_REMEDY, where=outside[0] if outside else ""
    )
    box = ", ".join(f"{said[edge]:g}" for edge in ("west", "south", "east", "north"))
    return GateResult(
        gate="extent",
        phase=Phase.BEFORE,
        outcome=outcome,
        measured=f"{share:.1%} of {count:,} inside ({table.rows.num_rows - count:,} rows without)",
        limit=f"at least {said['inside_min']:.1%} inside {box}",
        value=share,
        bound=said["inside_min"],
        score=share,
        evidence="artifact:input-preview" if outcome is Outcome.FAIL and count else f"input:{source.name}",
        remedy="" if outcome is Outcome.PASS else _REMEDY,
        findings=() if outcome is Outcome.PASS else (*_told(huge), finding),
    )


def _huge(boxes: NDArray[np.float64], said: Json) -> NDArray[np.bool_]:
    """Say which boxes are wider or higher than anything here can be."""
    west, south, east, north = boxes.T
    wide, high = said["east"] - said["west"], said["north"] - said["south"]
    huge: NDArray[np.bool_] = (east - west > _WIDEST * wide) | (north - south > _WIDEST * high)
    return huge


def _told(huge: list[str]) -> Iterator[Finding]:
    if huge:
        named = ", ".join(huge[:_NAMED]) + (", …" if len(huge) > _NAMED else "")
        wrong = f"{len(huge):,} reach over more than {_WIDEST} times the expected area: {named}."
        yield Finding(rule="extent.huge", message=wrong, remedy=_REMEDY, where=huge[0])


def _named(subject: Subject, rows: NDArray[np.int64]) -> list[str]:
    if not len(rows):
        return []
    names = subject.inputs_read.names()
    return [names[row] for row in rows.tolist()]


def _boxes(subject: Subject) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the numbers of the rows that have a place, and their boxes in WGS 84 degrees."""
    shapes, crs = subject.shapes, subject.inputs_read.crs()
    there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    placed = shapes[there]
    if not CRS.from_user_input(crs).is_geographic:
        to = Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
        placed = shapely.transform(placed, lambda at: np.column_stack(to.transform(at[:, 0], at[:, 1])))
    return np.flatnonzero(there), shapely.bounds(placed).reshape(-1, 4)
