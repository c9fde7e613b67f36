"""Print what comparing a million features with a million costs: `python -m tests.bench.diff`.

Beside it DuckDB's plain scan of the same two files. Memory: the peak of a fresh process that reads and
compares, less that of one that only reads.
"""

import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import duckdb
import geopandas as gpd

from pipelines.diff import cells, paging, vector
from pipelines.diff.changes import Diff
from pipelines.formats import geoparquet
from tests.bench import million

T = TypeVar("T")
ROUNDS = 3
COLUMNS = ("key", "name", "city", "size", "status", "geometry")
SCAN = f"select {million.every(*COLUMNS)} from read_parquet(?)"  # noqa: S608  # our own names


def main() -> None:
    """Measure here, or be the fresh process that is measured."""
    if len(sys.argv) > 1:
        place, name, deed = sys.argv[1:]
        alone(Path(place), name, deed)
        return
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    say(f"{machine}; {million.ROWS:,} rows")
    with tempfile.TemporaryDirectory(prefix="kfm-bench-") as made:
        folder = Path(made)
        million.write(folder)
        for name in ("few", "all"):
            figures(folder, name)


def figures(folder: Path, name: str) -> None:
    """Print the figures of one pair of files, each the median of some fresh processes."""
    ran = [million.alone("tests.bench.diff", str(folder), name, "whole") for _ in range(ROUNDS)]
    read_only = min(million.alone("tests.bench.diff", str(folder), name, "read").mib for _ in range(ROUNDS))
    parts = [dict(line.split("\t") for line in one.said.splitlines()) for one in ran]
    took = {
        part: statistics.median(float(one[part]) for one in parts) for part in parts[0] if part != "counts"
    }
    compared = took["compare"] + took["change table"]
    say(f"\n{name}: {parts[0]['counts']}")
    for part, seconds in took.items():
        say(f"  {seconds:6.2f} s  {part}")
    times = compared / took["read both"]
    say(f"  {compared:6.2f} s  compare and change table: {times:.2f} times the reading of both")
    peak = max(one.mib for one in ran)
    say(f"  {peak - read_only} MiB above reading (peak {peak}, of reading alone {read_only})")


def alone(folder: Path, name: str, deed: str) -> None:
    """Read and, if asked for, compare; print seconds by part, and at last the peak of this process."""
    pair = (folder / "older.parquet", folder / f"{name}.parquet")
    before, after = timed("read both", lambda: [geoparquet.read(path.read_bytes()) for path in pair])
    peak = million.peak_mib()
    if deed == "whole":
        peak = compared(before, after)
        timed("DuckDB's plain scan of both", lambda: scanned(*pair))
    say(str(peak))


def compared(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> int:
    """Compare and write the change table; return the peak after it."""
    diff = timed("compare", lambda: found(before, after))
    rows = diff.rows
    if rows is None:
        raise LookupError("A large diff was expected.")
    table = timed("change table", lambda: cells.write(rows))
    peak = million.peak_mib()
    timed("pages of the list (beside)", lambda: paging.write(diff))
    counts = f"{diff.added:,} added, {diff.removed:,} removed, {diff.moved:,} moved, {diff.changed:,} changed"
    say(f"counts\t{counts}; table of {len(table) / 1e6:.1f} MB")
    return peak


def found(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> Diff:
    """Compare."""
    return vector.compare(before, after, key="key", title="name")


def scanned(*paths: Path) -> None:
    """Read every value of both files with DuckDB."""
    with duckdb.connect() as database:
        database.execute("set enable_geoparquet_conversion = false")
        for path in paths:
            database.execute(SCAN, [str(path)]).fetchall()


def timed(part: str, deed: Callable[[], T]) -> T:
    """Do something and print how long it took."""
    began = time.perf_counter()
    made = deed()
    say(f"{part}\t{time.perf_counter() - began:.3f}")
    return made


def say(words: str) -> None:
    """Print one line."""
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
