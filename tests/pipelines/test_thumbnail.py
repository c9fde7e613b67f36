"""The small drawing: Kansas, a dot for each change, never large."""

from xml.etree import ElementTree as ET

import pytest
from shapely import box

from pipelines import thumbnail
from pipelines.diff import vector
from tests.pipelines import made


def drawn(before: str, after: str) -> bytes:
    diff = vector.compare(made.airports(before), made.airports(after), key="icao", title="name")
    return thumbnail.svg(vector.changes(diff))


def paths(svg: bytes) -> dict[str, str]:
    root = ET.fromstring(svg)  # noqa: S314  # our own drawing
    return {one.get("class", ""): one.get("d", "") for one in root.iter("{http://www.w3.org/2000/svg}path")}


def test_each_kind_of_change_has_its_own_dots() -> None:
    found = paths(drawn("2025-09", "2026-09"))
    assert list(found) == ["state", "dot precision", "dot changed", "dot removed", "dot added", "dot moved"]
    assert found["dot moved"].count("M") == 12


def test_the_title_counts_the_changes() -> None:
    assert b"<title>19 added, 13 removed, 12 moved, 299 changed</title>" in drawn("2025-09", "2026-09")


def test_nothing_changed_is_an_empty_state() -> None:
    svg = drawn("2024-10", "2025-09")
    assert list(paths(svg)) == ["state"]
    assert b"dasharray" not in svg


def test_nothing_compared_is_a_dashed_outline() -> None:
    assert b"stroke-dasharray" in thumbnail.svg(None)


@pytest.mark.parametrize("count", [1000, 50_000])
def test_it_stays_small_however_much_there_is(count: int) -> None:
    places = made.points(count).geometry
    svg = thumbnail.alone(zip(places.x, places.y, strict=True))
    assert len(svg) <= 8 * 1024
    assert paths(svg)["dot same"].count("M") <= thumbnail.DOTS_AT_MOST


def test_places_outside_kansas_are_left_out() -> None:
    assert list(paths(thumbnail.alone([(0.0, 0.0), (float("nan"), 38.0)]))) == ["state"]


def test_the_same_changes_give_the_same_bytes() -> None:
    assert drawn("2025-09", "2026-09") == drawn("2025-09", "2026-09")


def test_it_has_no_style_no_script_and_no_address() -> None:
    svg = drawn("2025-09", "2026-09").replace(b'xmlns="http://www.w3.org/2000/svg"', b"")
    assert not [
        forbidden for forbidden in (b"style", b"script", b"http", b"href", b" on") if forbidden in svg
    ]


def test_areas_that_changed_are_drawn_as_outlines() -> None:
    entry = {"kind": "removed", "key": "a", "decimals_only": False, "before": None, "after": None}
    counts = {"added": 0, "removed": 1, "moved": 0, "changed": 0}
    svg = thumbnail.svg({"changes": [entry], "counts": counts}, shapes={"a": box(-99, 38, -98, 39)})
    assert list(paths(svg)) == ["state", "shape removed"]
    assert paths(svg)["shape removed"].startswith("M")


def test_more_shapes_than_are_told_apart_become_dots() -> None:
    many = [box(-99 + n / 1000, 38, -98.9 + n / 1000, 38.1) for n in range(thumbnail.SHAPES_AT_MOST + 1)]
    assert list(paths(thumbnail.outlined(many))) == ["state", "dot same"]


def test_a_first_edition_of_areas_is_shaded_and_of_cells_tinted() -> None:
    shaded = paths(thumbnail.outlined([box(-99, 38, -98, 39), None], steps=[4, None]))
    assert list(shaded) == ["state", "shape step-4"]
    tinted = thumbnail.tinted([(-99.0, 38.0), (-98.0, 38.0), (0.0, 0.0)], ["#ffffff", "#000000", "#000000"])
    assert tinted.count(b'class="cell"') == 2
