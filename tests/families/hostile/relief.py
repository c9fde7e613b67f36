"""What can be wrong with a GeoTIFF, done to the relief of Kansas."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np
from rasterio.io import MemoryFile
from rasterio.transform import Affine

from pipelines import spec

FAMILY = "ks_relief"
_SAMPLE = spec.FAMILIES / FAMILY / "samples" / "1988.tif"


@lru_cache(maxsize=1)
def good() -> bytes:
    """Return the real edition."""
    return _SAMPLE.read_bytes()


def _written(change: Callable[[np.ndarray], np.ndarray] = lambda values: values, **profile: Any) -> bytes:
    """Return the file with its cells or its description changed."""
    with MemoryFile(good()) as file, file.open(driver="GTiff") as source:
        values, described = source.read(), source.profile
        units = source.units
    made = change(values)
    with MemoryFile() as file:
        kept = {**described, "dtype": made.dtype, **profile}
        with file.open(**{name: value for name, value in kept.items() if value is not None}) as target:
            target.write(made)
            target.units = units
        return bytes(file.read())


def _nan(values: np.ndarray) -> np.ndarray:
    made = values.astype(np.float32)
    made[0, 3, 4] = np.nan
    made[0, 3, 5] = np.inf
    return made


def _huge() -> bytes:
    """A file of a few thousand bytes that says it has 100,000 × 100,000 cells."""
    with MemoryFile() as file:
        with file.open(
            driver="GTiff",
            width=100_000,
            height=100_000,
            count=1,
            dtype="int16",
            crs="EPSG:4326",
            tiled=True,
            blockxsize=16_384,
            blockysize=16_384,
            SPARSE_OK="TRUE",
            transform=Affine(0.0001, 0, -103.0, 0, -0.0001, 41.0),
        ):
            pass
        return bytes(file.read())


_VRT = b"""<VRTDataset rasterXSize="109" rasterYSize="61"><VRTRasterBand dataType="Int16" band="1">
<SimpleSource><SourceFilename>/vsicurl/https://example.org/relief.tif</SourceFilename></SimpleSource>
</VRTRasterBand></VRTDataset>"""

FILES: Mapping[str, Callable[[], bytes]] = {
    "good.tif": good,
    "empty.tif": lambda: b"",
    "truncated.tif": lambda: good()[: len(good()) // 2],
    "head-only.tif": lambda: good()[:8],
    "damaged-cells.tif": lambda: good()[:-600] + bytes(500) + good()[-100:],
    "no-system.tif": lambda: _written(crs=None),
    "other-system.tif": lambda: _written(crs="EPSG:32614"),
    "nan-and-infinite.tif": lambda: _written(_nan),
    "many-cells.tif": _huge,
    "page-called.tif": lambda: b"<html>Not found</html>",
    "vrt-called.tif": lambda: _VRT,
    "reference-called.tif": lambda: b"/vsicurl/https://example.org/relief.tif",
    "text-called.tif": lambda: b"ncols 2\nnrows 2\n1 2\n3 4\n",
}
