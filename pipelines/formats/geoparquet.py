"""GeoParquet 1.1 with fixed options: sorted by key, labels inside, a bounding box for every row."""

from collections.abc import Sequence

import geopandas
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from pipelines import digest
from pipelines.formats import parquet
from pipelines.model import Column, Json, Labels

MEDIA_TYPE, LABELS = parquet.MEDIA_TYPE, parquet.LABELS
ABOUT = b"geo"
GEOMETRY = "geometry"
BBOX = "bbox"
EDGES = ("xmin", "ymin", "xmax", "ymax")


def write(
    frame: geopandas.GeoDataFrame, *, key: str, labels: Labels, columns: Sequence[Column] = ()
) -> bytes:
    """Return `frame` as GeoParquet; equal rows in any order give equal bytes.

    Args:
        frame: the layer, with its CRS set.
        key: the column to sort by.
        labels: who may see it; written into the file's own metadata.
        columns: those whose types are declared.
    """
    ordered = frame.sort_values(key, kind="stable", ignore_index=True)
    shapes = ordered.geometry.to_numpy()
    bounds = shapely.bounds(shapes)
    edges = [pa.array(bounds[:, n], from_pandas=True) for n in range(len(EDGES))]
    table = (
        parquet.typed(ordered.drop(columns=ordered.geometry.name), columns)
        .append_column(GEOMETRY, pa.array(shapely.to_wkb(shapes), type=pa.binary()))
        .append_column(BBOX, pa.StructArray.from_arrays(edges, names=list(EDGES)))
    )
    return parquet.written(table, about={ABOUT: digest.canonical(_about(ordered))}, labels=labels)


def _about(frame: geopandas.GeoDataFrame) -> Json:
    column: Json = {
        "encoding": "WKB",
        "crs": None if frame.crs is None else frame.crs.to_json_dict(),
        "geometry_types": sorted(set(frame.geom_type.dropna())),
        "covering": {"bbox": {edge: [BBOX, edge] for edge in EDGES}},
    }
    if not frame.geometry.is_empty.all():
        column["bbox"] = [float(edge) for edge in frame.total_bounds]
    return {"version": "1.1.0", "primary_column": GEOMETRY, "columns": {GEOMETRY: column}}


def read(content: bytes) -> geopandas.GeoDataFrame:
    """Return a layer that `write` wrote: its own columns and its shapes in WGS 84."""
    table = pq.read_table(pa.BufferReader(content))
    shapes = shapely.from_wkb(table[GEOMETRY].to_numpy())
    return geopandas.GeoDataFrame(
        table.drop_columns([GEOMETRY, BBOX]).to_pandas(), geometry=shapes, crs="EPSG:4326"
    )
