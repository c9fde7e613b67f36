"""Map tiles of a raster as pictures: each cell drawn as it is, what has no value left open."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import ceil, log2, pi

import numpy as np
from numpy.typing import NDArray
from pmtiles.tile import zxy_to_tileid

from pipelines.formats import grid as grids
from pipelines.formats import packing, png
from pipelines.formats.archive import PICTURES
from pipelines.formats.grid import Grid
from pipelines.model import Extent, Labels

SIDE = 512  # what MapLibre takes a tile to be, unless it is told otherwise
SHALLOWEST, DEEPEST_AT_MOST = 3, 18
# So wide is a cell at the deepest zoom, deeper ones would show nothing more; in a large raster, down to one.
_CELL_PIXELS = 6
_PIXELS_AT_MOST = 30_000_000
_STRIPE = 6
_POLE = 85.0511287798066  # where the Mercator square ends
NOTHING = 0  # the number of the colour that is none
Floats = NDArray[np.float64]
Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Painted:
    """The number of a colour for each cell; `stripes` are the colours that alternate with some of them."""

    cells: NDArray[np.uint8]
    colours: NDArray[np.uint8]
    stripes: Mapping[int, int] = field(default_factory=dict)


def cut(grid: Grid, painted: Painted, *, layer: str, labels: Labels) -> bytes:
    """Return an archive of the tiles in which anything is painted."""
    extent, tiles = grids.extent(grid), []
    for zoom in range(SHALLOWEST, deepest(grid) + 1):
        left, top = (int(edge) for edge in _tile(extent.west, extent.north, zoom))
        right, bottom = (int(edge) for edge in _tile(extent.east, extent.south, zoom))
        for column in range(left, right + 1):
            for row in range(top, bottom + 1):
                pixels = _pixels(grid, painted, zoom, column, row)
                if pixels.any():
                    content = png.write(pixels, painted.colours)
                    tiles.append((zxy_to_tileid(zoom, column, row), content))
    about = packing.picture_words(layer=layer, labels=labels, generator="kfm-pipelines")
    return packing.pack(sorted(tiles), extent=_mercator(extent), about=about, form=PICTURES)


def deepest(grid: Grid) -> int:
    """Return the zoom at which every cell is some pixels wide, or one if there would be too many of them."""
    extent, (rows, columns) = grids.extent(grid), grid.shape
    cell = (extent.east - extent.west) / max(columns, 1)
    if cell <= 0:
        return SHALLOWEST
    fine, coarse = (ceil(log2(pixels * 360 / (SIDE * cell))) for pixels in (_CELL_PIXELS, 1))
    while fine > coarse and rows * columns * (SIDE * 2**fine * cell / 360) ** 2 > _PIXELS_AT_MOST:
        fine -= 1
    return max(SHALLOWEST, min(DEEPEST_AT_MOST, fine))


def pixels(lon: Floats, lat: Floats, *, zoom: int) -> tuple[Places, Places]:
    """Return in which pixel of the whole world places are, counted from the north-west."""
    side = SIDE << zoom
    x, y = _square(lon, lat)
    found = (np.clip(np.floor(part * side), 0, side - 1).astype(np.int64) for part in (x, y))
    return next(found), next(found)


def _square(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Return places in the Mercator square, whose sides are 1 long."""
    north = np.arcsinh(np.tan(np.radians(np.clip(lat, -_POLE, _POLE))))
    return lon / 360 + 0.5, 0.5 - north / (2 * pi)


def _tile(lon: float, lat: float, zoom: int) -> tuple[int, int]:
    x, y = pixels(np.array([lon]), np.array([lat]), zoom=zoom)
    return int(x[0]) // SIDE, int(y[0]) // SIDE


def _pixels(grid: Grid, painted: Painted, zoom: int, column: int, row: int) -> png.Pixels:
    """Return one tile: each pixel has the colour of the cell in which its middle lies."""
    across, down = (np.arange(SIDE) + place * SIDE for place in (column, row))
    side = SIDE << zoom
    lon = (across + 0.5) / side * 360 - 180
    lat = np.degrees(np.arctan(np.sinh(pi * (1 - 2 * (down + 0.5) / side))))
    rows, columns, inside = grids.cells(grid, lon[np.newaxis, :], lat[:, np.newaxis])
    numbers = np.where(inside, painted.cells[rows, columns], np.uint8(NOTHING))
    if painted.stripes:
        striped = (across[np.newaxis, :] + down[:, np.newaxis]) // _STRIPE % 2 == 1
        for number, other in painted.stripes.items():
            numbers[striped & (numbers == number)] = other
    return numbers


def _mercator(extent: Extent) -> Extent:
    return Extent(
        west=extent.west,
        south=max(-_POLE, extent.south),
        east=extent.east,
        north=min(_POLE, extent.north),
    )
