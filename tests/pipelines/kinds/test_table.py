"""A table: rows without a shape of their own, drawn where another input says, and rightly none at all."""

from dataclasses import replace

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from pipelines import spec
from pipelines.errors import NotMade
from pipelines.family import Joined, Output, Shapes
from pipelines.formats import archive, delimited
from pipelines.inputs import Inputs
from pipelines.kinds import KINDS
from pipelines.model import Column, Labels
from pipelines.subject import framed

TABLE = KINDS["table"]
PUBLIC = Labels(sensitivity="public", sovereignty=(), rights="CC0-1.0")
OUTPUT = Output(
    layer="rain",
    kind="table",
    key="id",
    title="id",
    formats=("parquet", "pmtiles"),
    moved_over_m=float("inf"),
    composed_of=(),
    shade="",
    deepest_zoom=8,
    columns=(
        Column(name="id", type="string", description="the key"),
        Column(name="geoid", type="string", description="the county"),
        Column(name="mm", type="number", description="rain"),
    ),
)
_SOURCE = spec.family("ks_airports").main
INPUTS = Inputs(
    sources=(
        replace(_SOURCE, name="rain", place=Joined(input="counties", column=("geoid",), to="geoid")),
        replace(_SOURCE, name="counties", key=("geoid",), place=Shapes(crs="EPSG:4326")),
    ),
    all={
        "rain": delimited.read(b"id,geoid,mm\n"),
        "counties": replace(
            delimited.read(b"geoid\n20001\n20003\n"),
            shapes=shapely.box([-95.5, -95.5], [37.7, 38.1], [-95.1, -95.1], [38.1, 38.4]),
        ),
    },
)


def layer(*rows: tuple[str, str, float | None]) -> gpd.GeoDataFrame:
    frame = pd.DataFrame(list(rows), columns=["id", "geoid", "mm"])
    return gpd.GeoDataFrame(frame, geometry=[None] * len(frame), crs="EPSG:4326")


def test_its_bytes_hold_no_shape_and_the_declared_types_in_the_order_of_the_key() -> None:
    content = TABLE.write(layer(("b", "20003", None), ("a", "20001", 1.5)), OUTPUT, labels=PUBLIC)
    read = pq.read_table(pa.BufferReader(content))
    assert read.schema.names == ["id", "geoid", "mm"]
    assert read.to_pylist() == [
        {"id": "a", "geoid": "20001", "mm": 1.5},
        {"id": "b", "geoid": "20003", "mm": None},
    ]
    again = TABLE.write(layer(("a", "20001", 1.5), ("b", "20003", None)), OUTPUT, labels=PUBLIC)
    assert again == content


def test_read_back_each_row_lies_where_the_reference_says_and_an_unknown_one_nowhere() -> None:
    content = TABLE.write(layer(("a", "20003", 1.0), ("b", "20999", 2.0)), OUTPUT, labels=PUBLIC)
    frame = framed(TABLE.read(content, INPUTS))
    known, unknown = frame.geometry
    assert (known.bounds, unknown) == ((-95.5, 38.1, -95.1, 38.4), None)


def test_no_rows_are_a_table_with_types_with_a_box_and_with_tiles_that_hold_nothing() -> None:
    content = TABLE.write(layer(), OUTPUT, labels=PUBLIC)
    assert [str(kind) for kind in pq.read_schema(pa.BufferReader(content)).types] == [
        "string",
        "string",
        "double",
    ]
    empty = TABLE.read(content, INPUTS)
    told = TABLE.describe(empty, OUTPUT, INPUTS)
    assert (told.rows, told.extent.south, told.extent.north) == (0, 37.7, 38.4)
    tiles = TABLE.cut(empty, OUTPUT, labels=PUBLIC).result()
    assert archive.read(tiles).tiles == ()


def test_a_layer_that_cannot_be_joined_is_refused() -> None:
    output = replace(OUTPUT, columns=OUTPUT.columns[::2])
    content = TABLE.write(layer(("a", "20003", 1.0)).drop(columns="geoid"), output, labels=PUBLIC)
    with pytest.raises(NotMade, match="no column 'geoid'"):
        TABLE.read(content, INPUTS)
