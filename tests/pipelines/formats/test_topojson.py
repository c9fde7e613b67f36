"""TopoJSON of areas, decoded."""

import json

import pytest

from pipelines.errors import NotMade
from pipelines.formats import topojson

# Two squares side by side; the arc between them is written once, from south to north.
WRITTEN = {
    "type": "Topology",
    "transform": {"scale": [0.5, 0.25], "translate": [-100, 38]},
    "arcs": [[[2, 0], [0, 4]], [[2, 4], [-2, 0], [0, -4], [2, 0]], [[2, 0], [2, 0], [0, 4], [-2, 0]]],
    "objects": {
        "areas": {
            "type": "GeometryCollection",
            "geometries": [
                {"type": "Polygon", "arcs": [[1, 0]], "id": 1, "properties": {"name": "West"}},
                {"type": "MultiPolygon", "arcs": [[[2, -1]]], "id": "02"},
                {"type": None, "id": 3},
                {"type": "MultiPolygon", "arcs": [], "id": 4},
            ],
        }
    },
}
READ = topojson.read(json.dumps(WRITTEN).encode(), layer="areas")


def test_steps_on_a_grid_become_coordinates() -> None:
    assert READ.arcs[0] == ((-99.0, 38.0), (-99.0, 39.0))


def test_areas_without_a_shape_are_left_out() -> None:
    assert [(area.id, area.name) for area in READ.areas] == [("1", "West"), ("02", None)]


def test_a_ring_is_put_together_and_closed() -> None:
    east = READ.ring(READ.areas[1].polygons[0][0])
    assert east == ((-99.0, 38.0), (-98.0, 38.0), (-98.0, 39.0), (-99.0, 39.0), (-99.0, 38.0))


def test_an_arc_knows_the_areas_on_both_of_its_sides() -> None:
    assert READ.sides() == {1: (("1", True),), 0: (("1", True), ("02", False)), 2: (("02", True),)}


@pytest.mark.parametrize("content", [b"[]", b'{"type": "FeatureCollection"}', json.dumps(WRITTEN).encode()])
def test_what_has_no_such_layer_is_refused(content: bytes) -> None:
    with pytest.raises(NotMade, match="no topology with a layer 'states'"):
        topojson.read(content, layer="states")
