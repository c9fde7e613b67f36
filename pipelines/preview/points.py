"""Sources and layers of an edition of points."""

from collections.abc import Mapping, Sequence
from math import isfinite

import geopandas
import shapely

from pipelines.model import Json
from pipelines.preview import layers
from pipelines.preview.drawing import collection
from pipelines.preview.features import Place, dot, line
from pipelines.preview.places import said_of, same


def drawn(
    entries: Sequence[Json],
    *,
    before: geopandas.GeoDataFrame | None,
    after: geopandas.GeoDataFrame,
    names: tuple[str, str],
    few: bool,
) -> tuple[dict[str, Json], list[Json]]:
    """Return what is drawn: every point, or a `few` that changed, and a line for each that moved."""
    told = {entry["key"]: entry for entry in entries}
    moved = [entry for entry in entries if entry["kind"] == "moved"]
    there = [entry for entry in entries if entry["after"] or entry["before"]]
    held = {
        "before": [] if before is None else _dots(before, told, names=names, few=True),
        "after": _dots(after, told, names=names, few=few),
        "changes": [dot(_place(entry["after"] or entry["before"]), said_of(entry)) for entry in there],
        "moves": [line(_place(one["before"]), _place(one["after"]), said_of(one)) for one in moved],
    }
    unchanged = layers.dots("same-before", "after", kind="same", side="before", radius=2.2, hollow=True)
    made = [
        *([] if before is None else [unchanged]),
        layers.dots("same-after", "after", kind="same", side="after", radius=2.2, hollow=True),
        layers.moves("moved-line", "moves"),
        layers.dots("moved-from", "before", kind="moved", side="before", radius=3.5, hollow=True),
        *layers.marks("changes"),
    ]
    return {name: collection(listed) for name, listed in held.items()}, made


def _dots(
    frame: geopandas.GeoDataFrame, told: Mapping[str, Json], *, names: tuple[str, str], few: bool
) -> list[Json]:
    key, title = names
    shapes = frame.geometry.to_numpy()
    titles = frame[title if title in frame.columns else key].tolist()
    rows = zip(frame[key].tolist(), titles, shapely.get_x(shapes), shapely.get_y(shapes), strict=True)
    return [
        dot((x, y), said_of(told[str(one)]) if str(one) in told else same(str(one), str(name)))
        for one, name, x, y in rows
        if isfinite(x) and isfinite(y) and (not few or str(one) in told)
    ]


def _place(position: Json) -> Place:
    return position["lon"], position["lat"]
