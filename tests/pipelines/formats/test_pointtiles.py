"""Points cut here: another reader finds each of them, with its values, within a few metres of its place."""

import datetime as dt
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point

from pipelines.formats import archive, pmtiles
from tests.pipelines import made

VALUES = {
    "text": "Öß 机场 'quoted'",
    "empty": "",
    "whole": 2**40,
    "below": -5,
    "part": 0.1,
    "large": 1e300,
    "yes": True,
    "nothing": None,
    "day": dt.date(2026, 9, 5),
}


def read(frame: gpd.GeoDataFrame, folder: Path) -> gpd.GeoDataFrame:
    """Return what GDAL finds at the deepest zoom."""
    file = folder / "x.pmtiles"
    file.write_bytes(pmtiles.write(frame, layer="airports", key="icao", labels=made.PUBLIC))
    found: gpd.GeoDataFrame = pyogrio.read_dataframe(file).to_crs(4326)
    return found.sort_values("icao", ignore_index=True)


def test_another_reader_finds_every_airport_within_a_few_metres(tmp_path: Path) -> None:
    frame = made.airports("2026-09").sort_values("icao", ignore_index=True)
    found = read(frame, tmp_path)
    assert list(found["icao"]) == list(frame["icao"])
    assert list(found["name"]) == list(frame["name"])
    across = (found.geometry.x - frame.geometry.x) * 111_320 * np.cos(np.radians(38.5))
    up = (found.geometry.y - frame.geometry.y) * 111_320
    assert np.hypot(across, up).max() < 6


def test_every_kind_of_value_arrives(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame(
        {"icao": ["a"]} | {name: [one] for name, one in VALUES.items()}, crs=4326, geometry=[Point(-98, 38)]
    )
    (row,) = read(frame, tmp_path).to_dict("records")
    assert {name: row[name] for name in ("text", "whole", "below", "part", "large", "yes", "day")} == {
        **{name: VALUES[name] for name in ("text", "whole", "below", "part", "large", "yes")},
        "day": "2026-09-05",
    }
    assert row["nothing"] is None or pd.isna(row["nothing"])


@pytest.mark.parametrize(
    "place", [(179.9999, 0), (-180, 0), (0, 85), (0, -85), (-98.4375, 38.82259097617712)]
)
def test_the_edges_of_the_world_and_of_tiles_are_in_some_tile(
    place: tuple[float, float], tmp_path: Path
) -> None:
    frame = gpd.GeoDataFrame({"icao": ["a"]}, geometry=[Point(place)], crs=4326)
    assert list(read(frame, tmp_path)["icao"]) == ["a"]


def test_points_without_a_place_are_left_to_the_gates() -> None:
    frame = gpd.GeoDataFrame({"icao": ["a", "b", "c"]}, geometry=[Point(-98, 38), None, Point()], crs=4326)
    content = pmtiles.write(frame, layer="airports", key="icao", labels=made.PUBLIC)
    assert archive.read(content).texts(layer="airports", name="icao") == {"a"}


@pytest.mark.slow
def test_shallow_zooms_show_fewer_and_all_from_six_on() -> None:
    cut = archive.read(pmtiles.write(made.points(500), layer="airports", key="icao", labels=made.PUBLIC))
    shown = dict.fromkeys(range(3, 9), 0)
    for (zoom, _, _), tile in cut.tiles:
        one = archive.Archive(
            shallowest=zoom, deepest=zoom, extent=cut.extent, words={}, tiles=(((zoom, 0, 0), tile),)
        )
        shown[zoom] += len(one.texts(layer="airports", name="icao"))
    assert list(shown.values()) == [32, 84, 250, 500, 500, 500]


def test_a_directory_that_is_too_large_for_one_has_leaves(tmp_path: Path) -> None:
    chance = np.random.default_rng(5)
    places = gpd.points_from_xy(chance.uniform(-180, 180, 4000), chance.uniform(-80, 80, 4000))
    frame = gpd.GeoDataFrame({"icao": [f"K{n:05d}" for n in range(4000)]}, geometry=places, crs=4326)
    content = pmtiles.write(frame, layer="airports", key="icao", labels=made.PUBLIC)
    assert len(archive.read(content).tiles) > 8192
    assert list(read(frame, tmp_path)["icao"]) == list(frame["icao"])


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.floats(-180, 180), st.floats(-90, 90)), min_size=1, max_size=30))
def test_whatever_the_places_every_point_is_in_some_tile(places: list[tuple[float, float]]) -> None:
    keys = [f"K{n}" for n in range(len(places))]
    frame = gpd.GeoDataFrame({"icao": keys}, geometry=[Point(place) for place in places], crs=4326)
    content = pmtiles.write(frame, layer="airports", key="icao", labels=made.PUBLIC)
    assert archive.read(content).texts(layer="airports", name="icao") == set(keys)
