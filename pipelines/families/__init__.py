"""The families: one folder each, and the table in which a new one is one line."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from pipelines.families.ks_airports import steps as ks_airports
from pipelines.families.ks_counties import steps as ks_counties
from pipelines.families.ks_county_lines import steps as ks_county_lines
from pipelines.families.ks_drought import steps as ks_drought
from pipelines.families.ks_relief import steps as ks_relief
from pipelines.families.ks_sites import steps as ks_sites
from pipelines.families.ks_sites_by_county import steps as ks_sites_by_county
from pipelines.inputs import Inputs
from pipelines.subject import Layer

Steps = Callable[[Inputs], Layer]

STEPS: Mapping[str, Steps] = MappingProxyType(
    {
        "ks_airports": ks_airports.materialise,
        "ks_counties": ks_counties.materialise,
        "ks_county_lines": ks_county_lines.materialise,
        "ks_drought": ks_drought.materialise,
        "ks_relief": ks_relief.materialise,
        "ks_sites": ks_sites.materialise,
        "ks_sites_by_county": ks_sites_by_county.materialise,
    }
)
