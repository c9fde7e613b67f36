"""Tiles: every feature in them, labels inside, and equal bytes wherever they are cut."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pytest
from shapely import Polygon

from pipelines import digest
from pipelines.errors import ArchiveUnreadable, TilerFailed
from pipelines.formats import archive, pmtiles
from tests.pipelines import made

ROOT = Path(__file__).parents[3]
CUT = """
import sys
from pipelines import digest
from pipelines.formats import pmtiles
from tests.pipelines import made
frame = made.points(200).sample(frac=1, random_state=int(sys.argv[1]))
print(digest.of(pmtiles.write(frame, layer="airports", key="icao", labels=made.PUBLIC)))
"""


def write(frame: gpd.GeoDataFrame) -> bytes:
    return pmtiles.write(frame, layer="airports", key="icao", labels=made.PUBLIC)


@pytest.fixture(scope="module")
def cut() -> bytes:
    return write(made.points(1000))


def test_every_feature_is_in_some_tile_of_the_deepest_zoom(cut: bytes) -> None:
    shown = archive.read(cut).texts(layer="airports", name="icao")
    assert shown == set(made.points(1000)["icao"])


def test_numbers_are_read_back_as_they_were(cut: bytes) -> None:
    shown = archive.read(cut).texts(layer="airports", name="elevation")
    assert shown == {str(number) for number in made.points(1000)["elevation"]}


def test_the_archive_tells_labels_and_nothing_of_the_machine(cut: bytes) -> None:
    words = archive.read(cut).words
    assert words["kfm:labels"] == {"sensitivity": "public", "sovereignty": [], "rights": "MIT"}
    assert set(words) == {"name", "format", "type", "generator", "vector_layers", "kfm:labels"}
    assert b"/" not in json.dumps(words).encode()


def test_the_real_airports_are_all_there() -> None:
    frame = made.airports("2026-09")
    assert archive.read(write(frame)).texts(layer="airports", name="icao") == set(frame["icao"])


@pytest.mark.parametrize(
    "surroundings",
    [
        {"LC_ALL": "C", "TZ": "UTC", "PYTHONHASHSEED": "1"},
        {"LC_ALL": "C.UTF-8", "TZ": "Asia/Tokyo", "PYTHONHASHSEED": "2", "TIPPECANOE_MAX_THREADS": "1"},
    ],
)
def test_other_surroundings_give_the_same_bytes(surroundings: dict[str, str], tmp_path: Path) -> None:
    env = {**os.environ, **surroundings, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)}
    said = subprocess.run(
        [sys.executable, "-c", CUT, surroundings["PYTHONHASHSEED"]],
        env=env,
        cwd=tmp_path,
        capture_output=True,
        check=True,
    )
    assert said.stdout.decode().strip() == digest.of(write(made.points(200)))


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
    monkeypatch.setattr(pmtiles, "_MEMORY", Path("/nowhere"))
    assert write(made.points(200)) == expected


def test_tiles_can_be_cut_beside_other_work(cut: bytes) -> None:
    cutting = pmtiles.start(made.points(1000), layer="airports", key="icao", labels=made.PUBLIC)
    assert cutting.process.poll() is None
    assert cutting.result() == cut


def test_stopping_leaves_neither_process_nor_folder() -> None:
    cutting = pmtiles.start(made.points(1000), layer="airports", key="icao", labels=made.PUBLIC)
    cutting.stop()
    assert cutting.process.poll() is not None
    assert not Path(cutting.folder.name).exists()


def test_a_tiler_that_fails_says_its_last_words() -> None:
    frame = made.points(3)
    with pytest.raises(TilerFailed, match="Did not read any valid geometries"):
        write(frame[:0])


def test_small_polygons_do_not_vanish() -> None:
    ring = Polygon([(-98, 38), (-97.9999, 38), (-97.9999, 38.0001)])
    frame = gpd.GeoDataFrame({"icao": ["a"]}, geometry=[ring], crs=4326)
    assert archive.read(write(frame)).texts(layer="airports", name="icao") == {"a"}


@pytest.mark.parametrize("spoil", [lambda cut: cut[:0], lambda cut: cut[:200], lambda cut: b"x" + cut[1:]])
def test_what_is_no_archive_is_refused(spoil: Callable[[bytes], bytes], cut: bytes) -> None:
    with pytest.raises(ArchiveUnreadable):
        archive.read(spoil(cut))


def test_a_damaged_tile_is_refused(cut: bytes) -> None:
    damaged = cut[:-40] + b"\0" * 40
    with pytest.raises(ArchiveUnreadable):
        archive.read(damaged).texts(layer="airports", name="icao")
