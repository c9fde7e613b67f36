"""GeoParquet 1.1 with fixed options: sorted by key, labels inside, a bounding box for every row."""

import io
from dataclasses import asdict

import geopandas
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from pipelines import digest
from pipelines.model import Json, Labels

MEDIA_TYPE = "application/vnd.apache.parquet"
LABELS = b"kfm:labels"
ABOUT = b"geo"
GEOMETRY = "geometry"
BBOX = "bbox"
EDGES = ("xmin", "ymin", "xmax", "ymax")
ROWS_IN_GROUP = 10_000


def write(frame: geopandas.GeoDataFrame, *, key: str, labels: Labels) -> bytes:
    """Return `frame` as GeoParquet; equal rows in any order give equal bytes.

    Args:
        frame: the layer, with its CRS set.
        key: the column to sort by.
        labels: who may see it; written into the file's own metadata.
    """
    ordered = frame.sort_values(key, kind="stable", ignore_index=True)
    shapes = ordered.geometry.to_numpy()
    bounds = shapely.bounds(shapes)
    edges = [pa.array(bounds[:, n], from_pandas=True) for n in range(len(EDGES))]
    table = (
        pa.Table.from_pandas(ordered.drop(columns=ordered.geometry.name), preserve_index=False)
        .append_column(GEOMETRY, pa.array(shapely.to_wkb(shapes), type=pa.binary()))
        .append_column(BBOX, pa.StructArray.from_arrays(edges, names=list(EDGES)))
    )
    about = {ABOUT: digest.canonical(_about(ordered)), LABELS: digest.canonical(asdict(labels))}
    sink = io.BytesIO()
    pq.write_table(
        table.replace_schema_metadata(about),
        sink,
        compression="zstd",
        compression_level=6,
        row_group_size=ROWS_IN_GROUP,
        version="2.6",
    )
    return sink.getvalue()


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
