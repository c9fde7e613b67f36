"""Gate: the coordinates are believable numbers for the declared system. Score: 1 if all are, else 0."""

from collections.abc import Iterator
from functools import lru_cache

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from pipelines.family import Points, Shapes
from pipelines.model import Extent, Finding, GateResult, Outcome, Phase
from pipelines.subject import Subject

_REMEDY = "Deliver the coordinates in the declared system, or correct the system in pipeline.yaml."
_SWAP = "Exchange the two coordinate columns and deliver the file again."
_SWAPPED_MIN = 0.9
_WIDER = 0.1
_Numbers = NDArray[np.float64]
_Flags = NDArray[np.bool_]


def check(subject: Subject) -> GateResult:
    """FAIL on impossible numbers, on axes that fit only when exchanged, on another system than declared."""
    place, named = subject.family.main.place, subject.table.rows.column_names
    if isinstance(place, Points) and not {place.x, place.y} <= set(named):
        return _answer(subject, 0, 0, (_finding("crs.no_columns", f"There is no {place.x} and {place.y}."),))
    x, y = shapely.get_coordinates(subject.shapes).T
    there = np.isfinite(x) & np.isfinite(y)
    x, y = x[there], y[there]
    if not x.size:
        return _empty(subject)
    bounds = plausible(_declared(subject))
    bad = ~_inside(x, y, bounds)
    area = expected(subject)
    here, home = _inside(x, y, area), _inside(y, x, area)
    swapped = home.sum() >= _SWAPPED_MIN * x.size and here.sum() < (1 - _SWAPPED_MIN) * x.size
    findings = (*_named(subject), *_said(x, y, bad=bad, home=home, swapped=bool(swapped)))
    return _answer(subject, int(bad.sum()), x.size, findings)


def _empty(subject: Subject) -> GateResult:
    """Judge an input without any coordinates; where no rows may be right, none is where it should not be."""
    if subject.family.may_be_empty and not subject.table.rows.num_rows:
        return _answer(subject, 0, 0, ())
    said = _finding("crs.empty", "No row has coordinates: nothing could be judged.")
    return _answer(subject, 0, 0, (said,))


def _declared(subject: Subject) -> str:
    return subject.inputs_read.crs()


def _named(subject: Subject) -> Iterator[Finding]:
    """Hold the system that the file itself names against the declared one."""
    if not isinstance(subject.family.main.place, Shapes):
        return
    declared, told = _declared(subject), subject.table.crs
    if told is None:
        yield _finding("crs.missing", f"The file does not say in which system it is; {declared} is declared.")
    elif not _same(told, declared):
        yield _finding("crs.other", f"The file says that it is in {told[:80]}; {declared} is declared.")


def _same(told: str, declared: str) -> bool:
    try:
        return bool(CRS.from_user_input(told).equals(CRS.from_user_input(declared), ignore_axis_order=True))
    except CRSError:
        return False


def expected(subject: Subject) -> Extent:
    """Return where the points should be, in the declared system; anywhere plausible if nobody said."""
    crs, said = _declared(subject), subject.family.expectations.get("extent")
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


def _inside(x: _Numbers, y: _Numbers, box: Extent) -> _Flags:
    inside: _Flags = (x >= box.west) & (x <= box.east) & (y >= box.south) & (y <= box.north)
    return inside


def _said(x: _Numbers, y: _Numbers, *, bad: _Flags, home: _Flags, swapped: bool) -> Iterator[Finding]:
    reach = f"x from {x.min():g} to {x.max():g}, y from {y.min():g} to {y.max():g}"
    if swapped:
        back = f"read the other way round, {home.sum():,} of {x.size:,} places are where they belong"
        wrong = f"The axes look exchanged ({reach}): {back}."
        yield Finding(rule="crs.swapped", message=wrong, remedy=_SWAP, where="")
    elif bad.any():
        some = int((bad & home).sum())
        guess = f"{some:,} belong here if exchanged." if some else "pixels, or another system?"
        wrong = f"{bad.sum():,} of {x.size:,} places have numbers the system cannot have ({reach}): {guess}"
        yield _finding("crs.implausible", wrong)


def _finding(rule: str, message: str) -> Finding:
    return Finding(rule=rule, message=message, remedy=_REMEDY, where="")


def _answer(subject: Subject, bad: int, count: int, findings: tuple[Finding, ...]) -> GateResult:
    what = "points" if isinstance(subject.family.main.place, Points) else "coordinates"
    source = subject.family.main.name
    return GateResult(
        gate="crs",
        phase=Phase.BEFORE,
        outcome=Outcome.FAIL if findings else Outcome.PASS,
        measured=f"{bad:,} of {count:,} {what} have impossible numbers",
        limit=f"every one possible in {_declared(subject)}",
        value=bad / count if count else None,
        bound=0.0,
        score=0.0 if findings else 1.0,
        evidence="artifact:input-preview" if findings and count else f"input:{source}",
        remedy=findings[0].remedy if findings else "",
        findings=findings,
    )
