"""Picture tiles: every cell where it belongs in its own colour, nothing where there is no value."""

from dataclasses import replace

import numpy as np
import pytest
from rasterio.io import MemoryFile
from rasterio.transform import Affine
from rasterio.warp import Resampling, reproject, transform_bounds

from pipelines.errors import ArchiveUnreadable
from pipelines.formats import archive, paint, png, rastertiles
from pipelines.formats import grid as grids
from pipelines.formats.grid import Grid, Lie
from pipelines.formats.packing import LABELS
from tests.pipelines import rasters

STEPS = (1, 2, 5, 10, 20)


def cut(grid: Grid, painted: rastertiles.Painted | None = None) -> archive.Archive:
    made = rastertiles.cut(grid, painted or paint.heights(grid), layer="relief", labels=rasters.PUBLIC)
    return archive.read(made)


def holed() -> Grid:
    grid = rasters.relief()
    there = grid.there.copy()
    there[40:43, 70:74] = False
    return replace(grid, there=there)


def middles(grid: Grid, cells: archive.Archive, zoom: int) -> np.ndarray:
    """Return the colour that each cell has at its middle."""
    rows, columns = np.indices(grid.shape).reshape(2, -1).astype(float)
    x, y = rastertiles.pixels(*grids.middles(grid, rows, columns), zoom=zoom)
    tiles = {place: png.read(tile) for place, tile in cells.tiles}
    shown = []
    for right, down in zip(x.tolist(), y.tolist(), strict=True):
        picture = tiles.get((zoom, right // 512, down // 512))
        pixel = (0, 0, 0, 0) if picture is None else picture.colours[picture.pixels[down % 512, right % 512]]
        shown.append(tuple(pixel))
    return np.array(shown).reshape(*grid.shape, 4)


def test_every_cell_shows_its_colour_and_none_where_it_has_no_value() -> None:
    grid = holed()
    painted, cells = paint.heights(grid), cut(grid)
    shown = middles(grid, cells, cells.deepest)
    assert np.array_equal(shown, painted.colours[painted.cells])
    assert np.array_equal(shown[..., 3] > 0, grid.there)
    assert (cells.shallowest, cells.deepest, cells.pictures) == (3, 6, True)
    assert cells.words[LABELS]["rights"] == "CC-PDM-1.0"


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
def test_pictures_are_what_another_library_reads_and_warps() -> None:
    grid, cells = holed(), cut(holed())
    numbers = paint.heights(grid).cells
    (tile,) = (tile for place, tile in cells.tiles if place == (6, 14, 24))
    with MemoryFile(tile) as file, file.open() as dataset:
        read = dataset.read(1)
    there = np.zeros((512, 512), np.uint8)
    width = 2 * 20037508.342789244 / 64
    west, north = -20037508.342789244 + 14 * width, 20037508.342789244 - 24 * width
    reproject(
        numbers,
        there,
        src_transform=Affine(1 / 12, 0, grids.box(grid).west, 0, -1 / 12, grids.box(grid).north),
        src_crs="EPSG:4326",
        dst_transform=Affine(width / 512, 0, west, 0, -width / 512, north),
        dst_crs="EPSG:3857",
        resampling=Resampling.nearest,
        tolerance=0,
    )
    assert np.array_equal(read, there)


def test_a_raster_in_metres_lies_where_its_system_says() -> None:
    lie = Lie(west=500_000.0, north=4_300_000.0, across=10_000.0, down=10_000.0)
    grid = rasters.grid(np.full((4, 5), 300, np.int16), crs="EPSG:26914", lie=lie)
    west, south, east, north = transform_bounds(
        "EPSG:26914", "EPSG:4326", 500_000, 4_260_000, 550_000, 4_300_000
    )
    cells = cut(grid)
    assert (cells.extent.west, cells.extent.north) == pytest.approx((west, north), abs=1e-4)
    assert (cells.extent.east, cells.extent.south) == pytest.approx((east, south), abs=1e-4)
    assert (middles(grid, cells, cells.deepest)[..., 3] > 0).all()


def test_differences_are_darker_the_further_and_holes_are_striped() -> None:
    difference = np.array([[0, 1, 30, -1, -30]], float)
    nothing = np.zeros((1, 5), bool)
    lost = np.array([[True, False, False, False, False]])
    painted = paint.differences(difference, removed=lost, added=nothing, steps=STEPS)
    light = painted.colours[painted.cells][0, :, :3].astype(int).sum(axis=1)
    assert light[1] > light[2]
    assert light[3] > light[4]
    grid = rasters.grid(np.zeros((1, 5), np.int16))
    cells = cut(grid, painted)
    deep = [png.read(tile) for (zoom, _, _), tile in cells.tiles if zoom == cells.deepest]
    assert {paint.EMPTIED, paint.EMPTIED + 1} <= set(np.unique(np.stack([one.pixels for one in deep])))


def test_where_nothing_changed_there_is_no_tile() -> None:
    nothing = np.zeros((2, 2), bool)
    painted = paint.differences(np.zeros((2, 2)), removed=nothing, added=nothing, steps=STEPS)
    assert cut(rasters.grid(np.zeros((2, 2), np.int16)), painted).tiles == ()


def test_beside_a_hole_the_ground_is_not_a_cliff() -> None:
    whole, hole = paint.heights(rasters.relief()), paint.heights(holed())
    assert (whole.cells != hole.cells).sum() <= 12 + 2 * (3 + 4)


def test_a_damaged_picture_is_refused() -> None:
    tile = png.write(np.zeros((4, 4), np.uint8), np.zeros((1, 4), np.uint8))
    assert png.read(tile).pixels.shape == (4, 4)
    for damaged in (tile[:-30], b"x" + tile[1:], tile.replace(b"\x00\x00\x00\x04", b"\x00\x00\x00\x05")):
        with pytest.raises(png.NotAPicture):
            png.read(damaged)
    with pytest.raises(ArchiveUnreadable):
        archive.read(b"PMTiles")


def test_the_scale_names_the_differences_that_occur_from_lowered_to_raised() -> None:
    difference = np.array([[-30, -1, 0, 1.5, 12, 0]], float)
    lost = np.array([[False] * 5 + [True]])
    painted = paint.differences(difference, removed=lost, added=~lost & False, steps=STEPS)
    told = paint.scale(painted, STEPS)
    assert [words for _, words in told] == [
        "below −20",
        "−2 to −1",
        "+1 to +2",
        "+10 to +20",
        "lost its value",
    ]
    colours = painted.colours[painted.cells[0, [0, 1, 3, 4]], :3].tolist()
    assert [colour for colour, _ in told[:4]] == ["#" + bytes(one).hex() for one in colours]
