"""How sites become counts: each county with the number of places in it, unless they are too few to tell."""

import geopandas as gpd

from pipelines import coarser, generalising
from pipelines.inputs import Inputs

COLUMNS = {"key": "geoid", "name": "name", "count": "sites", "shown": "shown"}


def materialise(inputs: Inputs) -> gpd.GeoDataFrame:
    """Return the layer `sites_by_county`: every county of the reference, counted."""
    areas = coarser.counties(inputs, "counties")
    counted = generalising.by_county(inputs.shapes("sites"), areas)
    named = counted.rename(columns=COLUMNS)
    return named[[*COLUMNS.values(), "geometry"]].sort_values("geoid", kind="stable", ignore_index=True)
