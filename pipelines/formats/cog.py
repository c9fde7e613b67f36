"""Cloud Optimized GeoTIFF with fixed options: labels inside, equal cells give equal bytes."""

import json
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import rasterio
from rasterio import shutil
from rasterio.io import MemoryFile
from rasterio.transform import Affine

from pipelines import digest
from pipelines.errors import NotMade
from pipelines.formats import geotiff, tiff
from pipelines.formats.grid import Cells, Grid, Lie
from pipelines.model import Json, Labels

MEDIA_TYPE = "image/tiff; application=geotiff; profile=cloud-optimized"
LABELS = "kfm_labels"  # in full kfm:labels, but for GDAL a name ends at its first colon
BLOCK = 256
_OPTIONS = {
    "COMPRESS": "DEFLATE",
    "LEVEL": "9",
    "PREDICTOR": "YES",
    "BLOCKSIZE": str(BLOCK),
    "OVERVIEWS": "IGNORE_EXISTING",
    "RESAMPLING": "AVERAGE",
    "BIGTIFF": "IF_SAFER",
    "NUM_THREADS": "1",
    "STATISTICS": "AUTO",  # those of the source, which are ours
}
_DIGITS = 6  # of a mean: the last digits of a sum hang on the order in which a processor adds


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What a reader of a part of the file relies on."""

    blocks: tuple[int, int]
    sizes: tuple[tuple[int, int], ...]  # rows and columns: the whole first, then its overviews
    first: bool  # every directory stands before every cell, and what is coarse before what is fine
    statistics: Json


def write(grid: Grid, *, name: str, labels: Labels) -> bytes:
    """Return a raster as COG; its statistics and its labels are in the file itself.

    Args:
        grid: the cells, with a system, a place, and a nodata value if any cell has none.
        name: what the band is called.
        labels: who may see it.
    """
    lie = _check(grid)
    values = grid.values if grid.nodata is None else filled(grid)
    rows, columns = grid.shape
    with geotiff.silent(), rasterio.Env(**geotiff.SETTINGS), MemoryFile() as plain, MemoryFile() as made:
        with plain.open(
            driver="GTiff",
            dtype=values.dtype,
            count=1,
            height=rows,
            width=columns,
            crs=grid.crs,
            transform=Affine(lie.across, 0.0, lie.west, 0.0, -lie.down, lie.north),
            nodata=grid.nodata,
        ) as dataset:
            dataset.write(values, 1)
            dataset.set_band_description(1, name)
            dataset.set_band_unit(1, grid.unit)
            dataset.update_tags(**{LABELS: digest.canonical(asdict(labels)).decode()})
            dataset.update_tags(1, **_tags(grid))
        shutil.copy(plain.name, made.name, driver="COG", **_OPTIONS)
        content: bytes = made.read()
    return content


def read(content: bytes) -> Grid:
    """Return a raster that `write` wrote.

    Raises:
        NotMade: it cannot be read whole.
    """
    grid = geotiff.read(content)
    if grid.faults:
        raise NotMade(f"The raster cannot be read back: {grid.faults[0].message}")
    return grid


def labels(content: bytes) -> Json | None:
    """Return the labels that stand in the file."""
    with geotiff.opened(content) as dataset:
        told = dataset.tags().get(LABELS)
    found: Json | None = None if told is None else json.loads(told)
    return found


def layout(content: bytes) -> Layout:
    """Return how the file is built, from its own directories.

    Raises:
        NotWhole: it is no TIFF, or leads beyond its own end.
    """
    images = [image for image in tiff.directories(content) if not image.mask]
    with geotiff.opened(content) as dataset:
        said = dataset.tags(1)
    prefix = "STATISTICS_"
    return Layout(
        blocks=images[0].block if images[0].tiled else (0, 0),
        sizes=tuple((image.height, image.width) for image in images),
        first=_in_order(images),
        statistics={
            name.removeprefix(prefix).lower(): float(number)
            for name, number in said.items()
            if name.startswith(prefix)
        },
    )


def statistics(grid: Grid) -> Json:
    """Return smallest, largest, mean and spread of the values, and the share of cells that have one."""
    rows, columns = grid.shape
    share = round(100 * grid.count / max(rows * columns, 1), _DIGITS)
    if not grid.count:
        return {"valid_percent": share}
    values = grid.values[grid.there].astype(np.float64)
    return {
        "minimum": float(values.min()),
        "maximum": float(values.max()),
        "mean": round(float(values.mean()), _DIGITS),
        "stddev": round(float(values.std()), _DIGITS),
        "valid_percent": share,
    }


def filled(grid: Grid) -> Cells:
    """Return the values, with the one that means *nothing* wherever there is none."""
    return np.where(grid.there, grid.values, np.array(grid.nodata).astype(grid.values.dtype))


def _tags(grid: Grid) -> dict[str, str]:
    return {f"STATISTICS_{name.upper()}": repr(number) for name, number in statistics(grid).items()}


def _check(grid: Grid) -> Lie:
    if grid.lie is None or grid.crs is None:
        raise NotMade("A raster without a system and a place cannot be published: its steps must give both.")
    if grid.nodata is None and not grid.there.all():
        raise NotMade("Some cells have no value and no number says so: the steps must give `nodata`.")
    if grid.nodata is not None and _taken(grid):
        raise NotMade(f"Cells have the value {grid.nodata:g}, which means that there is none: take another.")
    return grid.lie


def _taken(grid: Grid) -> bool:
    marker: Any = np.array(grid.nodata).astype(grid.values.dtype)
    return bool((grid.values[grid.there] == marker).any())


def _in_order(images: list[tiff.Directory]) -> bool:
    """Say whether one look at the beginning is enough to find every block of every size."""
    starts = [int(image.offsets[image.lengths > 0].min(initial=1 << 62)) for image in images]
    tidy = [image.at for image in images] == sorted(image.at for image in images)
    coarse_first = starts == sorted(starts, reverse=True)
    return tidy and coarse_first and max(image.at for image in images) < min(starts)
