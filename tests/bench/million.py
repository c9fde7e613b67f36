"""A million features by rule, in two editions: a few percent changed, or every one of them."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from pipelines.formats import geoparquet
from pipelines.model import Labels

ROWS = 1_000_000
NEW = ROWS // 1000  # rows that leave, and as many that come
FEW = 3  # per cent
LABELS = Labels(sensitivity="public", sovereignty=(), rights="CC0-1.0")
ROOT = Path(__file__).parents[2]


def edition(name: str, *, rows: int = ROWS) -> gpd.GeoDataFrame:
    """Return the edition `older`, or what became of it: `few` changed, or `all`.

    Of what changes a third moves by 0.01 degrees, the others get another name, a fifth another size too.
    """
    numbers = np.arange(rows)
    mixed = numbers * 2_654_435_761 % 2**32
    changes = {"older": np.zeros(rows, bool), "few": mixed % 100 < FEW, "all": np.ones(rows, bool)}[name]
    moves = changes & (mixed % 3 == 0)
    lon = np.round(-102 + numbers % 2000 * 0.0036 + moves * 0.01, 6)
    lat = np.round(37 + numbers // 2000 * (2.9 * 2000 / max(rows, 2000)), 6)
    names = pd.Series([f"Field {number}" for number in range(rows)], dtype="str")
    columns = {
        "key": pd.Series([f"K{number:07d}" for number in range(rows)], dtype="str"),
        "name": names.where(~(changes & ~moves), names + " new"),
        "city": pd.Series([f"Town {number % 900}" for number in range(rows)], dtype="str"),
        "size": (mixed % 4000).astype(float) + (changes & (mixed % 5 == 0)) * 0.5,
        "status": pd.Series(["open"] * rows, dtype="str").where(mixed % 7 != 0),
    }
    frame = gpd.GeoDataFrame(columns, geometry=shapely.points(lon, lat), crs="EPSG:4326")
    if name == "few":
        frame.loc[frame.index[-min(NEW, rows // 2) :], "key"] = [
            f"N{n:07d}" for n in range(min(NEW, rows // 2))
        ]
    return frame


def write(folder: Path, *, rows: int = ROWS) -> None:
    """Write all three editions."""
    for name in ("older", "few", "all"):
        content = geoparquet.write(edition(name, rows=rows), key="key", labels=LABELS)
        (folder / f"{name}.parquet").write_bytes(content)


def every(*columns: str) -> str:
    """Return what makes DuckDB read every value of columns, which a file's own statistics cannot answer."""
    return ", ".join(f"bit_xor(hash({column}))" for column in columns)


@dataclass(frozen=True, slots=True, kw_only=True)
class Peak:
    """What a process of its own printed, and the most memory it ever held."""

    said: str
    mib: int


def alone(module: str, *words: str) -> Peak:
    """Run a module in a fresh process and return what it said and its peak, as the kernel counts it."""
    asked = [sys.executable, "-m", module, *words]
    done = subprocess.run(asked, cwd=ROOT, check=True, capture_output=True, text=True)
    *said, peak = done.stdout.strip().splitlines()
    return Peak(said="\n".join(said), mib=int(peak))


def peak_mib() -> int:
    """Return the most memory that this process ever held."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) // 1024
