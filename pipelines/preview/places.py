"""The places of a layer of shapes: what happened at each, however many rows lie there."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import geopandas
import numpy as np
import shapely

from pipelines.model import Json
from pipelines.preview import features
from pipelines.preview.features import Place, Shapes

APART = 0.13  # degrees: a mark is so wide where the whole state is seen
_LOUDEST = ("moved", "added", "removed", "changed", "same")
_SAID = ("kind", "key", "title", "distance_m", "finding", "decimals_only")


@dataclass(slots=True, kw_only=True)
class Spot:
    """One place: its shape, and the rows of either edition that lie there."""

    shape: Any
    after: list[Json] = field(default_factory=list)
    before: list[Json] = field(default_factory=list)  # those that are no longer as they were
    step: int | None = None
    was: int | None = None

    @property
    def kind(self) -> str:
        """Return what happened to everything at this place; where it differs, the place changed."""
        gone = {row["kind"] for row in self.before if row["kind"] == "removed"}
        kinds = {row["kind"] for row in self.after} | gone
        if not kinds:
            return str(self.before[0]["kind"])
        return kinds.pop() if len(kinds) == 1 else "changed"

    def says(self, rows: Sequence[Json]) -> Json:
        """Return what is said of the place: the loudest of the rows, and the keys of all."""
        loud = sorted(rows, key=lambda row: _LOUDEST.index(row["kind"]))
        told = {**loud[0], "kind": self.kind}
        if len(loud) > 1:
            told["keys"] = "\n".join(row["key"] for row in loud)
            told.pop("distance_m", None)
        if told["kind"] == "changed":
            told["decimals_only"] = all(row.get("decimals_only", False) for row in loud)
        return told


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Rows of one edition: their shapes, what is said of each, on which step of a shading it stands."""

    shapes: Shapes
    said: Sequence[Json]
    steps: Sequence[int | None]


def rows(
    frame: geopandas.GeoDataFrame,
    told: Mapping[str, Json],
    *,
    names: tuple[str, str],
    steps: Sequence[int | None],
) -> Rows:
    """Return those rows of a frame that have a place; `names` are the columns of key and title."""
    key, title = names
    shapes = frame.geometry.to_numpy()
    there = np.flatnonzero(features.drawable(shapes)).tolist()
    keys = [str(one) for one in frame[key].tolist()]
    titles = frame[title if title in frame.columns else key].tolist()
    said = [said_of(told[one]) if one in told else same(one, str(titles[n])) for n, one in enumerate(keys)]
    return Rows(
        shapes=features.light(shapes[there]),
        said=[said[n] for n in there],
        steps=[steps[n] for n in there],
    )


def spots(before: Rows | None, after: Rows) -> list[Spot]:
    """Return the places of both editions, those of the newer first."""
    found: dict[bytes, Spot] = {}
    for shape, place, said, step in _each(after):
        spot = found.setdefault(place, Spot(shape=shape))
        spot.after.append(said)
        spot.step = _worse(spot.step, step)
    for shape, place, said, step in _each(before) if before else ():
        spot = found.setdefault(place, Spot(shape=shape))
        spot.was = _worse(spot.was, step)
        if said["kind"] != "same":
            spot.before.append(said)
    return [spot for spot in found.values() if spot.after or spot.before]


def marks(found: Sequence[Spot]) -> list[Json]:
    """Return a point inside each place for each kind of change there, side by side."""
    if not found:
        return []
    made: list[Json] = []
    shapes = np.array([spot.shape for spot in found], dtype=object)
    for spot, middle in zip(found, features.middles(shapes), strict=True):
        made.extend(_marks(spot, middle))
    return made


def said_of(entry: Json) -> Json:
    """Return what the map says of a change."""
    return {name: entry[name] for name in _SAID if entry[name] is not None}


def same(key: str, title: str) -> Json:
    """Return what the map says of a feature that did not change."""
    return {"kind": "same", "key": key, "title": title}


def _marks(spot: Spot, middle: Place) -> list[Json]:
    by_kind: dict[str, list[Json]] = defaultdict(list)
    for row in spot.after:
        by_kind[row["kind"]].append(row)
    for row in spot.before:
        if row["kind"] == "removed":
            by_kind["removed"].append(row)
    kinds = [kind for kind in _LOUDEST if kind in by_kind and kind != "same"]
    made = []
    for place, kind in enumerate(kinds):
        rows = sorted(by_kind[kind], key=lambda row: row.get("decimals_only", False))
        told = {**rows[0]}
        if len(rows) > 1:
            told["keys"] = "\n".join(row["key"] for row in rows)
        lon, lat = middle
        made.append(features.dot((lon + (place - (len(kinds) - 1) / 2) * APART, lat), told))
    return made


def _each(rows: Rows) -> list[tuple[Any, bytes, Json, int | None]]:
    places = shapely.to_wkb(rows.shapes).tolist() if len(rows.shapes) else []
    return list(zip(rows.shapes, places, rows.said, rows.steps, strict=True))


def _worse(one: int | None, other: int | None) -> int | None:
    return max((step for step in (one, other) if step is not None), default=None)
