"""The readers, one file each, and the table by media type in which a new one is one line."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from pipelines.formats import columnar, delimited, geojson, geotiff, zipped
from pipelines.formats.grid import Grid
from pipelines.formats.table import Table

READERS: Mapping[str, Callable[[bytes], Table | Grid]] = MappingProxyType(
    {
        "text/csv": delimited.read,
        "application/geo+json": geojson.read,
        "application/vnd.apache.parquet": columnar.read,
        "image/tiff": geotiff.read,
        "application/zip": zipped.read,
    }
)
