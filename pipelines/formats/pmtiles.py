"""PMTiles of a layer: every feature is in some tile of the deepest zoom, and equal data give equal bytes."""

from dataclasses import dataclass
from typing import Protocol

import geopandas
import pandas as pd

from pipelines.formats import packing, pointtiles, tippecanoe
from pipelines.model import Extent, Json, Labels

MEDIA_TYPE = "application/vnd.pmtiles"
SHALLOWEST, ALL_FROM = 3, 6
# Zoom and bits of detail: about 10 m in Kansas at the deepest; shapes need the zoom to be seen.
DEEPEST_OF_POINTS, DEEPEST_OF_SHAPES, DETAIL_OF_SHAPES = (8, 14), 12, 12
NOWHERE = (0, 0, 0, 0)  # of an archive without any tile
# Up to so many points are cut here: 1,000 take 17 ms of one processor; tippecanoe takes 75 ms.
POINTS_CUT_HERE = 20_000


class Cutting(Protocol):
    """Tiles that are being cut, or that will be when they are asked for."""

    def result(self) -> bytes: ...
    def stop(self) -> None: ...


def write(frame: geopandas.GeoDataFrame, *, layer: str, key: str, labels: Labels) -> bytes:
    """Return `frame` as an archive in which every feature is in some tile of the deepest zoom."""
    return start(frame, layer=layer, key=key, labels=labels).result()


def start(
    frame: geopandas.GeoDataFrame,
    *,
    layer: str,
    key: str,
    labels: Labels,
    deepest: int = DEEPEST_OF_SHAPES,
) -> Cutting:
    """Begin to cut tiles, of shapes down to `deepest`; a tiler cuts beside whatever else is to be done."""
    ordered = frame.sort_values(key, kind="stable")
    points = set(frame.geom_type.dropna()) <= {"Point"}  # nothing at all is cut here too
    if points and len(frame) <= POINTS_CUT_HERE:
        return _Here(frame=ordered, layer=layer, labels=labels)
    deepest, detail = DEEPEST_OF_POINTS if points else (deepest, DETAIL_OF_SHAPES)
    plan = tippecanoe.Plan(shallowest=SHALLOWEST, all_from=ALL_FROM, deepest=deepest, detail=detail)
    tiler = tippecanoe.start(ordered, layer=layer, plan=plan)
    return _Beside(tiler=tiler, layer=layer, labels=labels)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Beside:
    tiler: tippecanoe.Tiler
    layer: str
    labels: Labels

    def result(self) -> bytes:
        return packing.reworded(self.tiler.archive(), layer=self.layer, labels=self.labels)

    def stop(self) -> None:
        self.tiler.stop()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Here:
    frame: geopandas.GeoDataFrame
    layer: str
    labels: Labels

    def result(self) -> bytes:
        deepest, _ = DEEPEST_OF_POINTS
        tiles = pointtiles.cut(
            self.frame, layer=self.layer, shallowest=SHALLOWEST, all_from=ALL_FROM, deepest=deepest
        )
        box = self.frame.total_bounds if len(tiles) else NOWHERE
        west, south, east, north = (float(edge) for edge in box)
        about = packing.words(
            layer=self.layer,
            labels=self.labels,
            generator="kfm-pipelines",
            vector_layers=[_described(self.frame, self.layer, deepest)],
        )
        return packing.pack(tiles, extent=Extent(west=west, south=south, east=east, north=north), about=about)

    def stop(self) -> None:
        """Nothing runs."""


def _described(frame: geopandas.GeoDataFrame, layer: str, deepest: int) -> Json:
    """Return the layer as readers of vector tiles want it described."""
    fields = {column: _kind(frame[column]) for column in frame.columns if column != frame.geometry.name}
    return {"id": layer, "description": "", "minzoom": SHALLOWEST, "maxzoom": deepest, "fields": fields}


def _kind(column: pd.Series) -> str:
    if pd.api.types.is_bool_dtype(column):
        return "Boolean"
    return "Number" if pd.api.types.is_numeric_dtype(column) else "String"
