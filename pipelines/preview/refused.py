"""The map of a refused input: where its rows are as read, and where they belong if axes are exchanged."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np
import shapely

from pipelines.model import Json
from pipelines.preview import features, layers
from pipelines.preview.drawing import collection, written
from pipelines.preview.edition import DRAWN_AT_MOST
from pipelines.preview.features import Shapes, dot, line

EDGE_OF_MAP, POLE, DATE_LINE = 85.0, 90.0, 180.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """One row of an input with a point in it, as it was read."""

    key: str
    title: str
    x: float
    y: float


def input_style(spots: Sequence[Spot], *, swapped: bool, shapes: Sequence[Any] | None = None) -> bytes:
    """Return the map of a refused input: rows as read and, if their axes are `swapped`, where they belong.

    Sources: `as_read`, `belongs`, and `lines` from one to the other; with `shapes`, one for each spot,
    their outlines too, if they are more than points. What swapped axes put beyond a pole is drawn at the
    map's edge with its numbers; what has no place on Earth is counted in `kfm:not_drawn`.
    """
    numbers = [n for n, spot in enumerate(spots) if _drawable(spot, swapped=swapped)][:DRAWN_AT_MOST]
    drawn = [spots[n] for n in numbers]
    read = [((spot.x, max(-EDGE_OF_MAP, min(EDGE_OF_MAP, spot.y))), spot) for spot in drawn]
    held = {
        "as_read": [dot(place, _told(spot, kind="as_read")) for place, spot in read],
        "belongs": [dot((spot.y, spot.x), _told(spot, kind="belongs")) for spot in drawn if swapped],
        "lines": [
            line(place, (spot.y, spot.x), _told(spot, kind="moved")) for place, spot in read if swapped
        ],
    }
    made = [
        layers.moves("moved-line", "lines"),
        layers.dots("removed-point", "as_read", kind="as_read", side="before", radius=4, ink="removed"),
        layers.dots(
            "added-point", "belongs", kind="belongs", side="after", radius=4, ink="added", hollow=True
        ),
    ]
    outlines = np.array([] if shapes is None else [shapes[n] for n in numbers], dtype=object)
    if (shapely.get_dimensions(outlines) > 0).any():
        held |= _outlined(outlines, drawn, swapped=swapped)
        made = [*_outlines(), *made]
    metadata = {
        "kfm:role": "input-preview",
        "kfm:read": len(spots),
        "kfm:not_drawn": len(spots) - len(drawn),
        "kfm:swapped": swapped,
    }
    return written({name: collection(listed) for name, listed in held.items()}, made, metadata=metadata)


def _drawable(spot: Spot, *, swapped: bool) -> bool:
    if not (isfinite(spot.x) and isfinite(spot.y)):
        return False
    if swapped:
        return abs(spot.x) <= POLE and abs(spot.y) <= DATE_LINE
    return abs(spot.x) <= DATE_LINE and abs(spot.y) <= POLE


def _outlined(shapes: Shapes, drawn: Sequence[Spot], *, swapped: bool) -> dict[str, list[Json]]:
    """Return outlines as read, cut at the map's edge, and where they belong."""
    there = features.drawable(shapes) if len(shapes) else np.zeros(0, bool)
    flat, said = features.light(shapes[there]), [drawn[n] for n in np.flatnonzero(there).tolist()]
    read = shapely.transform(flat, _on_map) if len(flat) else flat
    belongs = shapely.transform(flat, lambda places: places[:, ::-1]) if swapped and len(flat) else flat[:0]
    return {
        "as_read_shapes": _features(read, said, kind="as_read"),
        "belongs_shapes": _features(belongs, said if swapped else [], kind="belongs"),
    }


def _on_map(places: Any) -> Any:
    return np.clip(places, (-DATE_LINE, -EDGE_OF_MAP), (DATE_LINE, EDGE_OF_MAP))


def _features(shapes: Shapes, said: Sequence[Spot], *, kind: str) -> list[Json]:
    made = features.geometries(shapes)
    return [features.feature(one, _told(spot, kind=kind)) for one, spot in zip(made, said, strict=True)]


def _outlines() -> list[Json]:
    return [
        layers.outlines(
            "as_read-line", "as_read_shapes", kind="as_read", side="before", width=1.2, ink="removed"
        ),
        layers.outlines(
            "belongs-line", "belongs_shapes", kind="belongs", side="after", width=1.2, ink="added"
        ),
    ]


def _told(spot: Spot, *, kind: str) -> Json:
    return {"kind": kind, "key": spot.key, "title": spot.title, "read": f"{spot.x:.6f}, {spot.y:.6f}"}
