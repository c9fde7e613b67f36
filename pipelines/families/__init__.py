"""The families: one folder each, and the table in which a new one is one line."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import geopandas as gpd

from pipelines.families.ks_airports import steps as ks_airports
from pipelines.formats.table import Table

Steps = Callable[[Mapping[str, Table]], gpd.GeoDataFrame]

STEPS: Mapping[str, Steps] = MappingProxyType(
    {
        "ks_airports": ks_airports.materialise,
    }
)
