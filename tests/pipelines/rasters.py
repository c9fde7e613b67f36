"""Rasters for tests: small grids, files of them, and what gates see of them."""

from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from rasterio.io import MemoryFile
from rasterio.transform import Affine

from pipelines import spec
from pipelines.diff import raster
from pipelines.errors import NotComparable
from pipelines.families import STEPS
from pipelines.formats import geotiff
from pipelines.formats.grid import Grid, Lie
from pipelines.inputs import Inputs
from pipelines.kinds import KINDS
from pipelines.kinds.kind import keep
from pipelines.manifest import Manifest
from pipelines.model import Content, Labels, Role
from pipelines.subject import Base, Made, Subject
from tests.pipelines.memory import MemoryStore

FAMILY = spec.family("ks_relief")
SAMPLES = FAMILY.folder / "samples"
REAL = (SAMPLES / "1988.tif").read_bytes()
PUBLIC = Labels(sensitivity="public", sovereignty=(), rights="CC-PDM-1.0")
NOTHING = -9999
PLACE = Affine(0.25, 0, -100, 0, -0.25, 40)


def grid(values: Any, *, there: Any = None, **other: Any) -> Grid:
    """Return a grid of these values near Kansas; NOTHING is no value."""
    cells = np.array(values)
    made = Grid(
        size=0,
        crs="EPSG:4326",
        values=cells,
        there=cells != NOTHING if there is None else np.array(there, bool),
        lie=Lie(west=-100.0, north=40.0, across=0.25, down=0.25),
        nodata=float(NOTHING),
        bands=1,
        unit="m",
    )
    return replace(made, **other)


def tiff(values: NDArray[Any], *, scale: float = 1.0, **options: Any) -> bytes:
    """Return a plain GeoTIFF as anybody might write one."""
    bands = values if values.ndim > 2 else values[np.newaxis]
    said: dict[str, Any] = {"crs": "EPSG:4326", "transform": PLACE, **options}
    with MemoryFile() as file:
        with file.open(
            driver="GTiff",
            dtype=bands.dtype,
            count=len(bands),
            height=bands.shape[1],
            width=bands.shape[2],
            **said,
        ) as dataset:
            dataset.write(bands)
            dataset.scales = [scale] * len(bands)
        content: bytes = file.read()
    return content


def read(content: bytes = REAL) -> Subject:
    """Return what before-gates see of a file."""
    return Subject(
        family=FAMILY,
        output=FAMILY.output,
        asset=FAMILY.name,
        partition=None,
        edition="1988",
        channel="public",
        store=MemoryStore(),
        inputs=(),
        inputs_read=Inputs(sources=FAMILY.inputs, all={"elevation": geotiff.read(content)}),
    )


def changed(subject: Subject, **other: Any) -> Subject:
    """Return a subject whose input was read otherwise."""
    other_read = {"elevation": replace(subject.grid, **other)}
    return replace(subject, inputs_read=Inputs(sources=FAMILY.inputs, all=other_read))


def made(subject: Subject, *, over: Grid | None) -> Subject:
    """Return what after-gates see of it, compared with another grid."""
    kind, store = KINDS["raster"], subject.store
    layer = STEPS[FAMILY.name](subject.inputs_read)
    data = keep(
        store,
        kind.write(layer, FAMILY.output, labels=PUBLIC),
        role=Role.DATA,
        media_type=kind.media_type,
    )
    tiles = keep(
        store,
        kind.cut(layer, FAMILY.output, labels=PUBLIC).result(),
        role=Role.TILES,
        media_type="application/vnd.pmtiles",
    )
    base = None if over is None else Base(manifest=cast("Manifest", None), layer=over)
    compared = kind.compare(base, layer, family=FAMILY, store=store)
    return replace(
        subject,
        made=Made(
            layer=layer,
            artifacts=(data, tiles, *compared.artifacts),
            content=cast("Content", None),
            catalogs={},
            base=base,
            diff=compared.diff,
            diff_failed=compared.failed,
        ),
    )


def compared(subject: Subject, *, over: Grid | None) -> Subject:
    """Return what a gate sees that looks at cells only, and at no file."""
    layer = STEPS[FAMILY.name](subject.inputs_read)
    diff, failed = None, ""
    if over is not None and isinstance(layer, Grid):
        try:
            diff = raster.compare(over, layer)
        except NotComparable as why_not:
            failed = str(why_not)
    return replace(
        subject,
        made=Made(
            layer=layer,
            artifacts=(),
            content=cast("Content", None),
            catalogs={},
            base=None if over is None else Base(manifest=cast("Manifest", None), layer=over),
            diff=diff,
            diff_failed=failed,
        ),
    )


def relief() -> Grid:
    """Return the real relief as the steps make it."""
    found = STEPS[FAMILY.name](read().inputs_read)
    assert isinstance(found, Grid)
    return found


def sample(edition: str) -> bytes:
    """Return a bundled edition."""
    return Path(SAMPLES / f"{edition}.tif").read_bytes()
