"""How rows of sites.csv become points: typed columns, sorted by id, the place as geometry."""

import geopandas as gpd
import pandas as pd
import pyarrow as pa

from pipelines.inputs import Inputs

COLUMNS = ("id", "name", "kind", "period", "note")


def materialise(inputs: Inputs) -> gpd.GeoDataFrame:
    """Return the layer `sites`: every row of the input is one point."""
    table = inputs.table("sites")
    columns = {name: table.cast(name, kind="string") for name in COLUMNS}
    frame: pd.DataFrame = pa.table(columns).to_pandas()
    made = gpd.GeoDataFrame(frame, geometry=inputs.shapes("sites"), crs="EPSG:4326")
    return made.sort_values("id", kind="stable", ignore_index=True)
