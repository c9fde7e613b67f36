"""A small drawing of Kansas with its changes, for every row of the queue."""

from collections.abc import Iterable, Mapping, Sequence
from math import cos, isfinite, radians
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from pipelines.model import Json

WIDTH, HEIGHT = 96, 48
DOTS_AT_MOST = 400
SHAPES_AT_MOST, LETTERS_AT_MOST = 400, 8_000
_MARGIN = 2.0
_WEST, _EAST, _SOUTH, _NORTH = -102.05, -94.59, 36.99, 40.0
# The state's corners; in the north-east the Missouri, from the 40th parallel to where the Kansas joins it.
_CORNERS = (
    (-102.05, 40.0),
    (-98.7, 40.0),
    (-95.31, 40.0),
    (-95.17, 39.91),
    (-94.93, 39.9),
    (-94.88, 39.76),
    (-95.11, 39.59),
    (-94.98, 39.41),
    (-94.83, 39.25),
    (-94.61, 39.11),
    (-94.61, 38.0),
    (-94.62, 37.0),
    (-98.0, 37.0),
    (-102.04, 36.99),
)
_ACROSS = cos(radians(38.5))
_SCALE = min((WIDTH - 2 * _MARGIN) / ((_EAST - _WEST) * _ACROSS), (HEIGHT - 2 * _MARGIN) / (_NORTH - _SOUTH))
_LEFT = (WIDTH - (_EAST - _WEST) * _ACROSS * _SCALE) / 2
_TOP = (HEIGHT - (_NORTH - _SOUTH) * _SCALE) / 2
# Drawn in this order, the loudest last; kept in the opposite order where there are too many.
_MARKS = {
    "same": ("#8e8b7e", 1.4),
    "precision": ("#958500", 1.2),
    "changed": ("#958500", 2.4),
    "removed": ("#a83a0a", 2.8),
    "added": ("#1c82cc", 2.8),
    "moved": ("#7a2382", 2.8),
}
_RAMP = ("#f3e3ae", "#e6bd76", "#d08b4c", "#a9532f", "#6d2a20")
_Place = tuple[float, float]


def svg(changes: Json | None, *, shapes: Mapping[str, Any] | None = None) -> bytes:
    """Return the drawing of the artifact `changes`, read; dashed and empty where there is none.

    Of changes that have `shapes`, by key, outlines are drawn if they are few enough.
    """
    if changes is None:
        return _framed({}, words="Nothing could be compared", dashed=True)
    spots: dict[str, list[_Place]] = {name: [] for name in _MARKS}
    for entry in changes["changes"]:
        if position := entry["after"] or entry["before"]:
            kind = "precision" if entry["decimals_only"] else entry["kind"]
            spots[kind].append((position["lon"], position["lat"]))
    words = ", ".join(
        f"{changes['counts'][kind]} {kind}" for kind in ("added", "removed", "moved", "changed")
    )
    drawn = _by_kind(changes["changes"], shapes or {})
    return _framed({} if drawn else spots, words=words, dashed=False, shapes=drawn)


def alone(places: Iterable[_Place]) -> bytes:
    """Return the drawing of an edition that has nothing to be compared with."""
    return _framed({"same": list(places)}, words="A first edition", dashed=False)


def outlined(shapes: Sequence[Any], *, steps: Sequence[int | None] = ()) -> bytes:
    """Return the drawing of a first edition of lines and areas, these shaded by `steps` if there are any."""
    steps = steps or [None] * len(shapes)
    if len(shapes) <= SHAPES_AT_MOST:
        marks = _shaded(shapes, steps) if any(step is not None for step in steps) else _plain(shapes)
        if len(marks) <= LETTERS_AT_MOST:
            return _framed({}, words="A first edition", dashed=False, shapes=marks)
    middles = [shapely.point_on_surface(shape) for shape in shapes if _is_drawn(shape)]
    return alone((middle.x, middle.y) for middle in middles if not middle.is_empty)


def tinted(places: Sequence[_Place], inks: Sequence[str], *, size: float = 4.0) -> bytes:
    """Return the drawing of a first edition of cells: a square in its own ink at each of some places."""
    by_ink: dict[str, list[str]] = {}
    for place, ink in zip(places, inks, strict=True):
        if _near(*place):
            by_ink.setdefault(ink, []).append(_projected(*place))
    marks = "".join(
        f'<path class="cell" d="{"".join(f"M{place}h0" for place in by_ink[ink])}" stroke="{ink}" '
        f'stroke-width="{size:g}" stroke-linecap="square"/>'
        for ink in sorted(by_ink)
    )
    return _framed({}, words="A first edition", dashed=False, shapes=marks)


def _by_kind(entries: Sequence[Json], shapes: Mapping[str, Any]) -> str:
    """Return outlines of what changed, the loudest last; nothing if one has no shape or they are too many."""
    found: dict[str, list[Any]] = {name: [] for name in _MARKS}
    for entry in entries:
        found["precision" if entry["decimals_only"] else entry["kind"]].append(shapes.get(entry["key"]))
    listed = [shape for held in found.values() for shape in held]
    if not listed or len(listed) > SHAPES_AT_MOST or not all(map(_is_drawn, listed)):
        return ""
    marks = "".join(_outline(name, held) for name, held in found.items() if held)
    return marks if len(marks) <= LETTERS_AT_MOST else ""


def _outline(name: str, shapes: Sequence[Any]) -> str:
    ink, _ = _MARKS[name]
    dashes = ' stroke-dasharray="2 1.2"' if name == "removed" else ""
    weak = name in {"precision", "same"}
    lines = not any(shapely.get_dimensions(shape) == 2 for shape in shapes)  # noqa: PLR2004  # areas
    fill = f'fill="{ink}" fill-opacity="{".12" if weak else ".4"}"' if not lines else 'fill="none"'
    wide = 0.5 if weak else 0.9
    return (
        f'<path class="shape {name}" d="{_paths(shapes)}" {fill} stroke="{ink}" '
        f'stroke-width="{1.4 if lines and not weak else wide}"{dashes}/>'
    )


def _plain(shapes: Sequence[Any]) -> str:
    ink, _ = _MARKS["same"]
    drawn = _paths([shape for shape in shapes if _is_drawn(shape)])
    return f'<path class="shape same" d="{drawn}" fill="none" stroke="{ink}" stroke-width=".6"/>'


def _shaded(shapes: Sequence[Any], steps: Sequence[int | None]) -> str:
    """Return areas in the ink of their step; where several share one, the highest is drawn last."""
    made = []
    for step, ink in enumerate(_RAMP):
        held = [shape for shape, one in zip(shapes, steps, strict=True) if one == step and _is_drawn(shape)]
        if held:
            made.append(
                f'<path class="shape step-{step}" d="{_paths(held)}" fill="{ink}" '
                'stroke="#f8f6ef" stroke-width=".3"/>'
            )
    return "".join(made)


def _is_drawn(shape: Any) -> bool:
    return shape is not None and not shape.is_empty and bool(np.isfinite(shapely.bounds(shape)).all())


def _paths(shapes: Sequence[Any]) -> str:
    """Return shapes as one path on a grid of half pixels, each once, cut to the drawing."""
    window = shapely.box(_WEST - 0.2, _SOUTH - 0.1, _EAST + 0.2, _NORTH + 0.1)
    found: dict[str, None] = {}
    for shape in shapes:
        parts = shapely.get_parts(shapely.transform(shapely.force_2d(shape), _pixels))
        for part in parts[shapely.intersects(parts, shapely.transform(window, _pixels))]:
            for ring in _rings(part):
                found[_path(ring)] = None
    return "".join(found)


def _rings(part: Any) -> list[Any]:
    return [part.exterior, *part.interiors] if part.geom_type == "Polygon" else [part]


def _path(line: Any) -> str:
    places = np.round(shapely.get_coordinates(shapely.simplify(line, 0.5)) * 2) / 2
    kept = places[np.r_[True, (np.diff(places, axis=0) != 0).any(axis=1)]]
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in kept.tolist())


def _framed(spots: dict[str, list[_Place]], *, words: str, dashed: bool, shapes: str = "") -> bytes:
    corners = "L".join(_projected(*corner) for corner in _CORNERS)
    dashes = ' stroke-dasharray="3 2"' if dashed else ""
    kept = _thinned(spots)
    marks = "".join(_marked(name, kept[name]) for name in _MARKS if kept.get(name))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">'
        f"<title>{words}</title>"
        f'<path class="state" d="M{corners}Z" fill="#f8f6ef" stroke="#6d6958" stroke-width="1"{dashes}/>'
        f"{shapes}{marks}</svg>"
    ).encode()


def _marked(name: str, places: list[str]) -> str:
    ink, width = _MARKS[name]
    dots = "".join(f"M{place}h0" for place in places)
    return (
        f'<path class="dot {name}" d="{dots}" fill="none" stroke="{ink}" stroke-width="{width}" '
        'stroke-linecap="round"/>'
    )


def _thinned(spots: dict[str, list[_Place]]) -> dict[str, list[str]]:
    """Keep one dot for each half pixel, and in all no more than are told apart."""
    left, kept = DOTS_AT_MOST, {}
    for name in reversed(_MARKS):
        inside = dict.fromkeys(_projected(*place) for place in spots.get(name, ()) if _near(*place))
        kept[name] = sorted(inside)[:: max(1, -(-len(inside) // max(left, 1)))][:left]
        left -= len(kept[name])
    return kept


def _near(lon: float, lat: float) -> bool:
    return isfinite(lon) and isfinite(lat) and _WEST <= lon <= _EAST and _SOUTH <= lat <= _NORTH


def _projected(lon: float, lat: float) -> str:
    x, y = _LEFT + (lon - _WEST) * _ACROSS * _SCALE, _TOP + (_NORTH - lat) * _SCALE
    return f"{round(x * 2) / 2:g} {round(y * 2) / 2:g}"


def _pixels(places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return where many places are in the drawing."""
    x, y = _LEFT + (places[:, 0] - _WEST) * _ACROSS * _SCALE, _TOP + (_NORTH - places[:, 1]) * _SCALE
    return np.stack((x, y), axis=1)
