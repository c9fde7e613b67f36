"""What a preview may hold: a list of what the desk draws, so that nothing in it can be fetched."""

from collections.abc import Callable, Mapping
from typing import Any

from pipelines.errors import PreviewRefused
from pipelines.model import Json

TILES, BASE_TILES, CHANGE_TILES = "kfm:tiles", "kfm:base-tiles", "kfm:change-tiles"
_STYLE = frozenset({"version", "metadata", "center", "zoom", "sources", "layers"})
_WRITTEN = frozenset({"type", "data"})
_TILED = frozenset({"type", "url", "tileSize", "minzoom", "maxzoom", "bounds"})
_LAYER = frozenset({"id", "type", "source", "filter", "metadata", "paint", "layout"})
_PAINT: Mapping[str, frozenset[str]] = {
    "circle": frozenset(
        {"circle-color", "circle-radius", "circle-opacity", "circle-stroke-color", "circle-stroke-width"}
    ),
    "line": frozenset({"line-color", "line-width", "line-opacity", "line-dasharray"}),
    "fill": frozenset({"fill-color", "fill-opacity", "fill-outline-color"}),
    "raster": frozenset({"raster-opacity", "raster-resampling"}),
}
_SHAPES = frozenset({"Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"})
_ADDRESSES = frozenset({TILES, BASE_TILES, CHANGE_TILES})


def check(made: Json) -> None:
    """Refuse every part of a style that the desk does not draw: an allow-list, so nothing can be fetched."""
    _only(made, _STYLE, where="the style")
    for name, source in made["sources"].items():
        _SOURCES.get(source.get("type", ""), _unknown)(name, source)
    for layer in made["layers"]:
        _check_layer(layer, made["sources"])


def _check_written(name: str, source: Json) -> None:
    _only(source, _WRITTEN, where=f"source {name}")
    written = source["data"]
    if not isinstance(written, dict) or {one["geometry"]["type"] for one in written["features"]} - _SHAPES:
        raise PreviewRefused(f"Source {name} is not points, lines and areas written into the style itself.")
    _only(written, frozenset({"type", "features"}), where=f"the data of {name}")


def _check_tiled(name: str, source: Json) -> None:
    _only(source, _TILED, where=f"source {name}")
    if source.get("url") not in _ADDRESSES:
        allowed = ", ".join(sorted(_ADDRESSES))
        raise PreviewRefused(f"Source {name} is read from elsewhere; tiles are of this run alone: {allowed}.")


def _unknown(name: str, _: Json) -> None:
    raise PreviewRefused(f"Source {name} is of a type that is not drawn; it is geojson, vector or raster.")


_SOURCES: Mapping[str, Callable[[str, Json], None]] = {
    "geojson": _check_written,
    "vector": _check_tiled,
    "raster": _check_tiled,
}


def _check_layer(layer: Json, sources: Json) -> None:
    name, kind, source = layer.get("id"), layer.get("type", ""), sources.get(layer.get("source", ""))
    if kind not in _PAINT or source is None or (source["type"] == "raster") != (kind == "raster"):
        raise PreviewRefused(
            f"Layer {name} is not circles, lines, areas or pictures of a source of this map."
        )
    named = frozenset({"source-layer"}) if source["type"] == "vector" else frozenset[str]()
    _only(layer, _LAYER | named, where=f"layer {name}")
    _only(layer.get("paint", {}), _PAINT[kind], where=f"the paint of {name}")
    _only(layer.get("layout", {}), frozenset({"visibility"}), where=f"the layout of {name}")


def _only(part: Mapping[str, Any], allowed: frozenset[str], *, where: str) -> None:
    if extra := sorted(set(part) - allowed):
        raise PreviewRefused(f"{where} has {', '.join(extra)}; only {', '.join(sorted(allowed))} are drawn.")
