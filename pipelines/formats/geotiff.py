"""GeoTIFF read from memory: one driver, nothing beside the file, no more cells than can be held."""

import logging
import re
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import rasterio
from rasterio._err import CPLE_BaseError
from rasterio.errors import NotGeoreferencedWarning, RasterioError
from rasterio.io import MemoryFile

from pipelines.formats import tiff
from pipelines.formats.grid import Cells, Flags, Grid, Lie
from pipelines.formats.table import Fault

CELLS_AT_MOST, BYTES_AT_MOST = 25_000_000, 200_000_000
# No file beside it, no system or place from anywhere but inside, no thread that GDAL keeps.
SETTINGS = {
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "GDAL_PAM_ENABLED": "NO",
    "GDAL_GEOREF_SOURCES": "INTERNAL",
    "GTIFF_IGNORE_READ_ERRORS": "NO",
    "GDAL_NUM_THREADS": "1",
}
_OF_MEMORY = re.compile(r"\S*[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{18,}\S*\s*")  # a file's random name there
_WHOLE = "Look whether the file was cut off or damaged on its way, and deliver it again."
_PLAIN = "Write it as a GeoTIFF with one band of plain numbers, north up, with its system and place inside."
_SMALLER = "Cut it to the family's area, or deliver it in parts."


def read(content: bytes) -> Grid:
    """Return the first band and what could not be read; nothing that the bytes hold makes it raise."""
    try:
        first = tiff.directories(content)[0]
    except tiff.NotWhole as cause:
        return _unread(content, "broken", f"This is no whole TIFF file. {cause}", _WHOLE)
    cells, size = first.width * first.height, first.decoded
    if cells > CELLS_AT_MOST or size > BYTES_AT_MOST:
        said = f"It holds {first.width:,} × {first.height:,} cells, {size:,} bytes when decoded"
        limit = f"at most {CELLS_AT_MOST:,} cells and {BYTES_AT_MOST:,} bytes are read."
        return _unread(content, "size", f"{said}; {limit}", _SMALLER)
    try:
        with opened(content) as dataset:
            return _taken(content, dataset)
    except (RasterioError, CPLE_BaseError, ValueError, TypeError, ArithmeticError, LookupError) as cause:
        told = _OF_MEMORY.sub("", str(cause)).strip() or type(cause).__name__
        return _unread(content, "cells", f"Its cells cannot be decoded: {told[:300]}", _WHOLE)


@contextmanager
def opened(content: bytes) -> Iterator[Any]:
    """Open a TIFF that lies in memory; what GDAL would print is in the error that it raises."""
    with silent(), warnings.catch_warnings(), rasterio.Env(**SETTINGS):
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        with MemoryFile(content) as file, file.open(driver="GTiff") as dataset:
            yield dataset


@contextmanager
def silent() -> Iterator[None]:
    """Let the library write nothing on its own, also where a file's damaged texts break its own words."""
    logging.getLogger("rasterio").setLevel(logging.CRITICAL + 1)
    before = sys.unraisablehook, sys.excepthook
    sys.unraisablehook, sys.excepthook = _unsaid, _unsaid
    try:
        yield
    finally:
        sys.unraisablehook, sys.excepthook = before


def _unsaid(*_: object) -> None:
    """Say nothing of an error that no code could catch."""


def _taken(content: bytes, dataset: Any) -> Grid:
    kind = np.dtype(dataset.dtypes[0])
    if kind.kind not in "iuf":
        return _unread(content, "numbers", f"Its cells are {kind}, which is no plain number.", _PLAIN)
    values = dataset.read(1)
    there = dataset.read_masks(1) != 0
    if kind.kind == "f":
        there &= ~np.isnan(values)
    lie, faults = _lie(dataset)
    values, there, lie = _upright(values, there, lie)
    return Grid(
        size=len(content),
        crs=_crs(dataset),
        faults=(*faults, *_scaled(dataset)),
        values=values,
        there=there,
        lie=lie,
        nodata=None if dataset.nodata is None else float(dataset.nodata),
        bands=dataset.count,
        unit=dataset.units[0] or "",
    )


def _crs(dataset: Any) -> str | None:
    """Return the system by its code if it is exactly that one, otherwise written out."""
    if not dataset.crs:
        return None
    code = dataset.crs.to_epsg(confidence_threshold=100)
    return str(dataset.crs.to_wkt()) if code is None else f"EPSG:{code}"


def _lie(dataset: Any) -> tuple[Lie | None, tuple[Fault, ...]]:
    place = dataset.transform
    if place.is_identity or not np.isfinite(place[:6]).all() or place.a == 0 or place.e == 0:
        wrong = "The file does not say where its cells lie."
        return None, (Fault(rule="place", message=wrong, remedy=_PLAIN),)
    if place.b or place.d:
        wrong = f"Its rows and columns are turned against the axes (by {place.b:g} and {place.d:g})."
        return None, (Fault(rule="turned", message=wrong, remedy=_PLAIN),)
    return Lie(west=place.c, north=place.f, across=place.a, down=-place.e), ()


def _upright(values: Cells, there: Flags, lie: Lie | None) -> tuple[Cells, Flags, Lie | None]:
    """Turn what is written from the south or from the east, so that rows begin in the north-west."""
    if lie is None:
        return values, there, None
    rows, columns = values.shape
    west, north, across, down = lie.west, lie.north, lie.across, lie.down
    if down < 0:
        values, there, north, down = values[::-1], there[::-1], north - rows * down, -down
    if across < 0:
        values, there, west, across = values[:, ::-1], there[:, ::-1], west + columns * across, -across
    return values, there, Lie(west=west, north=north, across=across, down=down)


def _scaled(dataset: Any) -> Iterator[Fault]:
    factor, shift = dataset.scales[0], dataset.offsets[0]
    if (factor, shift) != (1.0, 0.0):
        wrong = f"Its numbers are to be multiplied by {factor:g} and shifted by {shift:g} to be right."
        yield Fault(rule="scaled", message=wrong, remedy=_PLAIN)


def _unread(content: bytes, rule: str, message: str, remedy: str) -> Grid:
    return Grid(size=len(content), crs=None, faults=(Fault(rule=rule, message=message, remedy=remedy),))
