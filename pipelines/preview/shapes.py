"""Sources and layers of an edition of lines and areas: old outlines beneath new ones, marks above."""

from collections.abc import Sequence

import geopandas
import numpy as np
import shapely

from pipelines.model import Json
from pipelines.preview import features, layers, places
from pipelines.preview.drawing import collection
from pipelines.preview.places import Spot
from pipelines.preview.shading import shading

_AREA = 2


def drawn(
    entries: Sequence[Json],
    *,
    before: geopandas.GeoDataFrame | None,
    after: geopandas.GeoDataFrame,
    names: tuple[str, str],
    shade: str,
) -> tuple[dict[str, Json], list[Json], Json]:
    """Return what is drawn, and what the style tells of its shading."""
    told = {entry["key"]: entry for entry in entries}
    shades = (
        shading([frame for frame in (before, after) if frame is not None], shade=shade) if shade else None
    )

    def rows(frame: geopandas.GeoDataFrame) -> places.Rows:
        steps = shades.steps(frame) if shades else [None] * len(frame)
        return places.rows(frame, told, names=names, steps=steps)

    found = places.spots(None if before is None else rows(before), rows(after))
    held = {
        "before": _features([spot for spot in found if spot.before], older=True),
        "after": _features([spot for spot in found if spot.after], older=False),
        "changes": places.marks(found),
        "moves": [],
    }
    made = _layers(found, compared=before is not None, shaded=shades is not None)
    about: Json = {"kfm:shapes": True}
    if shades:
        about |= {"kfm:ramp": shades.ramp([spot.step for spot in found]), "kfm:shade": shade}
    return {name: collection(listed) for name, listed in held.items()}, made, about


def _features(found: Sequence[Spot], *, older: bool) -> list[Json]:
    geometries = features.geometries(np.array([spot.shape for spot in found], dtype=object))
    made = []
    for spot, geometry in zip(found, geometries, strict=True):
        said = spot.says(spot.before if older else spot.after)
        step = spot.was if older else spot.step
        made.append(features.feature(geometry, said if step is None else {**said, "step": step}))
    return made


def _layers(found: Sequence[Spot], *, compared: bool, shaded: bool) -> list[Json]:
    """Return areas below lines below marks; what only one edition can show is left out without the other."""
    sizes = {int(shapely.get_dimensions(spot.shape)) for spot in found}
    made = [
        *(_shades() if shaded else ()),
        *(_areas() if _AREA in sizes else ()),
        *_lines(),
        *(_points() if 0 in sizes else ()),
    ]
    if len(sizes) > 1:
        made = [one if one["id"].startswith("shade-") else layers.of_dimension(one) for one in made]
    of_both = [*made, *layers.marks("changes")]
    return [one for one in of_both if compared or one["metadata"]["kfm:side"] == "after"]


def _shades() -> list[Json]:
    return [
        layers.told(layers.shaded("shade-same", "after", side="before", same=True), alone=True),
        layers.told(layers.shaded("shade-before", "before", side="before", same=False), alone=True),
        layers.told(layers.shaded("shade-after", "after", side="after", same=False), pair=True),
    ]


def _areas() -> list[Json]:
    return [
        layers.areas("same-area-before", "after", kind="same", side="before", opacity=0.04),
        layers.areas("same-area", "after", kind="same", side="after", opacity=0.04),
        layers.told(
            layers.areas("changed-area-before", "before", kind="changed", side="before", opacity=0.16),
            alone=True,
        ),
        layers.told(
            layers.areas("changed-area", "after", kind="changed", side="after", opacity=0.16), pair=True
        ),
        layers.areas("removed-area", "before", kind="removed", side="before", opacity=0.12),
        layers.areas("added-area", "after", kind="added", side="after", opacity=0.22),
    ]


def _lines() -> list[Json]:
    old = layers.outlines(
        "changed-line-before", "before", kind="changed", side="before", width=1.6, dashed=True
    )
    new = layers.outlines("changed-line", "after", kind="changed", side="after", width=1.2)
    return [
        layers.outlines("same-line-before", "after", kind="same", side="before", width=0.8),
        layers.outlines("same-line", "after", kind="same", side="after", width=0.8),
        layers.told(old, pair=True),
        layers.told(new, pair=True),
        layers.outlines("removed-line", "before", kind="removed", side="before", width=1.8, dashed=True),
        layers.outlines("added-line", "after", kind="added", side="after", width=1.8),
    ]


def _points() -> list[Json]:
    return [
        layers.dots("same-point-before", "after", kind="same", side="before", radius=2.2, hollow=True),
        layers.dots("same-point", "after", kind="same", side="after", radius=2.2, hollow=True),
    ]
