"""Tiles: every feature in them, labels inside, and equal bytes wherever they are cut."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pytest

from pipelines import digest
from pipelines.errors import ArchiveUnreadable
from pipelines.formats import archive, pmtiles
from tests.pipelines import made

ROOT = Path(__file__).parents[3]
CUT = """
import sys
from pipelines import digest
from pipelines.formats import pmtiles
from tests.pipelines import made
pmtiles.POINTS_CUT_HERE = int(sys.argv[2])
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
    assert words["kfm:labels"] == {
        "sensitivity": "public",
        "sensitivity_reason": [],
        "sovereignty": [],
        "rights": "MIT",
        "generalization": None,
        "embargo_until": None,
    }
    assert set(words) == {"name", "format", "type", "generator", "vector_layers", "kfm:labels"}
    assert b"/" not in json.dumps(words).encode()


def test_the_real_airports_are_all_there() -> None:
    frame = made.airports("2026-09")
    assert archive.read(write(frame)).texts(layer="airports", name="icao") == set(frame["icao"])


@pytest.mark.slow
@pytest.mark.parametrize("here", [0, 20_000])
@pytest.mark.parametrize(
    "surroundings",
    [
        {"LC_ALL": "C", "TZ": "UTC", "PYTHONHASHSEED": "1"},
        {"LC_ALL": "C.UTF-8", "TZ": "Asia/Tokyo", "PYTHONHASHSEED": "2", "TIPPECANOE_MAX_THREADS": "1"},
    ],
)
def test_other_surroundings_give_the_same_bytes(
    surroundings: dict[str, str], here: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pmtiles, "POINTS_CUT_HERE", here)
    env = {**os.environ, **surroundings, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)}
    said = subprocess.run(
        [sys.executable, "-c", CUT, surroundings["PYTHONHASHSEED"], str(here)],
        env=env,
        cwd=tmp_path,
        capture_output=True,
        check=True,
    )
    assert said.stdout.decode().strip() == digest.of(write(made.points(200)))


def test_points_cut_here_and_by_the_tiler_are_the_same_points(
    cut: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pmtiles, "POINTS_CUT_HERE", 0)
    here, there = archive.read(cut), archive.read(write(made.points(1000)))
    assert (here.shallowest, here.deepest) == (there.shallowest, there.deepest)
    assert {place for place, _ in here.tiles} <= {place for place, _ in there.tiles}
    for name in ("icao", "name", "elevation"):
        assert here.texts(layer="airports", name=name) == there.texts(layer="airports", name=name)


@pytest.mark.parametrize("spoil", [lambda cut: cut[:0], lambda cut: cut[:200], lambda cut: b"x" + cut[1:]])
def test_what_is_no_archive_is_refused(spoil: Callable[[bytes], bytes], cut: bytes) -> None:
    with pytest.raises(ArchiveUnreadable):
        archive.read(spoil(cut))


def test_a_damaged_tile_is_refused(cut: bytes) -> None:
    damaged = cut[:-40] + b"\0" * 40
    with pytest.raises(ArchiveUnreadable):
        archive.read(damaged).texts(layer="airports", name="icao")
