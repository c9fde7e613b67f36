"""A small drawing of Kansas with its changes, for every row of the queue."""

from collections.abc import Iterable
from math import cos, isfinite, radians

from pipelines.model import Json

WIDTH, HEIGHT = 96, 48
DOTS_AT_MOST = 400
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
# Drawn in this order, the loudest last; kept in the opposite order where there are too many.
_MARKS = {
    "same": ("#8e8b7e", 1.4),
    "precision": ("#958500", 1.2),
    "changed": ("#958500", 2.4),
    "removed": ("#a83a0a", 2.8),
    "added": ("#1c82cc", 2.8),
    "moved": ("#7a2382", 2.8),
}
_Place = tuple[float, float]


def svg(changes: Json | None) -> bytes:
    """Return the drawing of the artifact `changes`, read; dashed and empty where there is none."""
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
    return _framed(spots, words=words, dashed=False)


def alone(places: Iterable[_Place]) -> bytes:
    """Return the drawing of an edition that has nothing to be compared with."""
    return _framed({"same": list(places)}, words="A first edition", dashed=False)


def _framed(spots: dict[str, list[_Place]], *, words: str, dashed: bool) -> bytes:
    corners = "L".join(_projected(*corner) for corner in _CORNERS)
    dashes = ' stroke-dasharray="3 2"' if dashed else ""
    kept = _thinned(spots)
    marks = "".join(_marked(name, kept[name]) for name in _MARKS if kept.get(name))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">'
        f"<title>{words}</title>"
        f'<path class="state" d="M{corners}Z" fill="#f8f6ef" stroke="#6d6958" stroke-width="1"{dashes}/>'
        f"{marks}</svg>"
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
    x = (
        _MARGIN
        + (lon - _WEST) * _ACROSS * _SCALE
        + (WIDTH - 2 * _MARGIN - (_EAST - _WEST) * _ACROSS * _SCALE) / 2
    )
    y = _MARGIN + (_NORTH - lat) * _SCALE + (HEIGHT - 2 * _MARGIN - (_NORTH - _SOUTH) * _SCALE) / 2
    return f"{round(x * 2) / 2:g} {round(y * 2) / 2:g}"
