"""Parquet read within bounds: measured before it is unpacked, every row there, every cell as text."""

import datetime as dt
import io
import struct
import time
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from pipelines.formats import columnar, geoparquet, wkb
from tests.pipelines import made

MORNING = dt.datetime(2026, 9, 5, 3, 4, 5)  # noqa: DTZ001  # a column may have no time zone


def parquet(table: pa.Table, **options: Any) -> bytes:
    """Return a file."""
    sink = io.BytesIO()
    pq.write_table(table, sink, **options)
    return sink.getvalue()


def rules(content: bytes) -> list[str]:
    """Return the rules of what is wrong with a file."""
    faults = columnar.read(content).faults
    assert all(fault.message and fault.remedy for fault in faults)
    return [fault.rule for fault in faults]


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        (pa.array(["a", None, "é"]), ["a", "", "é"]),
        (pa.array([1, None]), ["1", ""]),
        (pa.array([1.0, 0.1, float("nan"), float("inf")]), ["1", "0.1", "nan", "inf"]),
        (pa.array([0.1], pa.float32()), ["0.1"]),
        (pa.array([True, None]), ["true", ""]),
        (pa.array([dt.date(2026, 9, 5)]), ["2026-09-05"]),
        (pa.array([MORNING]), ["2026-09-05T03:04:05"]),
        (pa.array([MORNING], pa.timestamp("us", "America/Chicago")), ["2026-09-05T03:04:05Z"]),
        (pa.array([MORNING.replace(microsecond=250_000)]), ["2026-09-05T03:04:05.25"]),
        (pa.array([dt.time(3, 4, 5)]), ["03:04:05"]),
        (pa.array([Decimal("1.50")]), ["1.50"]),
        (pa.array(["x", None, "x"]).dictionary_encode(), ["x", "", "x"]),
        (pa.nulls(2), ["", ""]),
        (pa.array(["a"], pa.large_string()), ["a"]),
    ],
    ids=lambda value: str(getattr(value, "type", "")),
)
def test_a_typed_cell_becomes_the_text_that_people_would_write(values: pa.Array, texts: list[str]) -> None:
    table = columnar.read(parquet(pa.table({"v": values})))
    assert (table.faults, table.texts("v").to_pylist()) == ((), texts)
    assert table.where(0) == "row 1"


def test_what_we_write_is_read_back() -> None:
    frame = made.airports("2026-09")
    table = columnar.read(geoparquet.write(frame, key="icao", labels=made.PUBLIC))
    assert (table.faults, table.crs, table.controls) == ((), "EPSG:4326", 0)
    assert table.names == tuple(name for name in frame.columns if name != "geometry")
    assert table.texts("name").to_pylist() == list(frame.sort_values("icao")["name"])
    assert table.shapes is not None
    assert [shape.geom_type for shape in table.shapes] == ["Point"] * len(frame)


def test_a_file_without_rows_still_has_its_columns() -> None:
    table = columnar.read(parquet(pa.table({"a": pa.array([], pa.string())})))
    assert (table.names, table.rows.num_rows, table.faults) == (("a",), 0, ())


def test_columns_that_no_table_can_hold_are_told_and_the_others_read() -> None:
    columns = {"list": [[1], [2]], "struct": [{"x": 1}, {"x": 2}], "bytes": [b"x", b"y"], "ok": ["1", "2"]}
    table = columnar.read(parquet(pa.table(columns)))
    assert table.rows.to_pylist() == [{"ok": "1"}, {"ok": "2"}]
    assert [(fault.rule, fault.where) for fault in table.faults] == [
        ("type", name) for name in ("list", "struct", "bytes")
    ]


def test_text_that_is_no_text_is_told_with_its_row() -> None:
    blobs = pa.array([b"ok", b"\xe9", None])
    cells = pa.Array.from_buffers(pa.string(), 3, blobs.buffers())
    table = columnar.read(parquet(pa.table({"a": cells})))
    assert table.texts("a").to_pylist() == ["ok", "\ufffd", ""]
    assert [(fault.rule, fault.where) for fault in table.faults] == [("text", "row 2, a")]


def geometry(*blobs: bytes | None, about: Any = None) -> bytes:
    """Return a GeoParquet file of these shapes."""
    told = about or b'{"primary_column":"g","columns":{"g":{"encoding":"WKB"}}}'
    table = pa.table({"a": [str(n) for n in range(len(blobs))], "g": pa.array(blobs, pa.binary())})
    return parquet(table.replace_schema_metadata({"geo": told}))


NAN = struct.pack("<BII4d", 1, 2, 2, 0, 0, 1, float("nan"))
DEEP = struct.pack("<BII", 1, 7, 1) * 50_000 + shapely.to_wkb(shapely.Point(0, 0))
DEEPER = struct.pack("<BII", 1, 4, 1) * 50_000 + shapely.to_wkb(shapely.Point(0, 0))


@pytest.mark.parametrize(
    ("blob", "wrong"),
    [
        (b"", "is cut off"),
        (b"\x01\x01", "is cut off"),
        (b"\x01\x01\x00\x00\x00", "cannot be read as WKB"),
        (struct.pack("<BI", 1, 99), "is of kind 99, which is not read"),
        (struct.pack("<BII", 1, 2, 2**32 - 1), "cannot be read as WKB"),
        (NAN, "has coordinates that are no finite numbers"),
        (DEEP, "is nested deeper than 8 levels"),
        (DEEPER, "is nested deeper than 8 levels"),
    ],
    ids=["empty", "head", "point", "kind", "count", "nan", "collections", "multipoints"],
)
def test_a_bad_shape_costs_the_shape_and_not_the_row(blob: bytes, wrong: str) -> None:
    table = columnar.read(geometry(shapely.to_wkb(shapely.Point(0, 0)), blob, None))
    assert table.texts("a").to_pylist() == ["0", "1", "2"]
    assert table.shapes is not None
    assert [one is None for one in table.shapes] == [False, True, True]
    (fault,) = table.faults
    assert (fault.rule, fault.where, fault.message) == (
        "geometry",
        "row 2",
        f"The geometry of row 2 {wrong}.",
    )


def test_large_and_true_shapes_are_not_taken_for_deep_ones() -> None:
    many = shapely.MultiPolygon([shapely.Point(2 * n, 0).buffer(0.5) for n in range(200)])
    mixed = shapely.GeometryCollection([many, shapely.LineString(np.zeros((3000, 3)))])
    iso = [shapely.to_wkb(one, flavor="iso") for one in (many, mixed)]
    extended = [shapely.to_wkb(one, flavor="extended") for one in (many, mixed)]
    shapes, wrongs = wkb.shapes([*iso, *extended])
    assert (wrongs, list(shapes)) == ([], [many, mixed, many, mixed])


@pytest.mark.parametrize(
    ("about", "crs", "rule"),
    [
        (b'{"primary_column":"g","columns":{"g":{"encoding":"WKB"}}}', "OGC:CRS84", []),
        (b'{"primary_column":"g","columns":{"g":{"encoding":"WKB","crs":null}}}', None, []),
        (
            b'{"primary_column":"g","columns":{"g":{"encoding":"WKB","crs":{"id":{"authority":"EPSG","code":1}}}}}',
            "EPSG:1",
            [],
        ),
        (
            b'{"primary_column":"g","columns":{"g":{"encoding":"WKB","crs":{"name":"x"}}}}',
            '{"name":"x"}',
            [],
        ),
        (b'{"primary_column":"g","columns":{"g":{"encoding":"WKB","crs":7}}}', None, ["crs"]),
        (b'{"primary_column":"g","columns":{"g":{"encoding":"point"}}}', None, ["geo", "type"]),
        (b'{"primary_column":"h","columns":{"h":{"encoding":"WKB"}}}', None, ["geo", "type"]),
        (b"[" * 9000, None, ["geo", "type"]),
    ],
)
def test_the_system_is_told_as_the_file_names_it(about: bytes, crs: str | None, rule: list[str]) -> None:
    content = geometry(shapely.to_wkb(shapely.Point(0, 0)), about=about)
    assert (columnar.read(content).crs, rules(content)) == (crs, rule)


LONG = pa.DictionaryArray.from_arrays(pa.array(np.zeros(1_000_000, np.int32)), pa.array(["x" * 2**20]))
BOMBS = {
    "many rows": ("rows", parquet(pa.table({"a": np.zeros(5_000_001, np.int8)}))),
    "many columns": ("columns", parquet(pa.table({f"c{n}": [1] for n in range(1001)}))),
    "one long text a million times": ("bomb", parquet(pa.table({"a": LONG}), compression="zstd")),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_few_bytes_that_would_become_many_are_refused_before_they_do(bomb: str) -> None:
    rule, content = BOMBS[bomb]
    began, before = time.perf_counter(), pa.total_allocated_bytes()
    table = columnar.read(content)
    assert time.perf_counter() - began < 2
    assert pa.total_allocated_bytes() - before < 64 * 2**20
    assert table.faults[0].rule == rule
    assert table.rows.num_rows == 0


def test_pages_that_unpack_to_much_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    content = parquet(pa.table({"a": np.zeros(100_000)}), use_dictionary=False, compression="zstd")
    assert len(content) < 2000
    monkeypatch.setattr(columnar, "BYTES_AT_MOST", 700_000)
    assert rules(content) == ["bomb"]


WHOLE = parquet(pa.table({"a": ["x", "y"], "b": [1, 2]}))


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", "empty"),
        (b"PAR1", "damaged"),
        (b"PAR1PAR1", "damaged"),
        (b"PAR1" + b"\xff" * 8 + b"PAR1", "damaged"),
        (WHOLE[:-1], "truncated"),
        (WHOLE[: len(WHOLE) // 2], "truncated"),
        (WHOLE[4:], "damaged"),
        (WHOLE[:4] + WHOLE[40:], "damaged"),
        (b"PAR1" + bytes(20) + (20).to_bytes(4, "little") + b"PAR1", "damaged"),
        (b"<html>", "another"),
        (b"PARE" + WHOLE[4:], "another"),
        (b"II*\x00", "another"),
    ],
)
def test_what_is_no_whole_file_is_refused_and_told(content: bytes, rule: str) -> None:
    assert rules(content)[:1] == [rule]
    assert columnar.read(content).rows.num_rows == 0


@given(at=st.integers(0, len(WHOLE) - 1), byte=st.integers(0, 255))
def test_one_byte_changed_anywhere_never_breaks_the_reader(at: int, byte: int) -> None:
    table = columnar.read(WHOLE[:at] + bytes([byte]) + WHOLE[at + 1 :])
    assert table.faults or table.rows.num_rows == 2


@given(st.binary(max_size=300))
def test_whatever_the_bytes_reading_says_something(content: bytes) -> None:
    for some in (content, b"PAR1" + content + b"PAR1"):
        assert columnar.read(some).faults
