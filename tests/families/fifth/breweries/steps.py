"""How rows of breweries.csv become points: typed columns, sorted by id, the place as geometry."""

import geopandas as gpd
import pyarrow as pa

from pipelines.inputs import Inputs

COLUMNS = ("id", "name", "brewery_type", "city", "website_url")


def materialise(inputs: Inputs) -> gpd.GeoDataFrame:
    """Return the layer `breweries`: every row of the input is one point."""
    table = inputs.table()
    frame = pa.table({name: table.cast(name, kind="string") for name in COLUMNS}).to_pandas()
    made = gpd.GeoDataFrame(frame, geometry=inputs.shapes(), crs="EPSG:4326")
    return made.sort_values("id", kind="stable", ignore_index=True)
