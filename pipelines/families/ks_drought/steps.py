"""How rows of a week become the table: one for each county and class, named by both, sorted by that name."""

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.inputs import Inputs

CLASS, SHARE = "usdm_class", "percent"


def materialise(inputs: Inputs) -> gpd.GeoDataFrame:
    """Return the layer `drought`: every row of the input, with the county's outline to draw it by."""
    table = inputs.table("drought")
    geoid = pc.binary_join_element_wise(table.texts("STATEFP"), table.texts("COUNTYFP"), "")
    columns = {
        "id": pc.binary_join_element_wise(geoid, table.texts(CLASS), "/"),
        "geoid": geoid,
        "county": table.cast("County", kind="string"),
        CLASS: table.cast(CLASS, kind="string"),
        SHARE: table.cast(SHARE, kind="number"),
    }
    frame: pd.DataFrame = pa.table(columns).to_pandas()
    made = gpd.GeoDataFrame(frame, geometry=inputs.shapes("drought"), crs="EPSG:4326")
    return made.sort_values("id", kind="stable", ignore_index=True)
