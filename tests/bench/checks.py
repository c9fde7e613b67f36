"""Print what the checks on a million rows cost once they are read: `python -m tests.bench.checks`.

Four gates as they stand: schema, extent, keys, geometry. Beside them DuckDB's plain scan of the same columns.
"""

import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import cast

import duckdb
import geopandas as gpd
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipelines.family import Family, Points
from pipelines.formats.table import Table
from pipelines.gates import extent, geometry, keys, schema
from pipelines.inputs import Inputs
from pipelines.model import Content, GateResult, Json
from pipelines.subject import Made, Subject
from tests.bench import million
from tests.pipelines import judged
from tests.pipelines.memory import MemoryStore

ROUNDS = 5
GATES: dict[str, Callable[[Subject], GateResult]] = {
    "schema": schema.check,
    "extent": extent.check,
    "keys": keys.check,
    "geometry": geometry.check,
}
CHECKS = {
    "schema": "a key is there, its pattern, a number, its range, an integer, one of a list",
    "extent": "inside",
    "keys": "none missing, none twice",
    "geometry": "there, of the right kind, valid, not on the place of another",
}
SCHEMA = {
    "type": "object",
    "properties": {
        "key": {"type": "string", "pattern": "^[A-Z][0-9]{7}$"},
        "size": {"type": ["number", "null"], "minimum": 0, "maximum": 5000},
        "number": {"type": ["integer", "null"]},
        "status": {"type": ["string", "null"], "enum": ["open", "closed"]},
        **{name: {"type": ["string", "null"]} for name in ("name", "lon", "lat")},
    },
}
EXPECTED: Mapping[str, Json] = {
    "size": {"rows_min": 1, "rows_max": million.ROWS},
    "extent": {"west": -103, "south": 36, "east": -94, "north": 41, "inside_min": 0.99},
    "keys": {"reused_over_km": 50},
    "geometry": {"types": ["Point"], "same_place_max": 0.01},
}
SCAN = f"select {million.every('key', 'name', 'size', 'number', 'status', 'lon', 'lat')} from read_parquet(?)"  # noqa: S608  # our own names


def main() -> None:
    """Measure each gate, and print the sum of their medians."""
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    say(f"{machine}; {million.ROWS:,} rows, read already")
    frame = million.edition("few")
    subject = whole(frame)
    say(f"{seconds(lambda: subject.shapes) * 1000:7.0f} ms  the rows' places made, once, before any check")
    took = {}
    for name, gate in GATES.items():
        took[name] = statistics.median(seconds(partial(gate, subject)) for _ in range(ROUNDS))
        result = gate(subject)
        say(f"{took[name] * 1000:7.0f} ms  {name}, {result.outcome}: {CHECKS[name]}")
    say(f"{sum(took.values()) * 1000:7.0f} ms  {sum(told.count(',') + 1 for told in CHECKS.values())} checks")
    say(f"{scanned(subject.table) * 1000:7.0f} ms  DuckDB's plain scan of the same columns as Parquet")


def whole(frame: gpd.GeoDataFrame) -> Subject:
    """Return what gates see of a file of such rows and of the layer made of it, sorted as layers are."""
    table = read(frame)
    family = asked(judged.FAMILY)
    inputs = Inputs(sources=family.inputs, all={family.inputs[0].name: table})
    unread = cast("Content", None)  # the gates asked here look at table and frame only
    layer = frame.sort_values("key", ignore_index=True)
    made = Made(layer=layer, artifacts=(), content=unread, catalogs={}, base=None, diff=None, diff_failed="")
    return Subject(
        family=family,
        output=family.outputs[0],
        asset=family.name,
        partition=None,
        edition="2026-01",
        channel="public",
        store=MemoryStore(),
        inputs=(),
        inputs_read=inputs,
        made=made,
    )


def asked(family: Family) -> Family:
    """Return a family that asks for these columns."""
    place = Points(x="lon", y="lat", crs="EPSG:4326")
    source = replace(family.inputs[0], schema=SCHEMA, key=("key",), title="name", place=place)
    output = replace(family.outputs[0], key="key", title="name")
    return replace(family, inputs=(source,), outputs=(output,), expectations=EXPECTED)


def read(frame: gpd.GeoDataFrame) -> Table:
    """Return the rows as reading a file gives them: every cell as text."""
    text = pa.string()
    columns = {
        **{name: pc.fill_null(pa.array(frame[name]).cast(text), "") for name in ("key", "name", "status")},
        "size": pa.array(frame["size"]).cast(text),
        "number": pa.array(np.arange(len(frame))).cast(text),
        "lon": pa.array(frame.geometry.x).cast(text),
        "lat": pa.array(frame.geometry.y).cast(text),
    }
    rows = pa.table(columns)
    return Table(size=rows.nbytes, names=tuple(rows.column_names), rows=rows, lines=range(2, len(frame) + 2))


def scanned(table: Table) -> float:
    """Return how long DuckDB takes to read every cell of the same table from a file."""
    with tempfile.TemporaryDirectory(prefix="kfm-bench-") as folder, duckdb.connect() as database:
        path = Path(folder) / "rows.parquet"
        pq.write_table(table.rows, path, compression="zstd")
        return statistics.median(
            seconds(lambda: database.execute(SCAN, [str(path)]).fetchall()) for _ in range(ROUNDS)
        )


def seconds(deed: Callable[[], object]) -> float:
    """Return how long something takes."""
    began = time.perf_counter()
    deed()
    return time.perf_counter() - began


def say(words: str) -> None:
    """Print one line."""
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
