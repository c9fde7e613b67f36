"""How features become counties: columns as text, sorted by geoid, the outline as geometry."""

import geopandas as gpd
import pandas as pd
import pyarrow as pa

from pipelines.inputs import Inputs

COLUMNS = ("geoid", "name", "statefp", "countyfp")


def materialise(inputs: Inputs) -> gpd.GeoDataFrame:
    """Return the layer `counties`: every feature of the input is one county."""
    table = inputs.table()
    columns = {name: table.cast(name, kind="string") for name in COLUMNS}
    frame: pd.DataFrame = pa.table(columns).to_pandas()
    made = gpd.GeoDataFrame(frame, geometry=inputs.shapes(), crs="EPSG:4326")
    return made.sort_values("geoid", kind="stable", ignore_index=True)
