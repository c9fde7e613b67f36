"""Tiles of what changed: a point for each feature, by which the desk draws more changes than it can list."""

import geopandas
import pyarrow as pa
import shapely

from pipelines.formats import pmtiles
from pipelines.model import Labels

LAYER, KEY = "changes", "key"


def write(marks: pa.Table, *, labels: Labels) -> bytes:
    """Return the archive of `marks`: kind, key, title, decimals_only, lon and lat of each change."""
    places = shapely.points(marks["lon"].to_numpy(), marks["lat"].to_numpy())
    told = marks.select(["kind", "key", "title", "decimals_only"]).to_pandas()
    frame = geopandas.GeoDataFrame(told, geometry=places, crs="EPSG:4326")
    return pmtiles.write(frame, layer=LAYER, key=KEY, labels=labels)
