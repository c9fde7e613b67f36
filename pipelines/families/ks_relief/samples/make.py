"""Cut Kansas from etopo5.cdf, and make the other editions of it by rule.

`python -m pipelines.families.ks_relief.samples.make path/to/etopo5.cdf`; without the path, the cut that
stands here is taken. The file is in Debian's package ferret-datasets: /usr/share/ferret-vis/data/etopo5.cdf.
"""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.io import MemoryFile
from rasterio.transform import Affine

FROM = "1988"
NOTHING = -32768
CELL = 1 / 12
TURN = 360 * 12
ROWS, COLUMNS = (588, 649), (3084, 3193)  # of the world: from 90 N southward, from Greenwich eastward
BLOCK, HOLE = (slice(20, 28), slice(50, 62)), (slice(40, 43), slice(70, 74))
FOOT = 0.3048
Heights = NDArray[np.int16]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Relief:
    """Heights, where their north-western corner is, and what the file says of its system."""

    heights: Heights
    west: float
    north: float
    crs: str | None = "EPSG:4326"


def cut(source: Path) -> Relief:
    """Return Kansas and half a degree around it, as the whole file has it."""
    with rasterio.open(source) as world:
        read = world.read(1, window=(ROWS, COLUMNS))
    heights: Heights = np.rint(read).astype(np.int16)
    west, north = (COLUMNS[0] - TURN - 0.5) * CELL, 90 - (ROWS[0] - 0.5) * CELL
    return Relief(heights=heights, west=west, north=north)


def _revised(made: Relief) -> Relief:
    heights = made.heights.copy()
    heights[BLOCK] += 15
    heights[HOLE] = NOTHING
    return replace(made, heights=heights)


def _feet(made: Relief) -> Relief:
    return replace(made, heights=np.rint(made.heights / FOOT).astype(np.int16))


def _swapped(made: Relief) -> Relief:
    """The rows become columns, the axes exchange their numbers."""
    rows = made.heights.shape[0]
    south = made.north - rows * CELL
    east = made.west + made.heights.shape[1] * CELL
    return replace(made, heights=made.heights.T[::-1, ::-1], west=south, north=east)


def _shifted(made: Relief) -> Relief:
    return replace(made, west=made.west + CELL)


def _slid(made: Relief) -> Relief:
    """Each value goes one column to the east, the last column comes first."""
    return replace(made, heights=np.roll(made.heights, 1, axis=1))


def _empty(made: Relief) -> Relief:
    return replace(made, heights=np.full_like(made.heights, NOTHING))


def _unnamed(made: Relief) -> Relief:
    return replace(made, crs=None)


def _albers(made: Relief) -> Relief:
    return replace(made, crs="EPSG:5070")


RULES: Mapping[str, Callable[[Relief], Relief]] = {
    "revised": _revised,
    "feet": _feet,
    "swapped": _swapped,
    "shifted": _shifted,
    "slid": _slid,
    "empty": _empty,
    "unnamed": _unnamed,
    "albers": _albers,
}


def read(file: Path) -> Relief:
    """Return an edition as it stands here."""
    with rasterio.open(file) as dataset:
        place, crs = dataset.transform, dataset.crs
        return Relief(
            heights=dataset.read(1), west=place.c, north=place.f, crs=crs.to_string() if crs else None
        )


def written(made: Relief) -> bytes:
    """Return an edition as a plain GeoTIFF."""
    rows, columns = made.heights.shape
    with MemoryFile() as file:
        with file.open(
            driver="GTiff",
            dtype="int16",
            count=1,
            height=rows,
            width=columns,
            nodata=NOTHING,
            crs=made.crs,
            transform=Affine(CELL, 0, made.west, 0, -CELL, made.north),
            compress="deflate",
            predictor=2,
            zlevel=9,
        ) as dataset:
            dataset.write(made.heights, 1)
            dataset.set_band_description(1, "elevation")
        content: bytes = file.read()
    return content


def main() -> None:
    """Write the cut, if the whole file is named, and every edition that is made of it."""
    here = Path(__file__).parent
    if len(sys.argv) > 1:
        (here / f"{FROM}.tif").write_bytes(written(cut(Path(sys.argv[1]))))
    original = read(here / f"{FROM}.tif")
    for name, rule in RULES.items():
        (here / f"{FROM}-{name}.tif").write_bytes(written(rule(original)))


if __name__ == "__main__":
    main()
