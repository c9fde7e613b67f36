"""How rows of airports.csv become points: typed columns, sorted by code, the place as geometry."""

from collections.abc import Mapping

import geopandas as gpd
import pandas as pd
import pyarrow as pa

from pipelines.formats.table import Table

COLUMNS = {
    "icao": "string",
    "iata": "string",
    "name": "string",
    "city": "string",
    "subd": "string",
    "country": "string",
    "elevation": "number",
    "tz": "string",
    "lid": "string",
}


def materialise(inputs: Mapping[str, Table]) -> gpd.GeoDataFrame:
    """Return the layer `airports`: every row of the input is one point."""
    table = inputs["airports"]
    columns = {name: table.cast(name, kind=kind) for name, kind in COLUMNS.items()}
    frame: pd.DataFrame = pa.table(columns).to_pandas()
    places = gpd.points_from_xy(table.numbers("lon"), table.numbers("lat"), crs="EPSG:4326")
    made = gpd.GeoDataFrame(frame, geometry=places)
    return made.sort_values("icao", kind="stable", ignore_index=True)
