"""The preview of lines and areas: shapes before and after, a mark inside each, steps of a shading, tiles."""

import json
from typing import Any

import geopandas
import pytest
from shapely import GeometryCollection, LineString, Point, Polygon, box

from pipelines import preview
from pipelines.diff import vector
from pipelines.model import Extent
from pipelines.preview import edition, features

Json = dict[str, Any]
KINDS = {"gone": "removed", "new": "added", "kept": "same", "grown": "changed"}


def frame(rows: dict[str, Any], **columns: list[Any]) -> geopandas.GeoDataFrame:
    data = {"id": list(rows), "name": [key.title() for key in rows], **columns}
    return geopandas.GeoDataFrame(data, geometry=list(rows.values()), crs="EPSG:4326")


def square(west: float, south: float = 38.0, side: float = 0.5) -> Polygon:
    return box(west, south, west + side, south + side)


BEFORE = frame({"gone": square(-100), "kept": square(-99), "grown": square(-98)})
AFTER = frame({"kept": square(-99), "grown": square(-98, side=0.6), "new": square(-96)})


def drawn(before: geopandas.GeoDataFrame, after: geopandas.GeoDataFrame, **more: str) -> Json:
    changes = vector.changes(vector.compare(before, after, key="id", title="name"))
    style = preview.style(changes, before=before, after=after, key="id", title="name", **more)
    return dict(json.loads(style))


def told(style: Json, source: str) -> dict[str, Json]:
    listed = style["sources"][source]["data"]["features"]
    return {one["properties"]["key"]: one for one in listed}


def test_each_shape_is_drawn_with_what_happened_to_it_and_its_older_self_too() -> None:
    style = drawn(BEFORE, AFTER)
    after, before = told(style, "after"), told(style, "before")
    assert {key: one["properties"]["kind"] for key, one in after.items()} == {
        key: KINDS[key] for key in ("kept", "grown", "new")
    }
    assert set(before) == {"gone", "grown"}
    assert before["grown"]["geometry"] != after["grown"]["geometry"]


def test_a_mark_stands_inside_each_shape_that_changed() -> None:
    style = drawn(BEFORE, AFTER)
    marks = told(style, "changes")
    assert {key: one["properties"]["kind"] for key, one in marks.items()} == {
        key: kind for key, kind in KINDS.items() if kind != "same"
    }
    lon, lat = marks["gone"]["geometry"]["coordinates"]
    assert square(-100).contains(Point(lon, lat))


def test_the_older_outline_is_dashed_and_lies_beneath_the_newer_one() -> None:
    layers = {layer["id"]: layer for layer in drawn(BEFORE, AFTER)["layers"]}
    names = list(layers)
    assert names.index("changed-line-before") < names.index("changed-line") < names.index("changed-point")
    assert "line-dasharray" in layers["changed-line-before"]["paint"]
    assert "line-dasharray" in layers["removed-line"]["paint"]
    assert layers["added-area"]["type"] == "fill"


def test_lines_have_no_insides_and_layers_of_several_kinds_draw_each_what_they_can() -> None:
    lines = frame({"one": LineString([(-99, 38), (-98, 38)])})
    style = json.loads(preview.style(None, before=None, after=lines, key="id", title="name"))
    assert {layer["type"] for layer in style["layers"]} == {"line", "circle"}
    mixed = frame({"one": LineString([(-99, 38), (-98, 38)]), "two": square(-97), "three": Point(-96, 38)})
    style = json.loads(preview.style(None, before=None, after=mixed, key="id", title="name"))
    fills = [layer for layer in style["layers"] if layer["type"] == "fill"]
    assert fills
    assert all(layer["filter"][-1] == ["==", ["geometry-type"], "Polygon"] for layer in fills)


@pytest.mark.parametrize(
    "shape",
    [
        Polygon([(-99, 38), (-98, 39), (-98, 38), (-99, 39)]),  # crosses itself
        GeometryCollection([Point(-99, 38), GeometryCollection([square(-98)])]),
        Polygon([(-99, 38, 5), (-98, 38, 5), (-98, 39, 5)]),  # with heights
        square(-98.00000049),
    ],
)
def test_every_shape_that_has_a_place_is_drawn(shape: Any) -> None:
    style = drawn(frame({"kept": square(-99)}), frame({"kept": square(-99), "odd": shape}))
    assert "odd" in told(style, "after")
    assert "odd" in told(style, "changes")


@pytest.mark.parametrize("shape", [None, Polygon(), Polygon([(float("inf"), 1), (2, 2), (3, 1)])])
def test_what_has_no_place_is_not_drawn_and_breaks_nothing(shape: Any) -> None:
    style = json.loads(
        preview.style(
            None, before=None, after=frame({"kept": square(-99), "odd": shape}), key="id", title="name"
        )
    )
    assert set(told(style, "after")) == {"kept"}


def test_what_would_be_too_much_is_simplified_a_little(monkeypatch: pytest.MonkeyPatch) -> None:
    wavy = LineString([(-99 + n / 1e5, 38 + (n % 2) * 5e-6) for n in range(1000)])
    monkeypatch.setattr(features, "POINTS_AT_MOST", 100)
    style = json.loads(preview.style(None, before=None, after=frame({"one": wavy}), key="id", title="name"))
    assert len(told(style, "after")["one"]["geometry"]["coordinates"]) < 10


def classes(rows: dict[str, tuple[str, float]]) -> geopandas.GeoDataFrame:
    """Return rows named by place and class, several of which lie at one place."""
    places = {"a": square(-99), "b": square(-98), "c": square(-97)}
    made = frame({key: places[key[0]] for key in rows})
    return made.assign(drought=[one for one, _ in rows.values()], share=[two for _, two in rows.values()])


WEEK = classes({"a/D0": ("D0", 0.5), "a/D2": ("D2", 0.5), "b/D1": ("D1", 1.0)})
NEXT = classes({"a/D0": ("D0", 0.5), "a/D3": ("D3", 0.5), "b/D1": ("D1", 1.0), "c/D0": ("D0", 1.0)})


def test_rows_at_one_place_are_one_shape_in_the_shade_of_the_worst() -> None:
    first = json.loads(preview.style(None, before=None, after=WEEK, key="id", title="name", shade="drought"))
    steps = {key: one["properties"]["step"] for key, one in told(first, "after").items()}
    assert steps == {"a/D0": 2, "b/D1": 1}
    assert first["metadata"]["kfm:ramp"] == [
        {"step": 0, "words": "D0", "places": 0},
        {"step": 1, "words": "D1", "places": 1},
        {"step": 2, "words": "D2", "places": 1},
    ]


def test_a_place_whose_rows_came_and_went_changed_and_has_a_mark_for_each() -> None:
    style = drawn(WEEK, NEXT, shade="drought")
    after = told(style, "after")
    assert {key: one["properties"]["kind"] for key, one in after.items()} == {
        "a/D3": "changed",
        "b/D1": "same",
        "c/D0": "added",
    }
    assert after["a/D3"]["properties"]["keys"].split("\n") == ["a/D3", "a/D0"]
    assert told(style, "before")["a/D2"]["properties"]["step"] == 2
    assert set(told(style, "changes")) == {"a/D2", "a/D3", "c/D0"}


def test_numbers_are_shaded_in_five_equal_parts() -> None:
    shares = frame({str(n): square(-100 + n) for n in range(5)}, share=[0.0, 0.2, 0.55, 0.9, 1.0])
    assert preview.steps(shares, shade="share") == [0, 1, 2, 4, 4]


def test_a_large_edition_is_drawn_from_its_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edition, "DRAWN_AT_MOST", 2)
    style = drawn(BEFORE, AFTER, layer="squares")
    assert style["sources"]["after-tiles"] == {"type": "vector", "url": "kfm:tiles"}
    assert style["sources"]["before-tiles"] == {"type": "vector", "url": "kfm:base-tiles"}
    assert set(told(style, "after")) == {"grown", "new"}
    tiled = [layer for layer in style["layers"] if "source-layer" in layer]
    assert {layer["source-layer"] for layer in tiled} == {"squares"}


def test_shapes_with_too_many_corners_are_drawn_from_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    wild = LineString([(-99 + n / 1000, 38 + n % 2) for n in range(100)])
    monkeypatch.setattr(features, "POINTS_AT_MOST", 10)
    style = drawn(BEFORE, frame({"wild": wild}), layer="lines")
    assert {"after-tiles", "before-tiles"} <= set(style["sources"])


def test_changes_that_have_pages_are_drawn_from_tiles() -> None:
    changes = {"changes": [], "pages": {"offsets": [0]}}
    style = json.loads(
        preview.style(changes, before=BEFORE, after=AFTER, key="id", title="name", layer="squares")
    )
    marks = [layer for layer in style["layers"] if layer["source"] == "change-tiles"]
    assert {layer["source-layer"] for layer in marks} == {"changes"}
    assert {layer["metadata"]["kfm:kind"] for layer in marks} == {"added", "removed", "changed", "moved"}
    assert told(style, "after") == {}


def test_a_raster_is_pictures_of_both_sides_and_of_what_differs() -> None:
    place = {"lon": -98.0, "lat": 38.0}
    said = {"kind": "changed", "key": "r1c1", "title": "one", "distance_m": None, "finding": None}
    changes = {"changes": [{**said, "decimals_only": False, "before": place, "after": place}]}
    extent = Extent(west=-102, south=37, east=-94, north=40)
    swatches = [preview.Swatch(colour="#a3c498", words="0 m")]
    style = json.loads(
        preview.raster_style(changes, extent=extent, unit="m", values=swatches, differences=swatches)
    )
    addresses = {name: source.get("url") for name, source in style["sources"].items()}
    assert addresses == {
        "changes": None,
        "after-tiles": "kfm:tiles",
        "before-tiles": "kfm:base-tiles",
        "change-tiles": "kfm:change-tiles",
    }
    first = json.loads(
        preview.raster_style(None, extent=extent, unit="m", values=swatches, differences=swatches)
    )
    assert set(first["sources"]) == {"changes", "after-tiles"}


def test_shapes_of_a_refused_input_are_drawn_as_read_and_where_they_belong() -> None:
    spots = [
        preview.Spot(key="a", title="A", x=38.0, y=-98.0),
        preview.Spot(key="b", title="B", x=500, y=300),
    ]
    shapes = [box(37.5, -98.5, 38.5, -97.5), box(490, 290, 510, 310)]
    style = json.loads(preview.input_style(spots, swapped=True, shapes=shapes))
    (read,), (belongs,) = (
        style["sources"][name]["data"]["features"] for name in ("as_read_shapes", "belongs_shapes")
    )
    assert {lat for _, lat in read["geometry"]["coordinates"][0]} == {-85}
    assert belongs["geometry"]["coordinates"][0][0] in ([-98.5, 37.5], [-98.5, 38.5], [-97.5, 38.5])
    assert style["metadata"]["kfm:not_drawn"] == 1


def test_points_of_a_refused_input_have_no_outlines() -> None:
    spots = [preview.Spot(key="a", title="A", x=-98.0, y=38.0)]
    style = json.loads(preview.input_style(spots, swapped=False, shapes=[Point(-98, 38)]))
    assert set(style["sources"]) == {"as_read", "belongs", "lines"}
