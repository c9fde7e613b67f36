"""The preview map, drawn with leafmap: a pure MapLibre style that the desk puts over its own base map."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

import geopandas
import shapely
from leafmap.maplibregl import Map

from pipelines import digest
from pipelines.errors import PreviewRefused
from pipelines.model import Json

DRAWN_AT_MOST = 20_000
DECIMALS = 6
EDGE_OF_MAP, POLE, DATE_LINE = 85.0, 90.0, 180.0
KANSAS = (-98.38, 38.5)
_INK = {"same": "#8e8b7e", "changed": "#958500", "removed": "#a83a0a", "added": "#1c82cc", "moved": "#7a2382"}
_PAPER = "#f8f6ef"
_STYLE = frozenset({"version", "metadata", "center", "zoom", "sources", "layers"})
_LAYER = frozenset({"id", "type", "source", "filter", "metadata", "paint", "layout"})
_PAINT = frozenset(
    {
        *("circle-color", "circle-radius", "circle-opacity", "circle-stroke-color", "circle-stroke-width"),
        *("line-color", "line-width", "line-opacity", "line-dasharray"),
    }
)
_SHAPES = frozenset({"Point", "LineString"})
_Place = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """One point of an input, as it was read."""

    key: str
    title: str
    x: float
    y: float


def style(
    changes: Json | None,
    *,
    before: geopandas.GeoDataFrame | None,
    after: geopandas.GeoDataFrame,
    key: str,
    title: str,
) -> bytes:
    """Return the map of what changed; without `changes` and `before`, of the edition alone.

    Sources: `after` holds every feature, `before` those that are no longer as they were, `changes` what
    changed, where it is now (if removed, where it was), `moves` a line for each that moved. Of editions with
    more than 20,000 features only what changed is drawn.

    Args:
        changes: the artifact `changes`, read.
        before: the older edition in WGS 84.
        after: the newer one.
        key: the column that says which feature is which.
        title: the column that names a feature to people.

    Raises:
        PreviewRefused: the map would hold something that the desk does not draw.
    """
    entries = [] if changes is None else changes["changes"]
    told = {entry["key"]: entry for entry in entries}
    sources = {
        "before": [] if before is None else _drawn(before, told, key=key, title=title, changed=True),
        "after": _drawn(after, told, key=key, title=title, changed=len(after) > DRAWN_AT_MOST),
        "changes": [
            _dot(_now(entry), _said(entry)) for entry in entries if entry["after"] or entry["before"]
        ],
        "moves": [
            _line(_place(entry["before"]), _place(entry["after"]), _said(entry))
            for entry in entries
            if entry["kind"] == "moved"
        ],
    }
    unchanged = _dots("same-before", "after", kind="same", side="before", radius=2.2, hollow=True)
    layers = (
        *([] if before is None else [unchanged]),
        _dots("same-after", "after", kind="same", side="after", radius=2.2, hollow=True),
        _lines("moved-line", "moves"),
        _dots("moved-from", "before", kind="moved", side="before", radius=3.5, hollow=True),
        _dots("changed-point", "changes", kind="changed", side="both", radius=4.5),
        _dots("removed-point", "changes", kind="removed", side="before", radius=5, hollow=True),
        _dots("added-point", "changes", kind="added", side="after", radius=5),
        _dots("moved-point", "changes", kind="moved", side="after", radius=5),
    )
    return _written(sources, layers, metadata={"kfm:role": "preview"})


def input_style(spots: Sequence[Spot], *, swapped: bool) -> bytes:
    """Return the map of a refused input: points as read and, if their axes are `swapped`, where they belong.

    Sources: `as_read`, `belongs`, and `lines` from one to the other. What swapped axes put beyond a pole is
    drawn at the map's edge with its numbers; what has no place on Earth is counted in `kfm:not_drawn`.
    """
    drawn = [spot for spot in spots if _drawable(spot, swapped=swapped)][:DRAWN_AT_MOST]
    read = [((spot.x, max(-EDGE_OF_MAP, min(EDGE_OF_MAP, spot.y))), spot) for spot in drawn]
    sources = {
        "as_read": [_dot(place, _told(spot, kind="as_read")) for place, spot in read],
        "belongs": [_dot((spot.y, spot.x), _told(spot, kind="belongs")) for spot in drawn if swapped],
        "lines": [
            _line(place, (spot.y, spot.x), _told(spot, kind="moved")) for place, spot in read if swapped
        ],
    }
    layers = (
        _lines("moved-line", "lines"),
        _dots("removed-point", "as_read", kind="as_read", side="before", radius=4, ink="removed"),
        _dots("added-point", "belongs", kind="belongs", side="after", radius=4, ink="added", hollow=True),
    )
    metadata = {
        "kfm:role": "input-preview",
        "kfm:read": len(spots),
        "kfm:not_drawn": len(spots) - len(drawn),
        "kfm:swapped": swapped,
    }
    return _written(sources, layers, metadata=metadata)


def warm() -> None:
    """Draw an empty map: the first one takes a third of a second."""
    _written({}, (), metadata={})


def _drawable(spot: Spot, *, swapped: bool) -> bool:
    if not (isfinite(spot.x) and isfinite(spot.y)):
        return False
    if swapped:
        return abs(spot.x) <= POLE and abs(spot.y) <= DATE_LINE
    return abs(spot.x) <= DATE_LINE and abs(spot.y) <= POLE


def _drawn(
    frame: geopandas.GeoDataFrame, told: Mapping[str, Json], *, key: str, title: str, changed: bool
) -> list[Json]:
    """Return a dot for each feature of an edition, or each that changed; other shapes at their middle."""
    shapes = frame.geometry.to_numpy()
    if not (shapely.get_type_id(shapes) == shapely.GeometryType.POINT).all():
        shapes = shapely.centroid(shapes)
    names = frame[title if title in frame.columns else key].tolist()
    rows = zip(frame[key].tolist(), names, shapely.get_x(shapes), shapely.get_y(shapes), strict=True)
    return [
        _dot((x, y), _said(told[str(one)]) if str(one) in told else _same(str(one), str(name)))
        for one, name, x, y in rows
        if isfinite(x) and isfinite(y) and (not changed or str(one) in told)
    ]


def _same(key: str, title: str) -> Json:
    return {"kind": "same", "key": key, "title": title}


def _said(entry: Json) -> Json:
    names = ("kind", "key", "title", "distance_m", "finding", "decimals_only")
    return {name: entry[name] for name in names if entry[name] is not None}


def _told(spot: Spot, *, kind: str) -> Json:
    return {"kind": kind, "key": spot.key, "title": spot.title, "read": f"{spot.x:.6f}, {spot.y:.6f}"}


def _now(entry: Json) -> _Place:
    return _place(entry["after"] or entry["before"])


def _place(position: Json) -> _Place:
    return position["lon"], position["lat"]


def _dot(place: _Place, said: Json) -> Json:
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": _round(place)},
        "properties": said,
    }


def _line(start: _Place, end: _Place, said: Json) -> Json:
    shape = {"type": "LineString", "coordinates": [_round(start), _round(end)]}
    return {"type": "Feature", "geometry": shape, "properties": said}


def _round(place: _Place) -> list[float]:
    return [round(float(number), DECIMALS) for number in place]


def _dots(  # noqa: PLR0913  # each is a property of the same drawing
    name: str, source: str, *, kind: str, side: str, radius: float, ink: str = "", hollow: bool = False
) -> Json:
    colour = _INK[ink or kind]
    small = ["case", ["==", ["get", "decimals_only"], True], radius / 2, radius]
    return {
        "id": name,
        "type": "circle",
        "source": source,
        "filter": ["==", ["get", "kind"], kind],
        "metadata": {"kfm:kind": kind, "kfm:side": side},
        "paint": {
            "circle-color": _PAPER if hollow else colour,
            "circle-radius": small if kind == "changed" else radius,
            "circle-stroke-color": colour if hollow else _PAPER,
            "circle-stroke-width": 1.4,
        },
    }


def _lines(name: str, source: str) -> Json:
    return {
        "id": name,
        "type": "line",
        "source": source,
        "filter": ["==", ["get", "kind"], "moved"],
        "metadata": {"kfm:kind": "moved", "kfm:side": "both"},
        "paint": {"line-color": _INK["moved"], "line-width": 1.5, "line-dasharray": [3, 2]},
    }


def _written(sources: Mapping[str, list[Json]], layers: Iterable[Json], *, metadata: Json) -> bytes:
    """Draw with leafmap and return what it drew as one style."""
    empty: Json = {"version": 8, "sources": {}, "layers": []}
    drawing = Map(style=empty, center=KANSAS, zoom=6, controls={}, use_message_queue=True)
    try:
        for name, features in sources.items():
            collection = {"type": "FeatureCollection", "features": features}
            drawing.add_source(name, {"type": "geojson", "data": collection})
        for layer in layers:
            drawing.add_layer(layer, opacity=1)
        made = pure(drawing.to_dict())
    finally:
        drawing.close()
    made["metadata"] = metadata
    check(made)
    return digest.canonical(made)


def pure(drawn: Json) -> Json:
    """Turn leafmap's options and calls into a style; a call that is not known is refused."""
    options = drawn["mapOptions"]
    made: Json = {
        **options["style"],
        "center": list(options["center"]),
        "zoom": options["zoom"],
        "sources": {},
        "layers": [],
    }
    by_id: dict[str, Json] = {}
    for call, arguments in drawn["calls"]:
        match call, arguments:
            case "addSource", (name, source):
                made["sources"][name] = source
            case "addLayer", (layer, None):
                by_id[layer["id"]] = {**layer, "paint": dict(layer["paint"])}
                made["layers"].append(by_id[layer["id"]])
            case "setPaintProperty", (name, key, value) if name in by_id:
                by_id[name]["paint"][key] = value
            case "setLayoutProperty", (name, "visibility", "visible") if name in by_id:
                pass
            case _:
                raise PreviewRefused(f"The map makes the call {call!r}, which the desk does not draw.")
    return made


def check(made: Json) -> None:
    """Refuse every part of a style that the desk does not draw: an allow-list, so nothing can be fetched."""
    _only(made, _STYLE, where="the style")
    for name, source in made["sources"].items():
        _only(source, frozenset({"type", "data"}), where=f"source {name}")
        written = source["type"] == "geojson" and isinstance(source["data"], dict)
        if not written or {one["geometry"]["type"] for one in source["data"]["features"]} - _SHAPES:
            raise PreviewRefused(f"Source {name} is not points and lines written into the style itself.")
        _only(source["data"], frozenset({"type", "features"}), where=f"the data of {name}")
    for layer in made["layers"]:
        _only(layer, _LAYER, where=f"layer {layer.get('id')}")
        _only(layer.get("paint", {}), _PAINT, where=f"the paint of {layer['id']}")
        _only(layer.get("layout", {}), frozenset({"visibility"}), where=f"the layout of {layer['id']}")
        if layer["type"] not in {"circle", "line"} or layer["source"] not in made["sources"]:
            raise PreviewRefused(f"Layer {layer['id']} is not circles or lines of a source of this map.")


def _only(part: Mapping[str, Any], allowed: frozenset[str], *, where: str) -> None:
    if extra := sorted(set(part) - allowed):
        raise PreviewRefused(f"{where} has {', '.join(extra)}; only {', '.join(sorted(allowed))} are drawn.")
