"""GeoJSON read strictly: every feature a row, nothing guessed, nothing dropped."""

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.formats import geojson

SQUARE = [[[0, 0], [1, 0], [1, 1], [0, 0]]]


def feature(properties: Any = None, geometry: Any = None, **more: Any) -> dict[str, Any]:
    """Return a feature."""
    return {"type": "Feature", "properties": properties, "geometry": geometry, **more}


def collection(*features: Any, **more: Any) -> bytes:
    """Return a file."""
    return json.dumps({"type": "FeatureCollection", "features": list(features), **more}).encode()


def shape(kind: str, coordinates: Any) -> dict[str, Any]:
    """Return a geometry."""
    return {"type": kind, "coordinates": coordinates}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a", "a"),
        (None, ""),
        (True, "true"),
        (False, "false"),
        (3, "3"),
        (3.0, "3"),
        (0.1, "0.1"),
        (-98.25, "-98.25"),
        ({"b": [1.0, None], "a": "x"}, '{"a":"x","b":[1,null]}'),
        ([], "[]"),
    ],
)
def test_a_property_becomes_the_text_that_people_would_write(value: Any, text: str) -> None:
    assert geojson.read(collection(feature({"v": value}))).texts("v").to_pylist() == [text]


def test_names_stand_as_they_first_come_and_what_is_not_there_is_empty() -> None:
    table = geojson.read(collection(feature({"b": 1}), feature({"a": 2, "b": 3}), feature(None)))
    assert table.names == ("b", "a")
    assert table.rows.to_pylist() == [{"b": "1", "a": ""}, {"b": "3", "a": "2"}, {"b": "", "a": ""}]
    assert [table.where(n) for n in range(3)] == ["feature 1", "feature 2", "feature 3"]


def test_the_id_of_a_feature_is_a_column_unless_a_property_is_called_so() -> None:
    assert geojson.read(collection(feature({"a": 1}, id=7))).rows.to_pylist() == [{"id": "7", "a": "1"}]
    assert geojson.read(collection(feature({"id": 1}, id=7))).rows.to_pylist() == [{"id": "1"}]


@pytest.mark.parametrize(
    "geometry",
    [
        shape("Point", [1, 2]),
        shape("Point", [1, 2, 3]),
        shape("LineString", [[0, 0], [1, 1]]),
        shape("Polygon", SQUARE),
        shape("MultiPoint", [[0, 0]]),
        shape("MultiLineString", [[[0, 0], [1, 1]]]),
        shape("MultiPolygon", [SQUARE]),
        {"type": "GeometryCollection", "geometries": [shape("Point", [1, 2])]},
    ],
    ids=lambda geometry: f"{geometry['type']}",
)
def test_every_kind_of_shape_is_read(geometry: dict[str, Any]) -> None:
    table = geojson.read(collection(feature({}, geometry)))
    assert table.faults == ()
    assert table.shapes is not None
    assert table.shapes[0].geom_type == geometry["type"]
    assert table.shapes[0].has_z == (geometry.get("coordinates") == [1, 2, 3])


def test_no_shape_and_an_empty_one_are_two_things() -> None:
    table = geojson.read(collection(feature({}), *(feature({}, shape(kind, [])) for kind in EMPTY)))
    assert table.faults == ()
    assert table.shapes is not None
    assert table.shapes[0] is None
    assert [one.geom_type for one in table.shapes[1:] if one.is_empty] == EMPTY


EMPTY = ["Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon"]


@pytest.mark.parametrize(
    ("geometry", "wrong"),
    [
        (shape("Point", [1e999, 2]), "has infinite coordinates"),
        (shape("Point", [10**400, 2]), "has infinite coordinates"),
        (shape("Point", ["1", 2]), "has coordinates that are no numbers"),
        (shape("Point", [True, 2]), "has coordinates that are no numbers"),
        (shape("Point", [1]), "has positions of 1 numbers"),
        (shape("LineString", [[1, 2]]), "has 1 positions where 2 are the least"),
        (shape("LineString", [[1, 2], [1, 2, 3]]), "has positions of different lengths"),
        (shape("Polygon", [[[0, 0], [1, 1], [0, 0]]]), "has 3 positions where 4 are the least"),
        (shape("Polygon", [[[0, 0], [1, 0], [1, 1], [2, 2]]]), "has a ring that is not closed"),
        (shape("Polygon", 3), "has no list of coordinates"),
        (shape("Circle", []), "is of unknown type 'Circle'"),
        ("POINT(1 2)", "is no geometry"),
    ],
)
def test_a_bad_shape_costs_the_shape_and_not_the_row(geometry: Any, wrong: str) -> None:
    content = collection(feature({"a": 1}, shape("Point", [0, 0])), feature({"a": 2}, geometry))
    table = geojson.read(content.replace(b"Infinity", b"1e999"))
    assert table.texts("a").to_pylist() == ["1", "2"]
    assert table.shapes is not None
    assert [one is None for one in table.shapes] == [False, True]
    (fault,) = table.faults
    assert (fault.rule, fault.where) == ("geometry", "feature 2")
    assert fault.message == f"The geometry of feature 2 {wrong}."


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b'{"type":"FeatureCollection","features":[{"ty', "truncated"),
        (b'{"type":"FeatureCollection","features":[', "truncated"),
        (b"{'type': 1}", "json"),
        (b'{"type":"FeatureCollection","type":"x"}', "twice"),
        (b'{"type":NaN}', "number"),
        (b'{"type":-Infinity}', "number"),
        (b"[" * 100_000, "depth"),
        (b"[" * 100_000 + b"]" * 100_000, "depth"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "depth"),
        (b"[]", "kind"),
        (b'{"type":"Feature"}', "kind"),
        (b'{"type":"FeatureCollection"}', "kind"),
        (b"<!DOCTYPE html><p>Not found</p>", "another"),
        (b"<OGRVRTDataSource><SrcDataSource>/vsicurl/x</SrcDataSource></OGRVRTDataSource>", "another"),
        (b"/vsicurl/https://example.org/x.geojson", "another"),
        (b"PAR1", "another"),
        (b"PK\x03\x04", "another"),
    ],
)
def test_what_is_no_collection_is_refused_at_once_and_told(content: bytes, rule: str) -> None:
    began = time.perf_counter()
    table = geojson.read(content)
    assert time.perf_counter() - began < 1
    (fault,) = table.faults
    assert (fault.rule, table.rows.num_rows, table.size) == (rule, 0, len(content))
    assert fault.message
    assert fault.remedy


@pytest.mark.parametrize(
    ("odd", "wrong"),
    [
        (3, "is no Feature"),
        ({"type": "Point"}, "is no Feature"),
        (feature([1]), "has properties that are no object"),
    ],
)
def test_what_is_no_feature_is_still_a_row(odd: Any, wrong: str) -> None:
    table = geojson.read(collection(feature({"a": 1}), odd))
    assert table.texts("a").to_pylist() == ["1", ""]
    assert f"Feature 2 {wrong}." in [fault.message for fault in table.faults]


def test_the_system_is_told_as_the_file_names_it() -> None:
    named = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::26914"}}
    assert geojson.read(collection(crs=named)).crs == "urn:ogc:def:crs:EPSG::26914"
    assert geojson.read(collection()).crs == "OGC:CRS84"
    assert geojson.read(collection(crs=None)).crs is None
    assert [fault.rule for fault in geojson.read(collection(crs=[1])).faults] == ["crs"]


def test_two_encodings_in_one_file_are_found_and_no_row_is_lost() -> None:
    content = collection(feature({"a": "Léoti"}), feature({"a": "x"}))
    raw = content.replace(b"L\\u00e9oti", "Léoti".encode()).replace(b'"x"', b'"\xe9"')
    table = geojson.read(raw)
    assert table.texts("a").to_pylist() == ["Léoti", "\ufffd"]
    assert (table.first_not_utf8, table.not_utf8) == (raw.index(b'"\xe9"') + 1, 1)


def test_half_a_character_is_damage_and_no_crash() -> None:
    table = geojson.read(collection(feature({"a": "\ud800", "\udc00": 1})))
    assert (table.texts("a").to_pylist(), table.controls) == (["\ufffd"], 1)
    assert table.names == ("a", "\ufffd")


LONG_WAY = [[[179, 0], [-179, 0], [-179, 1], [179, 1], [179, 0]]]
CUT = [[[[179, 0], [180, 0], [180, 1], [179, 0]]], [[[-180, 0], [-179, 0], [-180, 1], [-180, 0]]]]


@pytest.mark.parametrize(
    "shape_",
    [shape("Polygon", LONG_WAY), shape("MultiPolygon", [LONG_WAY]), shape("LineString", LONG_WAY[0])],
)
def test_what_goes_the_long_way_round_the_globe_is_told(shape_: dict[str, Any]) -> None:
    (fault,) = geojson.read(collection(feature({}, shape_))).faults
    assert fault.message.endswith("goes the long way round the globe: cut it at the antimeridian.")
    assert geojson.read(collection(feature({}, shape_), crs=METRES)).faults == ()


METRES = {"type": "name", "properties": {"name": "EPSG:26914"}}


def test_what_is_cut_at_the_antimeridian_is_as_it_should_be() -> None:
    assert geojson.read(collection(feature({}, shape("MultiPolygon", CUT)))).faults == ()


def test_many_faults_are_counted_and_a_few_are_named() -> None:
    table = geojson.read(collection(*[3] * 500))
    assert (len(table.faults), table.rows.num_rows) == (21, 500)
    assert table.faults[-1].message == "480 more of this kind, 500 in all."


def test_few_bytes_that_ask_for_many_values_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(geojson, "VALUES_AT_MOST", 100)
    assert [fault.rule for fault in geojson.read(b"[" + b"0," * 200 + b"0]").faults] == ["values"]


def test_names_without_end_are_refused() -> None:
    table = geojson.read(collection(*[feature({f"n{n}": n}) for n in range(1001)]))
    assert [fault.rule for fault in table.faults] == ["cells"]


@given(st.binary(max_size=300))
def test_whatever_the_bytes_reading_says_something(content: bytes) -> None:
    table = geojson.read(content)
    assert table.faults
    assert table.size == len(content)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=12,
)


@pytest.mark.slow
@given(
    st.lists(st.fixed_dictionaries({"type": st.just("Feature"), "properties": VALUES, "geometry": VALUES}))
)
def test_whatever_the_features_each_is_a_row(features: list[Any]) -> None:
    content = json.dumps({"type": "FeatureCollection", "features": features}, allow_nan=True).encode()
    table = geojson.read(content)
    assert table.rows.num_rows == len(features) or [fault.rule for fault in table.faults] == ["number"]


def test_reading_gives_up_where_nearly_nothing_is_a_feature() -> None:
    (fault,) = geojson.read(collection(*[3] * 10_001)).faults
    assert (fault.rule, fault.message) == ("feature", "10,001 of 10,001 features are none.")
