"""COG: the same cells come back, readers find their way, and equal cells give equal bytes anywhere."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rasterio.io import MemoryFile

from pipelines import digest
from pipelines.errors import NotMade
from pipelines.formats import cog, paint, rastertiles
from pipelines.formats.grid import Grid
from tests.pipelines import rasters

ROOT = Path(__file__).parents[3]
WRITE = """
from pipelines import digest
from pipelines.formats import cog, paint, rastertiles
from tests.pipelines import rasters
grid = rasters.relief()
print(digest.of(cog.write(grid, name="elevation", labels=rasters.PUBLIC)))
print(digest.of(rastertiles.cut(grid, paint.heights(grid), layer="relief", labels=rasters.PUBLIC)))
"""
LARGE = rasters.grid(np.add.outer(np.arange(700), np.arange(600)).astype(np.int16))


def write(grid: Grid) -> bytes:
    return cog.write(grid, name="elevation", labels=rasters.PUBLIC)


@pytest.mark.parametrize("kind", ["int16", "uint8", "int32", "float32", "float64"])
def test_cells_come_back_as_they_were(kind: str) -> None:
    values = np.array([[1, 2, 3], [4, 250, 6]]).astype(kind)
    grid = rasters.grid(values, there=values != 250, nodata=255.0)
    back = cog.read(write(grid))
    assert np.array_equal(back.values[back.there], values[values != 250])
    assert np.array_equal(back.there, grid.there)
    assert (back.kind, back.crs, back.lie, back.unit) == (kind, grid.crs, grid.lie, "m")


def test_a_large_one_has_overviews_that_halve_and_stand_before_what_they_show() -> None:
    built = cog.layout(write(LARGE))
    assert built.sizes == ((700, 600), (350, 300), (175, 150))
    assert (built.blocks, built.first) == ((256, 256), True)


def test_statistics_and_labels_stand_inside() -> None:
    content = write(rasters.relief())
    assert cog.labels(content) == {
        "sensitivity": "public",
        "sensitivity_reason": [],
        "sovereignty": [],
        "rights": "CC-PDM-1.0",
        "generalization": None,
        "embargo_until": None,
    }
    said = cog.layout(content).statistics
    assert (said["minimum"], said["maximum"], said["mean"]) == (160, 1480, 612.076703)
    with MemoryFile(content) as file, file.open() as dataset:
        assert dataset.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert (dataset.descriptions, dataset.units) == (("elevation",), ("m",))


def test_nothing_of_the_machine_is_in_it() -> None:
    content = write(rasters.relief())
    assert not any(word in content for word in (b"vsimem", str(ROOT).encode(), b"DateTime", b"2026"))


def test_what_cannot_be_written_whole_is_refused() -> None:
    grid = rasters.grid(np.array([[1, rasters.NOTHING]], np.int16))
    for lacking in (
        replace(grid, crs=None),
        replace(grid, lie=None),
        replace(grid, nodata=None),
        replace(grid, nodata=1.0),
    ):
        with pytest.raises(NotMade):
            write(lacking)
    with pytest.raises(NotMade):
        cog.read(write(grid)[:-9])


@pytest.mark.slow
@pytest.mark.parametrize(
    "surroundings",
    [
        {"LC_ALL": "C", "TZ": "UTC", "GDAL_NUM_THREADS": "1"},
        {"LC_ALL": "C.UTF-8", "TZ": "Asia/Tokyo", "GDAL_NUM_THREADS": "ALL_CPUS", "GDAL_CACHEMAX": "16"},
    ],
)
def test_other_surroundings_give_the_same_bytes(surroundings: dict[str, str], tmp_path: Path) -> None:
    said = subprocess.run(
        [sys.executable, "-c", WRITE],
        env={**os.environ, **surroundings, "PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
        capture_output=True,
        check=True,
    )
    grid = rasters.relief()
    tiles = rastertiles.cut(grid, paint.heights(grid), layer="relief", labels=rasters.PUBLIC)
    assert said.stdout.decode().split() == [digest.of(write(grid)), digest.of(tiles)]
