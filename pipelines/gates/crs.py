"""Gate: the coordinates are believable numbers for the declared system. Score: 1 if all are, else 0."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS, Transformer

from pipelines.model import Extent, Finding, GateResult, Outcome, Phase
from pipelines.subject import Subject

_REMEDY = "Deliver the coordinates in the declared system, or correct `points` in pipeline.yaml."
_SWAP = "Exchange the two coordinate columns and deliver the file again."
_SWAPPED_MIN = 0.9
_WIDER = 0.1
_Numbers = NDArray[np.float64]


def check(subject: Subject) -> GateResult:
    """FAIL on numbers the system cannot have, and on axes that fit the expected area only when exchanged."""
    points, table = subject.family.inputs[0].points, subject.table
    if not {points.x, points.y} <= set(table.rows.column_names):
        return _answer(
            subject, 0, 0, (_finding("crs.no_columns", f"There is no {points.x} and {points.y}."),)
        )
    x, y = (table.numbers(name).to_numpy() for name in (points.x, points.y))
    there = np.isfinite(x) & np.isfinite(y)
    x, y = x[there], y[there]
    if not x.size:
        return _answer(
            subject, 0, 0, (_finding("crs.empty", "No row has coordinates: nothing could be judged."),)
        )
    bounds = plausible(points.crs)
    bad = int(np.count_nonzero(~_inside(x, y, bounds)))
    area = expected(subject)
    here, there_swapped = (int(np.count_nonzero(_inside(*pair, area))) for pair in ((x, y), (y, x)))
    swapped = there_swapped >= _SWAPPED_MIN * x.size and here < (1 - _SWAPPED_MIN) * x.size
    return _answer(subject, bad, x.size, tuple(_said(x, y, bad=bad, swapped=there_swapped if swapped else 0)))


def expected(subject: Subject) -> Extent:
    """Return where the points should be, in the declared system; anywhere plausible if nobody said."""
    crs, said = subject.family.inputs[0].points.crs, subject.family.expectations.get("extent")
    if said is None:
        return plausible(crs)
    west, south, east, north = (said[edge] for edge in ("west", "south", "east", "north"))
    return _transformed(crs, west, south, east, north)


@lru_cache(maxsize=32)
def plausible(crs: str) -> Extent:
    """Return the numbers a system can have: the globe, or its area of use and a tenth around it."""
    declared = CRS.from_user_input(crs)
    if declared.is_geographic or declared.area_of_use is None:
        return Extent(west=-180.0, south=-90.0, east=180.0, north=90.0)
    box = _transformed(crs, *declared.area_of_use.bounds)
    wide, high = _WIDER * (box.east - box.west), _WIDER * (box.north - box.south)
    return Extent(west=box.west - wide, south=box.south - high, east=box.east + wide, north=box.north + high)


@lru_cache(maxsize=32)
def _transformed(crs: str, west: float, south: float, east: float, north: float) -> Extent:
    if CRS.from_user_input(crs).is_geographic:
        return Extent(west=west, south=south, east=east, north=north)
    to = Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    left, bottom, right, top = to.transform_bounds(west, south, east, north)
    return Extent(west=left, south=bottom, east=right, north=top)


def _inside(x: _Numbers, y: _Numbers, box: Extent) -> NDArray[np.bool_]:
    inside: NDArray[np.bool_] = (x >= box.west) & (x <= box.east) & (y >= box.south) & (y <= box.north)
    return inside


def _said(x: _Numbers, y: _Numbers, *, bad: int, swapped: int) -> list[Finding]:
    reach = f"x from {x.min():g} to {x.max():g}, y from {y.min():g} to {y.max():g}"
    found = []
    if swapped:
        home = f"read the other way round, {swapped:,} of {x.size:,} points are where they belong"
        wrong = f"The axes look exchanged ({reach}): {home}."
        found.append(Finding(rule="crs.swapped", message=wrong, remedy=_SWAP, where=""))
    elif bad:
        guess = "pixels, or another system?"
        wrong = f"{bad:,} of {x.size:,} points have numbers the system cannot have ({reach}): {guess}"
        found.append(_finding("crs.implausible", wrong))
    return found


def _finding(rule: str, message: str) -> Finding:
    return Finding(rule=rule, message=message, remedy=_REMEDY, where="")


def _answer(subject: Subject, bad: int, count: int, findings: tuple[Finding, ...]) -> GateResult:
    points = subject.family.inputs[0].points
    return GateResult(
        gate="crs",
        phase=Phase.BEFORE,
        outcome=Outcome.FAIL if findings else Outcome.PASS,
        measured=f"{bad:,} of {count:,} points have impossible numbers",
        limit=f"every point possible in {points.crs}",
        value=bad / count if count else None,
        bound=0.0,
        score=0.0 if findings else 1.0,
        evidence="artifact:input-preview" if findings else f"input:{subject.family.inputs[0].name}",
        remedy=findings[0].remedy if findings else "",
        findings=findings,
    )
