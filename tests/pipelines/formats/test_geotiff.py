"""Reading GeoTIFF: what stands in it, and a fault for all that cannot be read."""

import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rasterio.io import MemoryFile

from pipelines.formats import geotiff
from pipelines.formats.grid import Lie
from tests.pipelines import rasters

ROOT = Path(__file__).parents[3]
SMALL = np.arange(12, dtype=np.int16).reshape(3, 4)


def rules(content: bytes) -> list[str]:
    return [fault.rule for fault in geotiff.read(content).faults]


def test_the_real_relief_is_read_as_another_reader_reads_it() -> None:
    grid = geotiff.read(rasters.REAL)
    with rasterio.open(rasters.SAMPLES / "1988.tif") as dataset:
        assert np.array_equal(grid.values, dataset.read(1))
        assert (grid.crs, grid.nodata, grid.bands) == ("EPSG:4326", dataset.nodata, 1)
        assert grid.lie is not None
        assert (grid.lie.west, grid.lie.north) == (dataset.transform.c, dataset.transform.f)
    assert (grid.shape, grid.count, grid.size, grid.faults) == ((61, 109), 6649, len(rasters.REAL), ())


def test_cells_without_a_value_are_known_by_number_by_mask_or_by_not_being_one() -> None:
    marked, broken = np.where(SMALL == 5, -1, SMALL), np.where(SMALL == 5, np.nan, SMALL)
    for content in (rasters.tiff(marked.astype(np.int16), nodata=-1), rasters.tiff(broken)):
        assert np.argwhere(~geotiff.read(content).there).tolist() == [[1, 1]]
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True), MemoryFile() as file:
        with file.open(
            driver="GTiff", dtype="int16", count=1, height=3, width=4, transform=rasters.PLACE
        ) as dataset:
            dataset.write(SMALL, 1)
            dataset.write_mask(SMALL != 5)
        assert np.argwhere(~geotiff.read(file.read()).there).tolist() == [[1, 1]]


def test_what_is_written_from_the_south_is_turned_over() -> None:
    upside = rasters.tiff(SMALL[::-1], transform=rasterio.Affine(0.25, 0, -100, 0, 0.25, 39.25))
    grid = geotiff.read(upside)
    assert np.array_equal(grid.values, SMALL)
    assert grid.lie == Lie(west=-100.0, north=40.0, across=0.25, down=0.25)


def test_a_system_that_is_not_quite_a_known_one_is_written_out() -> None:
    grid = geotiff.read(rasters.tiff(SMALL, crs="+proj=longlat +R=6371000 +no_defs"))
    assert grid.crs is not None
    assert not grid.crs.startswith("EPSG:")


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
@pytest.mark.parametrize(
    ("options", "rule"),
    [
        ({"transform": rasterio.Affine.identity()}, "place"),
        ({"transform": rasterio.Affine(0.2, 0.1, -100, 0.1, -0.2, 40)}, "turned"),
    ],
)
def test_a_place_that_is_not_told_or_turned_is_a_fault(options: dict[str, Any], rule: str) -> None:
    assert rules(rasters.tiff(SMALL, **options)) == [rule]


def test_numbers_that_are_not_the_values_are_faults() -> None:
    assert rules(rasters.tiff(SMALL.astype(np.complex64))) == ["numbers"]
    assert rules(rasters.tiff(SMALL, scale=0.1)) == ["scaled"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html><body>Not found</body></html>",
        b'<VRTDataset rasterXSize="1" rasterYSize="1"><SRS>/vsicurl/http://example.com/</SRS></VRTDataset>',
        b"/vsicurl/https://example.com/relief.tif",
        b"II*\0" + b"\xff" * 400,
        b"II*\0\x08\0\0\0\0\0",
        b"MM\0+" + b"\0" * 12,
        rasters.REAL[:8],
        rasters.REAL[:4000],
        rasters.REAL[:-1],
    ],
)
def test_what_is_no_whole_tiff_is_a_fault(content: bytes) -> None:
    grid = geotiff.read(content)
    assert [fault.rule for fault in grid.faults] == ["broken"]
    assert grid.values.size == 0


def test_no_cut_goes_unnoticed() -> None:
    assert all(geotiff.read(rasters.REAL[:end]).faults for end in range(0, len(rasters.REAL), 61))


@pytest.mark.parametrize(("side", "block"), [(40_000, 256), (64, 16_384)])
def test_few_bytes_that_ask_for_much_are_refused_before_anything_is_decoded(side: int, block: int) -> None:
    options: dict[str, Any] = {"width": side, "height": side, "blockxsize": block, "blockysize": block}
    options |= {"driver": "GTiff", "dtype": "int16", "count": 1, "tiled": True, "transform": rasters.PLACE}
    with MemoryFile() as file:
        with file.open(sparse_ok=True, compress="deflate", **options):
            pass
        content = file.read()
    assert len(content) < 500_000
    assert rules(content) == ["size"]


def test_directories_that_go_round_are_a_fault() -> None:
    content = bytearray(rasters.tiff(SMALL))
    at = struct.unpack_from("<I", content, 4)[0]
    entries = struct.unpack_from("<H", content, at)[0]
    struct.pack_into("<I", content, at + 2 + 12 * entries, at)
    assert rules(bytes(content)) == ["broken"]


def test_damaged_cells_are_a_fault_that_names_no_file() -> None:
    content = bytearray(rasters.REAL)
    middle = len(content) // 2
    content[middle : middle + 200] = b"\xaa" * 200
    (fault,) = geotiff.read(bytes(content)).faults
    assert fault.rule == "cells"
    assert "vsimem" not in fault.message
    assert geotiff.read(bytes(content)).faults == (fault,)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.tuples(st.integers(0, len(rasters.REAL) - 1), st.integers(0, 255)), min_size=1, max_size=8)
)
def test_no_damage_makes_the_reader_raise(damage: list[tuple[int, int]]) -> None:
    content = bytearray(rasters.REAL)
    for at, byte in damage:
        content[at] = byte
    grid = geotiff.read(bytes(content))
    assert grid.faults or grid.values.size


def test_the_library_says_nothing_on_its_own() -> None:
    told = (
        "import sys; from pipelines.formats import geotiff\n"
        "real = open(sys.argv[1], 'rb').read()\n"
        "damaged = real[:4000] + bytes(200) + real[4200:]\n"
        "print(len(geotiff.read(damaged).faults), geotiff.read(b'II*').faults[0].rule)"
    )
    said = subprocess.run(
        [sys.executable, "-c", told, rasters.SAMPLES / "1988.tif"],
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=True,
    )
    assert (said.stdout, said.stderr) == (b"1 broken\n", b"")
