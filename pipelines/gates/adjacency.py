"""Gate: every line runs between its two areas, and every outline is run along. Score: the share that does."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from pipelines.inputs import texts
from pipelines.model import Finding, GateResult, Json, Outcome, Phase
from pipelines.subject import Subject

_REMEDY = "Correct the line or the areas it names at the source, or compare it with the right reference."
_LOOK = (
    "Look at line and outline on the map: if they are only generalised otherwise, say so when you approve."
)
_NAMED = 20
_STEP_M = 400.0
_DEGREES = 0.02  # a chord of so many is nowhere a metre from the parallel
_WGS84 = "EPSG:4326"
_Shapes = NDArray[np.object_]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    key: str
    sides: tuple[str, str]
    shape: shapely.Geometry | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fault:
    """What is wrong with a line or an outline; only what is not `grave` may be passed by a person."""

    rule: str
    where: str
    message: str
    grave: bool


def check(subject: Subject) -> GateResult:
    """FAIL on areas unknown or the same, on what is far apart or bare; REVIEW what is not quite near."""
    said = subject.family.expectations["adjacency"]
    lines, outlines = _read(subject, said)
    faults = [fault for line in lines for fault in _line(line, outlines, said)]
    faults += [fault for key, outline in outlines.items() for fault in _outline(key, outline, lines, said)]
    if not outlines:
        wrong = f"The reference {said['areas']} holds no area: nothing could be judged."
        faults.append(_Fault(rule="unknown", where="", message=wrong, grave=True))
    grave, things = any(fault.grave for fault in faults), len(lines) + len(outlines)
    at_fault = len({fault.where for fault in faults})
    remedy = "" if not faults else _REMEDY if grave else _LOOK
    return GateResult(
        gate="adjacency",
        phase=Phase.AFTER,
        outcome=Outcome.FAIL if grave else Outcome.REVIEW if faults else Outcome.PASS,
        measured=f"{at_fault:,} of {len(lines):,} lines and {len(outlines):,} outlines at fault",
        limit=f"lines within {said['near_m']:g} m of both areas, {said['covered_min']:.1%} of every outline "
        f"within {said['near_m']:g} m of its lines; FAIL beyond {said['far_m']:g} m",
        value=float(at_fault),
        bound=0.0,
        score=max(0.0, 1 - at_fault / things) if things else 0.0,
        evidence="artifact:data",
        remedy=remedy,
        findings=tuple(_findings(faults)),
    )


def _read(subject: Subject, said: Json) -> tuple[list[_Line], dict[str, shapely.Geometry]]:
    """Return the lines and the outlines of the areas by key, both in metres."""
    areas, frame = said["areas"], subject.product.frame
    read = subject.inputs_read
    source = next(one for one in subject.family.inputs if one.name == areas)
    shapes = gpd.GeoSeries(read.shapes(areas), crs=read.crs(areas)).to_crs(_WGS84)
    west, south, east, north = shapes.total_bounds if shapes.notna().any() else (0.0,) * 4
    flat = f"+proj=laea +lat_0={round((south + north) / 2)} +lon_0={round((west + east) / 2)} +units=m"
    keys = texts(read.table(areas), source.key)
    outlines = dict(zip(keys, _metres(shapes.boundary, flat), strict=True))
    named = zip(*(frame[side].tolist() for side in said["sides"]), strict=True)
    told = zip(frame[subject.output.key].tolist(), named, _metres(frame.geometry, flat), strict=True)
    lines = [_Line(key=str(key), sides=(str(a), str(b)), shape=shape) for key, (a, b), shape in told]
    return lines, {key: one for key, one in outlines.items() if one is not None and not shapely.is_empty(one)}


def _metres(shapes: gpd.GeoSeries, flat: str) -> _Shapes:
    flattened: _Shapes = shapes.segmentize(_DEGREES).to_crs(flat).to_numpy()
    return flattened


def _line(line: _Line, outlines: Mapping[str, shapely.Geometry], said: Json) -> Iterator[_Fault]:
    """Judge one line by the areas that it names."""
    left, right = line.sides
    if left == right:
        yield _fault("same", line.key, f"{line.key} has {left} on both sides.")
    inside = [side for side in line.sides if side.startswith(said["within"])]
    for side in inside or line.sides:
        if side not in outlines:
            yield _fault("unknown", line.key, f"{line.key} names {side}, which the reference does not hold.")
    if line.shape is None or shapely.is_empty(line.shape):
        return  # the gate geometry says so
    points = _points(line.shape)
    for side in dict.fromkeys(side for side in line.sides if side in outlines):
        far = float(shapely.distance(points, outlines[side]).max())
        if not far <= said["near_m"]:  # no number is not near either
            wrong = f"{line.key} runs up to {far / 1000:,.2f} km away from the outline of {side}."
            yield _Fault(rule="apart", where=line.key, message=wrong, grave=not far <= said["far_m"])


def _outline(key: str, outline: shapely.Geometry, lines: list[_Line], said: Json) -> Iterator[_Fault]:
    """Judge how much of one area's outline its lines run along."""
    beside = [line.shape for line in lines if key in line.sides and line.shape is not None]
    points = _points(outline)
    far = np.full(len(points), np.inf)
    if beside:
        far = shapely.distance(points, shapely.geometrycollections(beside))
    far = np.where(np.isnan(far), np.inf, far)
    bare, barer = (float(np.mean(far > said[limit])) for limit in ("near_m", "far_m"))
    if 1 - bare < said["covered_min"]:
        wrong = f"No line of {key} runs along {bare:.1%} of its outline; {barer:.1%} is far from all of them."
        yield _Fault(rule="uncovered", where=key, message=wrong, grave=1 - barer < said["covered_min"])


def _points(shape: shapely.Geometry) -> _Shapes:
    """Return the corners of a line, and points between them."""
    corners = shapely.get_coordinates(shapely.segmentize(shape, _STEP_M))
    return np.asarray(shapely.points(corners), dtype=np.object_)


def _fault(rule: str, where: str, message: str) -> _Fault:
    return _Fault(rule=rule, where=where, message=message, grave=True)


def _findings(faults: list[_Fault]) -> Iterator[Finding]:
    """Yield the gravest faults of each rule, and how many more there are."""
    for rule in dict.fromkeys(fault.rule for fault in faults):
        found = sorted((fault for fault in faults if fault.rule == rule), key=lambda fault: not fault.grave)
        for fault in found[:_NAMED]:
            remedy = _REMEDY if fault.grave else _LOOK
            yield Finding(rule=f"adjacency.{rule}", message=fault.message, remedy=remedy, where=fault.where)
        if len(found) > _NAMED:
            more = f"{len(found) - _NAMED:,} more are at fault in this way, {len(found):,} in all."
            yield Finding(rule=f"adjacency.{rule}", message=more, remedy=_LOOK)
