"""GeoParquet: equal data, equal bytes; readable by others; labels and boxes inside."""

import io
import json

import geopandas as gpd
import pyarrow as pa
import pyarrow.parquet as pq
from shapely import Point, Polygon

from pipelines.formats import geoparquet
from tests.pipelines import made


def write(frame: gpd.GeoDataFrame) -> bytes:
    return geoparquet.write(frame, key="icao", labels=made.PUBLIC)


def about(content: bytes) -> dict[bytes, bytes]:
    found = pq.read_metadata(pa.BufferReader(content)).metadata
    return dict(found)


def test_rows_in_any_order_give_the_same_bytes() -> None:
    frame = made.points(300)
    assert write(frame) == write(frame.sample(frac=1, random_state=1))


def test_the_rows_are_sorted_by_key() -> None:
    read = gpd.read_parquet(io.BytesIO(write(made.points(50).sample(frac=1, random_state=2))))
    assert list(read["icao"]) == sorted(read["icao"])


def test_geopandas_reads_back_what_was_written() -> None:
    frame = made.airports("2026-09").sort_values("icao", ignore_index=True)
    read = gpd.read_parquet(io.BytesIO(write(frame)))
    assert list(read["name"]) == list(frame["name"])
    assert read.geometry.geom_equals_exact(frame.geometry, 0).all()
    assert read.crs == frame.crs


def test_our_own_reader_gives_the_same_layer() -> None:
    frame = made.points(50)
    assert geoparquet.read(write(frame)).drop(columns="elevation").equals(frame.drop(columns="elevation"))


def test_the_labels_are_inside() -> None:
    told = json.loads(about(write(made.points(3)))[geoparquet.LABELS])
    assert told == {
        "sensitivity": "public",
        "sensitivity_reason": [],
        "sovereignty": [],
        "rights": "MIT",
        "generalization": None,
        "embargo_until": None,
    }


def test_only_the_format_and_the_labels_are_told() -> None:
    assert set(about(write(made.points(3)))) == {b"geo", geoparquet.LABELS, b"ARROW:schema"}


def test_every_row_group_has_statistics_of_key_and_box() -> None:
    group = pq.read_metadata(pa.BufferReader(write(made.points(50)))).row_group(0)
    columns = {group.column(n).path_in_schema: group.column(n) for n in range(group.num_columns)}
    for name in ("icao", "bbox.xmin", "bbox.ymin", "bbox.xmax", "bbox.ymax"):
        assert columns[name].statistics.has_min_max


def test_polygons_and_missing_shapes_are_kept() -> None:
    shapes = [Polygon([(-98, 38), (-97, 38), (-97, 39)]), None, Point(-98, 38)]
    frame = gpd.GeoDataFrame({"icao": ["a", "b", "c"]}, geometry=shapes, crs=4326)
    content = write(frame)
    assert list(gpd.read_parquet(io.BytesIO(content)).geometry.isna()) == [False, True, False]
    assert json.loads(about(content)[b"geo"])["columns"]["geometry"]["geometry_types"] == ["Point", "Polygon"]


def test_a_layer_without_rows_can_be_written() -> None:
    assert len(gpd.read_parquet(io.BytesIO(write(made.points(3)[:0])))) == 0
