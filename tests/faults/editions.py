"""Files that nobody has delivered yet, of every family: the newest good edition with one thing changed."""

import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from rasterio.io import MemoryFile

from pipelines import spec

NEWEST = {
    "ks_airports": "2026-09",
    "ks_counties": "2017",
    "ks_county_lines": "2017",
    "ks_drought": "2026-10-13",
    "ks_relief": "1988",
}
# Nobody in this house is cleared for guarded families, so that nobody could approve them.
OPEN = tuple(family.name for family in spec.families() if family.labels.sensitivity == "public")
STEP = 1e-6  # of a degree, or of a share
VERTICES = 4  # of a shape of which one may move


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A file for the main input of a family, and the partition it belongs to."""

    family: str
    source: str
    partition: str
    file: bytes


def fresh(name: str, number: int) -> Delivery:
    """Return the file number `number` of a family; each number makes other content."""
    family = spec.family(name)
    edition = family.edition(NEWEST[name])
    if edition is None:
        raise LookupError(f"{name} has no edition {NEWEST[name]}: name its newest good one here.")
    sample = (family.folder / edition.sample).read_bytes()
    return Delivery(
        family=name,
        source=family.main.name,
        partition=edition.partition or "",
        file=CHANGED[family.main.media_type](sample, number),
    )


def _named(sample: bytes, number: int) -> bytes:
    name = b"Aero B Ranch Airport"
    return sample.replace(name, name + f" {number}".encode())


def _moved(sample: bytes, number: int) -> bytes:
    read = json.loads(sample)
    line = next(line for one in read["features"] for line in _lines(one["geometry"]) if len(line) > VERTICES)
    line[1][0] = round(line[1][0] + number * STEP, 6)
    return json.dumps(read).encode()


def _lines(geometry: dict[str, Any]) -> list[list[list[float]]]:
    """Return the lines that an area or a line is drawn with."""
    drawn: Any = geometry["coordinates"]
    if geometry["type"] == "MultiPolygon":
        return [ring for area in drawn for ring in area]
    return [drawn] if geometry["type"] == "LineString" else list(drawn)


def _lowered(sample: bytes, number: int) -> bytes:
    read = pq.read_table(io.BytesIO(sample))
    place = read.schema.get_field_index("percent")
    shares = read["percent"].to_pylist()
    shares[0] -= number * STEP
    sink = io.BytesIO()
    pq.write_table(read.set_column(place, "percent", pa.array(shares)), sink)
    return sink.getvalue()


def _raised(sample: bytes, number: int) -> bytes:
    with MemoryFile(sample) as held, held.open() as read:
        values, profile = read.read(), read.profile
    row, column = divmod(number, values.shape[2])
    values[0, row, column] += 1
    with MemoryFile() as made:
        with made.open(**profile) as written:
            written.write(np.asarray(values))
        return bytes(made.read())


CHANGED: Mapping[str, Callable[[bytes, int], bytes]] = {
    "text/csv": _named,
    "application/geo+json": _moved,
    "application/vnd.apache.parquet": _lowered,
    "image/tiff": _raised,
}
