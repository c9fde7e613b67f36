"""A drawn area: the box that somebody typed or drew, and the features of an edition that lie in it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import isfinite
from typing import Any

from kfm_review.errors import Invalid, NotPossible
from kfm_review.runs import reading, withheld
from kfm_review.runs.models import Artifact, Manifest
from kfm_review.waivers import rules
from kfm_review.waivers.rules import Asked, Edges, Json
from pipelines import digest
from pipelines.errors import Stopped
from pipelines.model import Role

NAMES = ("west", "south", "east", "north")
DECIMALS = 6  # as the map has its places: 11 cm
DATE_LINE, POLE = 180.0, 90.0
WHOLE, GONE, TILED = "after", "before", "after-tiles"
NAME_THEM = "Name the features, or leave both empty."
NO_MAP: Json = {"sources": {}}
Boxes = dict[str, Edges]


def placed(asked: Asked, manifest: Manifest) -> Asked:
    """Return what was asked with the features of the edition that lie in its area, if it has one."""
    if not any(edge is not None for edge in asked.area):
        return replace(asked, area=())
    if withheld.marked(manifest).guarded:
        raise NotPossible(
            "No area can be drawn here.",
            cause="It would tell where things are that are guarded.",
            next_step=NAME_THEM,
        )
    return resolved(asked, gates=manifest.body.get("gates", ()), style=_style(manifest))


def resolved(asked: Asked, *, gates: Sequence[Json], style: Json) -> Asked:
    """Return what was asked with the keys in its area; refuse one that is no box, or bounds nothing."""
    area = box(asked.area)
    if asked.keys:
        raise Invalid("Name features or draw an area, not both.", next_step="Empty one of them.")
    known = features(style)
    chosen = [one for one in rules.failing(gates) if one["gate"] in asked.gates]
    boundless = [one["gate"] for one in chosen if not any(said["where"] in known for said in one["findings"])]
    if boundless:
        raise Invalid(
            f"No area bounds {', '.join(boundless)}.",
            cause="What it found names no feature of this edition.",
            next_step="Leave the area out, or ask for that gate by itself.",
        )
    inside = tuple(sorted(key for key, edges in known.items() if within(edges, area)))
    if not inside:
        raise Invalid("No feature lies in this area as a whole.", next_step="Draw it larger, or elsewhere.")
    if len(inside) > rules.MOST_KEYS:
        raise Invalid(
            f"{len(inside):,} features lie in this area: at most {rules.MOST_KEYS:,} can be excused.",
            next_step="Draw it smaller.",
        )
    return replace(asked, area=area, keys=inside)


def box(typed: Sequence[float | None]) -> Edges:
    """Return four numbers as a box: west, south, east, north in degrees."""
    told = dict(zip(NAMES, typed, strict=True))
    missing = [name for name, edge in told.items() if edge is None]
    if missing:
        raise Invalid(
            "An area takes four numbers.",
            cause=f"{' and '.join(missing).capitalize()} {'is' if len(missing) == 1 else 'are'} missing.",
            next_step="Write all four, or none.",
        )
    west, south, east, north = (round(edge, DECIMALS) + 0.0 for edge in typed if edge is not None)
    if not all(map(isfinite, (west, south, east, north))):
        raise Invalid("An area takes four numbers.", next_step="Write degrees, as in -98.25.")
    if max(abs(west), abs(east)) > DATE_LINE or max(abs(south), abs(north)) > POLE:
        raise Invalid(
            "The area lies beyond the edge of the map.",
            cause=f"West and east go to {DATE_LINE:.0f} degrees, south and north to {POLE:.0f}.",
            next_step="Write degrees of longitude and latitude.",
        )
    if west >= east or south >= north:
        first, second = ("west", "east") if west >= east else ("south", "north")
        raise Invalid(
            "The area is no box.",
            cause=f"Its {first} edge is not {first} of its {second} edge.",
            next_step="Exchange the two, or draw it again.",
        )
    return west, south, east, north


def features(style: Json) -> Boxes:
    """Return the box of every feature that a map holds: of this edition, and of those that are gone.

    Where several rows of a key stand, all of them are in its box.
    """
    sources = style["sources"]
    if TILED in sources or WHOLE not in sources:
        raise NotPossible(
            "No area can be drawn here.",
            cause="This edition is too large to be searched, or its map holds no features.",
            next_step=NAME_THEM,
        )
    here = _boxes(sources[WHOLE])
    return _boxes(sources.get(GONE)) | here


def within(edges: Edges, area: Edges) -> bool:
    """Answer whether a box lies in an area as a whole; its edge belongs to it."""
    west, south, east, north = area
    return west <= edges[0] and south <= edges[1] and edges[2] <= east and edges[3] <= north


def words(scope: Json) -> str:
    """Say which area an exception is bounded by, and how many features lay in it; nothing without one."""
    if not scope.get("area"):
        return ""
    west, south, east, north = map(float, scope["area"])
    count = len(scope["keys"] or ())
    return f"{west}, {south} to {east}, {north} ({count:,} feature{'' if count == 1 else 's'})"


def _style(manifest: Manifest) -> Json:
    """Return the map of an edition, read from its stored bytes."""
    drawn = Artifact.objects.filter(manifest=manifest, role=Role.PREVIEW).first()
    try:
        return dict(digest.read_json(reading.candidates().read(drawn.sha256))) if drawn else NO_MAP
    except Stopped as cause:
        raise NotPossible("No area can be drawn here.", cause=str(cause), next_step=NAME_THEM) from cause


def _boxes(source: Json | None) -> Boxes:
    found: Boxes = {}
    for feature in source["data"]["features"] if source else ():
        told, edges = feature["properties"], _around(feature["geometry"]["coordinates"])
        for key in told["keys"].split("\n") if "keys" in told else (told["key"],):
            west, south, east, north = found.get(key, edges)
            found[key] = (
                *(min(west, edges[0]), min(south, edges[1])),
                *(max(east, edges[2]), max(north, edges[3])),
            )
    return found


def _around(coordinates: Sequence[Any]) -> Edges:
    xs, ys = zip(*_corners(coordinates), strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def _corners(coordinates: Sequence[Any]) -> Iterator[tuple[float, float]]:
    """Yield every place of a shape, however deep its coordinates are nested."""
    if isinstance(coordinates[0], int | float):
        yield coordinates[0], coordinates[1]
        return
    for part in coordinates:
        yield from _corners(part)
