"""Shapes made of GeoJSON's coordinates, all of a kind at once, or the words why there is none."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

_DIMENSIONS = (2, 3)
_LINE, _RING = 2, 4
_HALF_ROUND = 180
_NUMBERS = frozenset({int, float})  # not bool, which is an int
_Positions = NDArray[np.float64]
_Maker = Callable[[list[Any]], shapely.Geometry]
Wrong = tuple[int, str]  # the place of a geometry, and what is wrong with it


class _Bad(Exception):
    """Say what is wrong with coordinates, as the end of a sentence."""


def shapes(geometries: Sequence[Any], *, degrees: bool) -> tuple[NDArray[Any], list[Wrong]]:
    """Return the shape of each geometry, None for what is null or wrong, and what is wrong with which.

    Of `degrees` it is known that 179 and -179 are neighbours: a line between them must be cut in two.
    """
    made = np.full(len(geometries), None, dtype=object)
    wrongs: list[Wrong] = []
    points: dict[int, tuple[list[int], list[Any]]] = {2: ([], []), 3: ([], [])}
    for place, geometry in enumerate(geometries):
        if geometry is None:
            continue
        try:
            if _is_point(geometry):
                position = geometry["coordinates"]
                _check_numbers(position)
                places, positions = points[len(position)]
                places.append(place)
                positions.append(position)
            else:
                made[place] = _shape(geometry, degrees=degrees)
        except _Bad as bad:
            wrongs.append((place, str(bad)))
    for places, positions in points.values():
        if places:
            _place(made, places, positions, wrongs)
    return made, sorted(wrongs)


def _is_point(geometry: Any) -> bool:
    """Say whether it is a point with coordinates: most files are nothing but those, and they go fast."""
    if not isinstance(geometry, dict) or geometry.get("type") != "Point":
        return False
    position = geometry.get("coordinates")
    return isinstance(position, list) and len(position) in _DIMENSIONS


def _place(made: NDArray[Any], places: list[int], positions: list[Any], wrongs: list[Wrong]) -> None:
    try:
        numbers = np.array(positions, dtype=np.float64)
    except OverflowError:  # one of them is too large for a number
        for place, position in zip(places, positions, strict=True):
            try:
                made[place] = shapely.Point(_positions([position], least=1)[0])
            except _Bad as bad:
                wrongs.append((place, str(bad)))
        return
    finite = np.isfinite(numbers).all(axis=1)
    where = np.array(places)
    made[where[finite]] = shapely.points(numbers[finite])
    wrongs.extend((int(place), "has infinite coordinates") for place in where[~finite])


def _goes_round(shape: shapely.Geometry) -> bool:
    """Say whether any part goes more than half round the globe in one step."""
    west, _, east, _ = shapely.bounds(shape)
    if not east - west > _HALF_ROUND:  # nor if it is empty
        return False
    parts = shapely.get_parts(shape)
    lines = [*shapely.get_rings(parts), *(part for part in parts if part.geom_type == "LineString")]
    steps = (np.abs(np.diff(shapely.get_coordinates(line)[:, 0])) for line in lines)
    return any(bool((step > _HALF_ROUND).any()) for step in steps)


def _shape(geometry: Any, *, degrees: bool) -> shapely.Geometry:
    if not isinstance(geometry, dict) or not isinstance(geometry.get("type"), str):
        raise _Bad("is no geometry")
    kind = geometry["type"]
    if kind == "GeometryCollection":
        parts = [_shape(part, degrees=degrees) for part in _list(geometry.get("geometries"))]
        return shapely.GeometryCollection(parts)
    if kind not in _MAKERS:
        raise _Bad(f"is of unknown type {kind[:40]!r}")
    made = _MAKERS[kind](_list(geometry.get("coordinates")))
    if degrees and _goes_round(made):
        raise _Bad("goes the long way round the globe: cut it at the antimeridian")
    return made


def _point(position: list[Any]) -> shapely.Geometry:
    return shapely.Point(_positions([position], least=1)[0]) if position else shapely.Point()


def _line(positions: list[Any]) -> shapely.Geometry:
    return shapely.LineString(_positions(positions, least=_LINE) if positions else None)


def _polygon(rings: list[Any]) -> shapely.Geometry:
    if not rings:
        return shapely.Polygon()
    outer, *holes = [_ring(_list(ring)) for ring in rings]
    return shapely.Polygon(outer, holes or None)


def _ring(positions: list[Any]) -> shapely.LinearRing:
    found = _positions(positions, least=_RING)
    if not np.array_equal(found[0], found[-1]):
        raise _Bad("has a ring that is not closed")
    return shapely.LinearRing(found)


def _many(single: _Maker, together: Callable[[list[Any]], shapely.Geometry]) -> _Maker:
    def made(parts: list[Any]) -> shapely.Geometry:
        return together([single(_list(part)) for part in parts])

    return made


_MAKERS: dict[str, _Maker] = {
    "Point": _point,
    "LineString": _line,
    "Polygon": _polygon,
    "MultiPoint": _many(_point, shapely.MultiPoint),
    "MultiLineString": _many(_line, shapely.MultiLineString),
    "MultiPolygon": _many(_polygon, shapely.MultiPolygon),
}


def _positions(found: list[Any], *, least: int) -> _Positions:
    if len(found) < least:
        raise _Bad(f"has {len(found)} positions where {least} are the least")
    for position in found:
        _check_numbers(position)
    try:
        made = np.array(found, dtype=np.float64)
    except ValueError as cause:
        raise _Bad("has positions of different lengths") from cause
    except OverflowError as cause:
        raise _Bad("has infinite coordinates") from cause
    if made.shape[1] not in _DIMENSIONS:
        raise _Bad(f"has positions of {made.shape[1]} numbers")
    if not np.isfinite(made).all():
        raise _Bad("has infinite coordinates")
    return made


def _check_numbers(position: Any) -> None:
    if not isinstance(position, list) or not _NUMBERS.issuperset(map(type, position)):
        raise _Bad("has coordinates that are no numbers")


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise _Bad("has no list of coordinates")
    return value


def finite(made: NDArray[Any]) -> NDArray[np.bool_]:
    """Say of each shape whether all its coordinates are finite numbers; None and empty ones are."""
    numbers, of = shapely.get_coordinates(made, include_z=False, return_index=True)
    answer = np.ones(len(made), dtype=bool)
    answer[np.unique(of[~np.isfinite(numbers).all(axis=1)])] = False
    return answer
