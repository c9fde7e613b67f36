"""The base map shows Kansas, its counties and its towns, and what surrounds them."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from kfm_review.local import basemap

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, Any]]]:
    folder = tmp_path_factory.mktemp("basemap")
    basemap.draw(into=folder)
    names = ("states", "counties", "places", "land")
    return {name: json.loads((folder / f"{name}.json").read_text())["features"] for name in names}


def test_kansas_has_its_105_counties(drawn: dict[str, list[dict[str, Any]]]) -> None:
    ours = [county["properties"] for county in drawn["counties"] if county["properties"]["kansas"]]
    assert len(ours) == 105
    assert {county["state"] for county in ours} == {"Kansas"}


def test_the_neighbours_are_there_and_nobody_far_away(drawn: dict[str, list[dict[str, Any]]]) -> None:
    names = {state["properties"]["name"] for state in drawn["states"]}
    assert {"Kansas", "Nebraska", "Missouri", "Oklahoma", "Colorado"} <= names
    assert not {"Ohio", "California", "Minnesota"} & names


def test_every_ring_is_closed(drawn: dict[str, list[dict[str, Any]]]) -> None:
    for feature in (*drawn["states"], *drawn["counties"], *drawn["land"]):
        for polygon in feature["geometry"]["coordinates"]:
            for ring in polygon:
                assert ring[0] == ring[-1]
                assert len(ring) >= 4


def test_kansas_lies_where_it_lies(drawn: dict[str, list[dict[str, Any]]]) -> None:
    [kansas] = [state for state in drawn["states"] if state["properties"]["kansas"]]
    xs, ys = zip(*(point for ring in kansas["geometry"]["coordinates"][0] for point in ring), strict=True)
    assert (min(xs), max(xs)) == pytest.approx((-102.05, -94.59), abs=0.02)
    assert (min(ys), max(ys)) == pytest.approx((36.99, 40.0), abs=0.02)


def test_the_land_reaches_to_the_south_pole(drawn: dict[str, list[dict[str, Any]]]) -> None:
    [land] = drawn["land"]
    assert min(y for polygon in land["geometry"]["coordinates"] for _, y in polygon[0]) <= -85


def test_no_land_jumps_across_the_map(drawn: dict[str, list[dict[str, Any]]]) -> None:
    [land] = drawn["land"]
    for [ring, *_] in land["geometry"]["coordinates"]:
        jumps = [abs(there[0] - here[0]) for here, there in pairwise(ring)]
        assert max(jumps) < 180 or max(y for _, y in ring) < -60  # Antarctica


def test_the_largest_towns_come_first(drawn: dict[str, list[dict[str, Any]]]) -> None:
    towns = [town["properties"] for town in drawn["places"]]
    assert towns[0]["name"] == "Wichita"
    assert [town["population"] for town in towns] == sorted((t["population"] for t in towns), reverse=True)


def test_drawing_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        basemap.draw(into=tmp_path / name)
    assert (tmp_path / "a/counties.json").read_bytes() == (tmp_path / "b/counties.json").read_bytes()
