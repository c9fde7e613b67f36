"""The layers of a preview: circles, lines and areas in the inks of changes, each with kind and side."""

from typing import Any

from pipelines.model import Json

INK = {"same": "#8e8b7e", "changed": "#958500", "removed": "#a83a0a", "added": "#1c82cc", "moved": "#7a2382"}
RAMP = ("#f3e3ae", "#e6bd76", "#d08b4c", "#a9532f", "#6d2a20")
PAPER = "#f8f6ef"
_OF_TYPE = {"circle": "Point", "line": "LineString", "fill": "Polygon"}
_SAME = ["==", ["get", "kind"], "same"]


def dots(  # noqa: PLR0913  # each is a property of the same drawing
    name: str, source: str, *, kind: str, side: str, radius: float, ink: str = "", hollow: bool = False
) -> Json:
    """Return circles of one kind."""
    colour = INK[ink or kind]
    small = ["case", ["==", ["get", "decimals_only"], True], radius / 2, radius]
    paint = {
        "circle-color": PAPER if hollow else colour,
        "circle-radius": small if kind == "changed" else radius,
        "circle-stroke-color": colour if hollow else PAPER,
        "circle-stroke-width": 1.4,
    }
    return layer(name, "circle", source, kind=kind, side=side, paint=paint)


def moves(name: str, source: str) -> Json:
    """Return a dashed line for each that moved."""
    paint = {"line-color": INK["moved"], "line-width": 1.5, "line-dasharray": [3, 2]}
    return layer(name, "line", source, kind="moved", side="both", paint=paint)


def outlines(  # noqa: PLR0913  # each is a property of the same drawing
    name: str, source: str, *, kind: str, side: str, width: float, ink: str = "", dashed: bool = False
) -> Json:
    """Return the lines of shapes, or the outlines of areas."""
    paint: Json = {"line-color": INK[ink or kind], "line-width": width}
    if dashed:
        paint["line-dasharray"] = [3, 2]
    return layer(name, "line", source, kind=kind, side=side, paint=paint)


def areas(  # each is a property of the same drawing
    name: str, source: str, *, kind: str, side: str, opacity: float, ink: str = ""
) -> Json:
    """Return the insides of areas."""
    paint = {"fill-color": INK[ink or kind], "fill-opacity": opacity}
    return layer(name, "fill", source, kind=kind, side=side, paint=paint)


def shaded(name: str, source: str, *, side: str, same: bool) -> Json:
    """Return areas in the colour of their step; of the `same` only, or of all."""
    colours = [part for step, colour in enumerate(RAMP) for part in (step, colour)]
    paint = {"fill-color": ["match", ["get", "step"], *colours, PAPER], "fill-opacity": 0.85}
    made = layer(name, "fill", source, kind="shade", side=side, paint=paint)
    stepped = ["has", "step"]
    return {**made, "filter": ["all", _SAME, stepped] if same else stepped}


def picture(name: str, source: str, *, kind: str, side: str) -> Json:
    """Return a raster's tiles, each cell with its own edges."""
    paint = {"raster-opacity": 1, "raster-resampling": "nearest"}
    made = layer(name, "raster", source, kind=kind, side=side, paint=paint)
    return {part: held for part, held in made.items() if part != "filter"}


def layer(  # each is a property of the same drawing
    name: str, form: str, source: str, *, kind: str, side: str, paint: Json
) -> Json:
    """Return one layer of one kind, on one side of the comparison or on both."""
    return {
        "id": name,
        "type": form,
        "source": source,
        "filter": ["==", ["get", "kind"], kind],
        "metadata": {"kfm:kind": kind, "kfm:side": side},
        "paint": paint,
    }


def told(made: Json, **more: Any) -> Json:
    """Return a layer that says more of itself to the desk."""
    return {**made, "metadata": {**made["metadata"], **{f"kfm:{name}": said for name, said in more.items()}}}


def marks(source: str) -> list[Json]:
    """Return the marks of what changed, the loudest last."""
    return [
        dots("changed-point", source, kind="changed", side="both", radius=4.5),
        dots("removed-point", source, kind="removed", side="before", radius=5, hollow=True),
        dots("added-point", source, kind="added", side="after", radius=5),
        dots("moved-point", source, kind="moved", side="after", radius=5),
    ]


def of_dimension(made: Json) -> Json:
    """Return a layer that draws only those shapes that it can: needed where a source has several kinds."""
    form = _OF_TYPE[made["type"]]
    fits = ["!=", ["geometry-type"], "Point"] if form == "LineString" else ["==", ["geometry-type"], form]
    return {**made, "filter": ["all", made["filter"], fits]}


def tiled(made: Json, named: str) -> Json:
    """Return a layer that draws from the layer `named` of vector tiles."""
    return {**made, "source-layer": named}


def whole(made: Json, named: str) -> Json:
    """Return a layer that draws an edition's tiles: they know nothing of kinds, everything is drawn."""
    return {**tiled(made, named), "filter": of_dimension(made)["filter"][2]}
