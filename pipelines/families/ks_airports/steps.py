"""How rows of airports.csv become points: typed columns, sorted by code, the place as geometry."""

import geopandas as gpd
import pandas as pd
import pyarrow as pa

from pipelines.inputs import Inputs

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


def materialise(inputs: Inputs) -> gpd.GeoDataFrame:
    """Return the layer `airports`: every row of the input is one point."""
    table = inputs.table()
    columns = {name: table.cast(name, kind=kind) for name, kind in COLUMNS.items()}
    frame: pd.DataFrame = pa.table(columns).to_pandas()
    made = gpd.GeoDataFrame(frame, geometry=inputs.shapes(), crs="EPSG:4326")
    return made.sort_values("icao", kind="stable", ignore_index=True)
