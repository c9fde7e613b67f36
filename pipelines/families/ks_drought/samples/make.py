"""Make every week by rule from the county reference: no week of the real Drought Monitor is in here.

`python -m pipelines.families.ks_drought.samples.make COUNTIES`: the sample of edition 2017 of ks_counties.
Only sums, products and quotients are used, so that every machine makes the same numbers.
"""

import io
import json
import random
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

CLASSES = ("D0", "D1", "D2", "D3", "D4")
SEED, CELLS = 20261006, 5
WIDTH = 0.8  # how much of the scale of drought one county spans
SMALLEST = 0.000001
HALFWAY = "2026-10-13"  # the week that is corrected and spoilt
WEST_OF, DRIER = -100.5, 0.2
TEXTS = ("STATEFP", "State", "COUNTYFP", "County", "CountyLSAD", "usdm_class")
SCHEMA = pa.schema([*((name, pa.string()) for name in TEXTS), ("percent", pa.float64())])
Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class County:
    """A county and the middle of its box."""

    countyfp: str
    name: str
    lon: float
    lat: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A dry place: how dry it is in its middle, and how far that reaches, in degrees."""

    lon: float
    lat: float
    dry: float
    reach: float


def counties(content: bytes) -> list[County]:
    """Return the counties of a sample of ks_counties."""
    found = []
    for feature in json.loads(content)["features"]:
        about, outer = feature["properties"], feature["geometry"]["coordinates"][0]
        lon, lat = ([position[axis] for position in outer] for axis in (0, 1))
        middle = {"lon": (min(lon) + max(lon)) / 2, "lat": (min(lat) + max(lat)) / 2}
        found.append(County(countyfp=about["countyfp"], name=about["name"], **middle))
    return found


def cells(*, east: float, dry: float) -> list[Cell]:
    """Return the same dry places for the same seed, moved and dried up or wetted for a week."""
    chance = random.Random(SEED)  # noqa: S311  # for the same numbers each time, not for secrets
    return [
        Cell(
            lon=chance.uniform(-102, -94.6) + east,
            lat=chance.uniform(37, 40),
            dry=chance.uniform(1.5, 4.5) * dry,
            reach=chance.uniform(1.5, 3),
        )
        for _ in range(CELLS)
    ]


def _dryness(county: County, places: Sequence[Cell]) -> float:
    """Return where a county stands on the scale of drought; D0 begins at 0, D1 at 1."""
    return sum(place.dry * _nearness(county, place) for place in places) - WIDTH / 2


def _nearness(county: County, place: Cell) -> float:
    across, up = (county.lon - place.lon) / place.reach, (county.lat - place.lat) / place.reach
    near = max(0.0, 1 - across * across - up * up)
    return near * near


def _first(county: County) -> float:
    return _dryness(county, cells(east=0.0, dry=1.0))


def _second(county: County) -> float:
    return _dryness(county, cells(east=0.3, dry=0.8))


def _none(_: County) -> float:
    """Let it have rained everywhere: there is no row, and rightly so."""
    return -WIDTH


def _corrected(county: County) -> float:
    return _second(county) + (DRIER if county.lon < WEST_OF else 0.0)


WEEKS: Mapping[str, Callable[[County], float]] = {
    "2026-10-06": _first,
    HALFWAY: _second,
    "2026-10-20": _none,
    f"{HALFWAY}-corrected": _corrected,
}


def week(edition: str, of: Sequence[County]) -> list[Row]:
    """Return the rows of a week: each county's share in each class that it reaches."""
    return [row for county in of for row in _rows(county, WEEKS[edition](county))]


def _rows(county: County, dry: float) -> list[Row]:
    low, high = dry - WIDTH / 2, min(dry + WIDTH / 2, float(len(CLASSES)))
    shares = [max(0.0, min(high, n + 1) - max(low, n)) / WIDTH for n in range(len(CLASSES))]
    about = {
        "STATEFP": "20",
        "State": "Kansas",
        "COUNTYFP": county.countyfp,
        "County": county.name,
        "CountyLSAD": f"{county.name} County",
    }
    told = zip(CLASSES, (round(share, 6) for share in shares), strict=True)
    return [{**about, "usdm_class": name, "percent": share} for name, share in told if share >= SMALLEST]


def _percent(rows: list[Row]) -> list[Row]:
    return [{**row, "percent": row["percent"] * 100} if n % 10 == 0 else row for n, row in enumerate(rows)]


def _twice(rows: list[Row]) -> list[Row]:
    return [again for n, row in enumerate(rows) for again in ([row, row] if n % 20 == 0 else [row])]


def _unknown(rows: list[Row]) -> list[Row]:
    first = rows[0]["COUNTYFP"]
    return [{**row, "COUNTYFP": "210"} if row["COUNTYFP"] == first else row for row in rows]


def _halved(rows: list[Row]) -> list[Row]:
    return rows[::2]


RULES: Mapping[str, Callable[[list[Row]], list[Row]]] = {
    "percent": _percent,
    "duplicates": _twice,
    "unknown": _unknown,
    "halved": _halved,
}
EDITIONS = (*WEEKS, *(f"{HALFWAY}-{rule}" for rule in RULES))


def made(edition: str, of: Sequence[County]) -> bytes:
    """Return the Parquet file of an edition."""
    if edition in WEEKS:
        return parquet(week(edition, of))
    return parquet(RULES[edition.removeprefix(f"{HALFWAY}-")](week(HALFWAY, of)))


def parquet(rows: Sequence[Row]) -> bytes:
    """Return rows as a file with the Drought Monitor's columns."""
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(list(rows), schema=SCHEMA), sink)
    return sink.getvalue()


def main() -> None:
    """Write every edition."""
    of = counties(Path(sys.argv[1]).read_bytes())
    for edition in EDITIONS:
        (Path(__file__).parent / f"{edition}.parquet").write_bytes(made(edition, of))


if __name__ == "__main__":
    main()
