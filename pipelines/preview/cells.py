"""The map of an edition of cells: pictures of both sides and of what differs, a mark at each region."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.model import Extent, Json
from pipelines.preview import layers
from pipelines.preview.allowed import BASE_TILES, CHANGE_TILES, TILES
from pipelines.preview.drawing import collection, written
from pipelines.preview.features import dot
from pipelines.preview.places import said_of

SIDE = 512  # pixels of a tile


@dataclass(frozen=True, slots=True, kw_only=True)
class Swatch:
    """One colour of a picture and what it stands for, in words or numbers."""

    colour: str
    words: str


def raster_style(
    changes: Json | None,
    *,
    extent: Extent,
    unit: str,
    values: Sequence[Swatch],
    differences: Sequence[Swatch],
) -> bytes:
    """Return the map of a raster; without `changes`, of the edition alone.

    Args:
        changes: the artifact `changes`, read: its regions are marked, its cells come from `change-tiles`.
        extent: where the cells are.
        unit: of the values.
        values: the colours of the tiles, for the legend.
        differences: the colours of the tiles of changes.
    """
    compared = changes is not None
    entries = [] if changes is None else changes["changes"]
    there = [entry for entry in entries if entry["after"] or entry["before"]]
    sources = {
        "changes": collection([dot(_place(entry), said_of(entry)) for entry in there]),
        "after-tiles": _pictures(TILES),
    }
    made = [layers.picture("same-cells", "after-tiles", kind="same", side="after")]
    about: Json = {
        "kfm:role": "preview",
        "kfm:cells": True,
        "kfm:bounds": [extent.west, extent.south, extent.east, extent.north],
        "kfm:unit": unit,
        "kfm:values": _legend(values),
    }
    if compared:
        sources |= {"before-tiles": _pictures(BASE_TILES), "change-tiles": _pictures(CHANGE_TILES)}
        older = layers.picture("same-cells-before", "before-tiles", kind="same", side="before")
        differing = layers.picture("difference-cells", "change-tiles", kind="difference", side="both")
        made = [older, *made, layers.told(differing, whole=True), *layers.marks("changes")]
        about["kfm:differences"] = _legend(differences)
    return written(sources, made, metadata=about)


def _pictures(address: str) -> Json:
    return {"type": "raster", "url": address, "tileSize": SIDE}


def _legend(swatches: Sequence[Swatch]) -> list[Json]:
    return [{"colour": one.colour, "words": one.words} for one in swatches]


def _place(entry: Json) -> tuple[float, float]:
    position = entry["after"] or entry["before"]
    return position["lon"], position["lat"]
