"""Tippecanoe: it drops nothing small, is bounded, says its last words, and leaves nothing behind."""

import os
from pathlib import Path

import geopandas as gpd
import pytest
from shapely import Polygon

from pipelines.errors import TilerFailed
from pipelines.formats import archive, pmtiles, tippecanoe
from tests.pipelines import made


@pytest.fixture(autouse=True)
def _nothing_is_cut_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pmtiles, "POINTS_CUT_HERE", 0)


def write(frame: gpd.GeoDataFrame) -> bytes:
    return pmtiles.write(frame, layer="airports", key="icao", labels=made.PUBLIC)


def start(frame: gpd.GeoDataFrame) -> tippecanoe.Tiler:
    return tippecanoe.start(
        frame, layer="x", plan=tippecanoe.Plan(shallowest=3, all_from=6, deepest=8, detail=14)
    )


def test_many_points_are_all_there() -> None:
    shown = archive.read(write(made.points(1000))).texts(layer="airports", name="icao")
    assert shown == set(made.points(1000)["icao"])


def test_the_archive_tells_labels_and_nothing_of_the_machine() -> None:
    words = archive.read(write(made.points(20))).words
    assert words["kfm:labels"] == {
        "sensitivity": "public",
        "sensitivity_reason": [],
        "sovereignty": [],
        "rights": "MIT",
        "generalization": None,
        "embargo_until": None,
    }
    assert "/" not in str(words)


def test_the_number_of_processors_does_not_matter() -> None:
    whole = os.sched_getaffinity(0)
    expected = write(made.points(200))
    os.sched_setaffinity(0, {min(whole)})
    try:
        assert write(made.points(200)) == expected
    finally:
        os.sched_setaffinity(0, whole)


def test_the_usual_folder_gives_the_same_bytes_as_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = write(made.points(200))
    monkeypatch.setattr(tippecanoe, "_MEMORY", Path("/nowhere"))
    assert write(made.points(200)) == expected


def test_tiles_are_cut_beside_other_work() -> None:
    tiler = start(made.points(1000))
    assert tiler.process.poll() is None
    assert archive.read(tiler.archive()).deepest == 8


def test_stopping_leaves_neither_process_nor_folder() -> None:
    tiler = start(made.points(1000))
    tiler.stop()
    assert tiler.process.poll() is not None
    assert not Path(tiler.folder.name).exists()


def test_a_tiler_that_fails_says_its_last_words() -> None:
    plan = tippecanoe.Plan(shallowest=3, all_from=6, deepest=8, detail=12)
    with pytest.raises(TilerFailed, match="Did not read any valid geometries"):
        tippecanoe.start(made.points(3)[:0], layer="airports", plan=plan).archive()


def test_nothing_at_all_is_an_archive_without_a_tile() -> None:
    assert archive.read(write(made.points(3)[:0])).tiles == ()


def test_small_polygons_do_not_vanish() -> None:
    ring = Polygon([(-98, 38), (-97.9999, 38), (-97.9999, 38.0001)])
    frame = gpd.GeoDataFrame({"icao": ["a"]}, geometry=[ring], crs=4326)
    assert archive.read(write(frame)).texts(layer="airports", name="icao") == {"a"}


def test_features_without_a_place_are_left_to_the_gates() -> None:
    ring = Polygon([(-98, 38), (-97, 38), (-97, 39)])
    frame = gpd.GeoDataFrame({"icao": ["a", "b", "c"]}, geometry=[ring, None, Polygon()], crs=4326)
    assert archive.read(write(frame)).texts(layer="airports", name="icao") == {"a"}
