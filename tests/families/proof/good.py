"""Real, good editions of `../shared/data`: whatever a gate refuses of them is a false alarm, or explained."""

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipelines import spec
from tests.families.proof import fleeting
from tests.families.proof.fleeting import Fleeting
from tests.house import tree

DATA = tree.ROOT.parent / "shared" / "data"
NAVAIDS = ("id", "ident", "name", "type", "iso_country")
RUNWAYS = ("id", "airport_ident", "surface", "length_ft", "width_ft", "le_ident", "he_ident")
ENDS = ("le_longitude_deg", "le_latitude_deg", "he_longitude_deg", "he_latitude_deg")
BREWERIES = ("id", "name", "brewery_type", "city", "website_url")
AQUIFER = ("OBJECTID", "CODE")


@dataclass(frozen=True, kw_only=True)
class Chain:
    """Editions of one family, each compared with the one before; or by themselves, where weeks are assets."""

    family: str
    title: str
    editions: Mapping[str, bytes]
    weeks: bool = False


def chains() -> Iterator[Chain]:
    """Yield what is delivered to families of this repository."""
    airports = {day(file.stem[-8:]): file for file in sorted((DATA / "ks_airports").glob("*.csv"))}
    yield Chain(
        family="ks_airports",
        title="as released",
        editions={one: f.read_bytes() for one, f in airports.items()},
    )
    columns = tuple(fleeting.rows(list(airports.values())[-1])[0])
    widened = {one: fleeting.text(fleeting.rows(file), columns) for one, file in airports.items()}
    yield Chain(family="ks_airports", title="with the column lid", editions=widened)
    counties = {
        "2007": "pre2015_vega-3.2.1",
        "2017-atlas": "census2017_us-atlas-3.0.0",
        "2017": "census2017_us-atlas-3.0.1",
    }
    read = {
        one: (DATA / "ks_counties" / f"ks_counties_{f}.geojson").read_bytes() for one, f in counties.items()
    }
    yield Chain(family="ks_counties", title="as released", editions=read)
    for name in ("ks_counties", "ks_county_lines"):
        folder = spec.family(name).folder / "samples"
        samples = {one: (folder / f"{one}.geojson").read_bytes() for one in ("2007", "2017")}
        yield Chain(family=name, title="samples", editions=samples)
    relief = (DATA / "ks_rasters" / "ks_etopo5.tif").read_bytes()
    yield Chain(family="ks_relief", title="ETOPO5, twice", editions={"1988": relief, "1988-again": relief})
    weekly = {file.stem[5:]: kansas(pq.read_table(file)) for file in sorted(_weekly().glob("*.parquet"))}
    yield Chain(family="ks_drought", title="18 national weeks", editions=weekly, weeks=True)


def _weekly() -> Path:
    return DATA / "drought_weekly" / "weekly"


def day(digits: str) -> str:
    """Return a day as editions are named by it."""
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:]}"


def kansas(table: pa.Table) -> bytes:
    """Return Kansas in a national week, as it would be delivered."""
    sink = io.BytesIO()
    pq.write_table(table.filter(pc.equal(table["STATEFP"], "20")), sink)
    return sink.getvalue()


def weeks() -> Iterator[tuple[str, bytes]]:
    """Yield all weeks from 2000 to 2025 in which Kansas has rows."""
    table = pq.read_table(DATA / "drought_weekly" / "ks_usdm_2000-2025.parquet")
    for week in sorted(set(table["valid_date"].to_pylist())):
        yield (
            str(week),
            kansas(table.filter(pc.equal(table["valid_date"], week)).drop_columns(["valid_date"])),
        )


def others() -> tuple[Fleeting, ...]:
    """Return the families that live as long as the test."""
    navaids = sorted((DATA / "ourairports").glob("ks_navaids_*.csv"))
    runways = sorted((DATA / "ourairports").glob("ks_runways_*.csv"))
    breweries = sorted((DATA / "breweries").glob("*.csv"))
    there = ("longitude_deg", "latitude_deg")
    return (
        Fleeting(
            name="navaids",
            key="id",
            title="name",
            columns=NAVAIDS,
            numbers=there,
            place={"points": {"x": there[0], "y": there[1], "crs": "EPSG:4326"}},
            steps=fleeting.points(*NAVAIDS, key="id"),
            editions={f.stem[-10:]: fleeting.text(fleeting.rows(f), (*NAVAIDS, *there)) for f in navaids},
        ),
        Fleeting(
            name="runways",
            key="id",
            title="airport_ident",
            columns=RUNWAYS,
            numbers=ENDS,
            place={"points": {"x": ENDS[0], "y": ENDS[1], "crs": "EPSG:4326"}},
            types=("LineString",),
            steps=fleeting.lines(*RUNWAYS, key="id", ends=ENDS),
            editions={f.stem[-10:]: fleeting.text(_whole(f), (*RUNWAYS, *ENDS)) for f in runways},
        ),
        Fleeting(
            name="breweries",
            key="id",
            title="name",
            columns=BREWERIES,
            numbers=("longitude", "latitude"),
            place={"points": {"x": "longitude", "y": "latitude", "crs": "EPSG:4326"}},
            steps=fleeting.points(*BREWERIES, key="id"),
            editions={f.stem[-10:]: _brewed(f) for f in breweries},
        ),
        Fleeting(
            name="aquifer",
            key="OBJECTID",
            title="CODE",
            columns=AQUIFER,
            place={"shapes": {"crs": "EPSG:4269"}},
            media_type="application/zip",
            types=("Polygon", "MultiPolygon"),
            steps=fleeting.areas(*AQUIFER, key="OBJECTID"),
            editions=dict.fromkeys(("1995", "1995-again"), _aquifer()),
        ),
    )


def _whole(file: Path) -> list[dict[str, str]]:
    """Return the runways of which both ends are known."""
    return [row for row in fleeting.rows(file) if all(row[end] for end in ENDS)]


def _brewed(file: Path) -> bytes:
    """Return the breweries of Kansas that have a place, by whatever name their key then had."""
    found = [
        {**row, "id": row.get("id") or row.get("obdb_id", "")}
        for row in fleeting.rows(file)
        if (row.get("state_province") or row.get("state")) == "Kansas" and row["longitude"]
    ]
    return fleeting.text(found, (*BREWERIES, "longitude", "latitude"))


def _aquifer() -> bytes:
    return fleeting.zipped(sorted((DATA / "high_plains_aquifer").glob("*_Extent.*")))
