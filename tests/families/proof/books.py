"""Files of rows taken apart and put together again, whatever their format: CSV, GeoJSON, Parquet."""

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import shapely

GEOMETRY = "geometry"
Row = dict[str, Any]
Rows = list[Row]


def _csv_read(content: bytes) -> Rows:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def _csv_write(rows: Sequence[Row], like: bytes) -> bytes:
    names = list(rows[0]) if rows else like.decode().splitlines()[0].split(",")
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, fieldnames=names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def _geojson_read(content: bytes) -> Rows:
    return [
        {**one["properties"], GEOMETRY: shapely.geometry.shape(one["geometry"]) if one["geometry"] else None}
        for one in json.loads(content)["features"]
    ]


def _geojson_write(rows: Sequence[Row], like: bytes) -> bytes:
    made = {**json.loads(like), "features": [_feature(row) for row in rows]}
    return json.dumps(made, ensure_ascii=False).encode()


def _feature(row: Row) -> Row:
    shape = row[GEOMETRY]
    return {
        "type": "Feature",
        "properties": {name: value for name, value in row.items() if name != GEOMETRY},
        GEOMETRY: None if shape is None else shapely.geometry.mapping(shape),
    }


def _parquet_read(content: bytes) -> Rows:
    rows: Rows = pq.read_table(io.BytesIO(content)).to_pylist()
    return rows


def _parquet_write(rows: Sequence[Row], like: bytes) -> bytes:
    schema = pq.read_schema(io.BytesIO(like))
    names = list(rows[0]) if rows else schema.names
    columns = {name: _column([row[name] for row in rows], name, schema) for name in names}
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue()


def _column(values: list[Any], name: str, schema: pa.Schema) -> pa.Array:
    kind = schema.field(name).type if name in schema.names else pa.string()
    try:
        return pa.array(values, kind)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return pa.array([None if value is None else str(value) for value in values], pa.string())


READ: Mapping[str, Callable[[bytes], Rows]] = {
    "text/csv": _csv_read,
    "application/geo+json": _geojson_read,
    "application/vnd.apache.parquet": _parquet_read,
}
WRITE: Mapping[str, Callable[[Sequence[Row], bytes], bytes]] = {
    "text/csv": _csv_write,
    "application/geo+json": _geojson_write,
    "application/vnd.apache.parquet": _parquet_write,
}
