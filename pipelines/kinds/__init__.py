"""The kinds of layers, one file each, and the table in which a new one is one line."""

from collections.abc import Mapping
from types import MappingProxyType

from pipelines.kinds import raster, table, vector
from pipelines.kinds.kind import Kind

KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "vector": vector.KIND,
        "table": table.KIND,
        "raster": raster.KIND,
    }
)
