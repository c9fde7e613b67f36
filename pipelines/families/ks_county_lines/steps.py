"""How features become boundary lines: named by the two counties, measured, sorted by id."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import shapely
from pyproj import Geod

from pipelines.inputs import Inputs

COLUMNS = ("id", "between", "left_geoid", "right_geoid", "length_km")
EARTH = Geod(ellps="WGS84")
METRES = 3  # decimals of a kilometre


def materialise(inputs: Inputs) -> gpd.GeoDataFrame:
    """Return the layer `county_lines`: every feature of the input is one line."""
    table, shapes = inputs.table("lines"), inputs.shapes("lines")
    columns = {name: table.cast(name, kind="string") for name in ("id", "left_geoid", "right_geoid")}
    frame: pd.DataFrame = pa.table(columns).to_pandas()
    names = _names(inputs)
    sides = zip(frame["left_geoid"].tolist(), frame["right_geoid"].tolist(), strict=True)
    frame["between"] = [f"{names.get(left, left)} – {names.get(right, right)}" for left, right in sides]
    frame["length_km"] = [_length(shape) for shape in shapes]
    made = gpd.GeoDataFrame(frame[list(COLUMNS)], geometry=shapes, crs="EPSG:4326")
    return made.sort_values("id", kind="stable", ignore_index=True)


def _names(inputs: Inputs) -> dict[str | None, str]:
    """Return the names of the counties that the reference holds; the others keep their code."""
    counties = inputs.table("counties")
    told = zip(counties.texts("geoid").to_pylist(), counties.texts("name").to_pylist(), strict=True)
    return {geoid: name for geoid, name in told if name}


def _length(shape: shapely.Geometry | None) -> float:
    if shape is None:
        return float(np.nan)
    return round(float(EARTH.geometry_length(shape)) / 1000, METRES)
