"""Sources and layers drawn with leafmap, and what it drew turned into one style."""

from collections.abc import Iterable, Mapping

from leafmap.maplibregl import Map

from pipelines import digest
from pipelines.errors import PreviewRefused
from pipelines.model import Json
from pipelines.preview.allowed import check

KANSAS = (-98.38, 38.5)


def written(sources: Mapping[str, Json], layers: Iterable[Json], *, metadata: Json) -> bytes:
    """Draw with leafmap and return what it drew as one style."""
    empty: Json = {"version": 8, "sources": {}, "layers": []}
    drawing = Map(style=empty, center=KANSAS, zoom=6, controls={}, use_message_queue=True)
    try:
        for name, source in sources.items():
            drawing.add_source(name, source)
        for layer in layers:
            drawing.add_layer(layer, opacity=layer.get("paint", {}).get(f"{layer['type']}-opacity", 1))
        made = pure(drawing.to_dict())
    finally:
        drawing.close()
    made["metadata"] = metadata
    check(made)
    return digest.canonical(made)


def collection(features: list[Json]) -> Json:
    """Return features as a source that is written into the style."""
    return {"type": "geojson", "data": {"type": "FeatureCollection", "features": features}}


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


def warm() -> None:
    """Draw an empty map: the first one takes a third of a second."""
    written({}, (), metadata={})
