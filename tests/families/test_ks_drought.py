"""Drought in Kansas: how weeks were made, how each edition ends, and what the real weeks do."""

import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from pipelines import digest, spec
from pipelines.diff import vector
from pipelines.families import STEPS
from pipelines.families.ks_drought.samples import make
from pipelines.formats import columnar, geojson
from pipelines.formats.table import Table
from pipelines.gates import GATES
from pipelines.inputs import Inputs
from pipelines.model import GateResult, Outcome
from pipelines.subject import framed
from tests.pipelines import judged
from tests.pipelines.runs import Runs, job

FAMILY = spec.family("ks_drought")
SAMPLES = Path(make.__file__).parent
COUNTIES = spec.family("ks_counties").folder / "samples" / "2017.geojson"
SOURCES = Path(__file__).parents[3] / "shared" / "data" / "drought_weekly"
WEEKS = tuple(sorted(file.stem.removeprefix("USDM_") for file in SOURCES.glob("weekly/*.parquet")))
ALL_WEEKS = SOURCES / "ks_usdm_2000-2025.parquet"
needs_sources = pytest.mark.skipif(not WEEKS, reason="../shared/data/drought_weekly is not here")


def sample(edition: str) -> bytes:
    """Return a sample as it was written."""
    return (SAMPLES / f"{edition}.parquet").read_bytes()


def rows(content: bytes) -> pd.DataFrame:
    """Return the rows of a file, named as the layer names them."""
    read: pd.DataFrame = pq.read_table(io.BytesIO(content)).to_pandas()
    return read.set_index(read["STATEFP"] + read["COUNTYFP"] + "/" + read["usdm_class"])


@lru_cache
def reference() -> Table:
    return geojson.read(COUNTIES.read_bytes())


def inputs(content: bytes) -> Inputs:
    """Return the inputs of a run that was given this file."""
    return Inputs(sources=FAMILY.inputs, all={"drought": columnar.read(content), "counties": reference()})


def layer(content: bytes) -> gpd.GeoDataFrame:
    """Return the table that the family makes of a file."""
    return framed(STEPS["ks_drought"](inputs(content)))


def cut(national: pa.Table) -> bytes:
    """Return Kansas in a national week, as it would be delivered."""
    sink = io.BytesIO()
    pq.write_table(national.filter(pc.equal(national["STATEFP"], "20")), sink)
    return sink.getvalue()


def real(week: str) -> bytes:
    """Return Kansas in a real week."""
    return cut(pq.read_table(SOURCES / "weekly" / f"USDM_{week}.parquet"))


@pytest.mark.parametrize("edition", make.EDITIONS)
def test_an_edition_is_what_its_rule_makes_of_the_counties_byte_by_byte(edition: str) -> None:
    assert sample(edition) == make.made(edition, make.counties(COUNTIES.read_bytes()))


def test_each_edition_that_is_declared_has_a_rule() -> None:
    assert {edition.edition for edition in FAMILY.editions} == set(make.EDITIONS)
    assert all(edition.synthetic for edition in FAMILY.editions)


@pytest.mark.parametrize(
    ("edition", "count"),
    [
        ("2026-10-06", 181),
        ("2026-10-13", 171),
        ("2026-10-20", 0),
        ("2026-10-13-corrected", 176),
        ("2026-10-13-duplicates", 180),
        ("2026-10-13-unknown", 171),
        ("2026-10-13-halved", 86),
    ],
)
def test_an_edition_has_as_many_rows_as_its_page_says(edition: str, count: int) -> None:
    assert len(rows(sample(edition))) == count


@pytest.mark.parametrize("edition", ["2026-10-06", "2026-10-13", "2026-10-13-corrected"])
def test_no_county_is_dry_over_more_than_itself(edition: str) -> None:
    read = rows(sample(edition))
    assert read.index.is_unique
    assert read.groupby("COUNTYFP")["percent"].sum().max() <= 1.00001


def test_the_empty_week_has_the_columns_of_the_others() -> None:
    assert rows(sample("2026-10-20")).columns.equals(rows(sample("2026-10-06")).columns)


def test_the_reference_is_the_one_that_is_pinned() -> None:
    (pinned,) = [source.reference for source in FAMILY.inputs if source.reference]
    assert pinned.sha256 == digest.of(COUNTIES.read_bytes())


def test_a_row_lies_in_its_county() -> None:
    frame = layer(sample("2026-10-06"))
    shapes = reference().shapes
    assert shapes is not None
    outlines = dict(zip(reference().texts("geoid").to_pylist(), shapes, strict=True))
    assert all(shape is outlines[geoid] for geoid, shape in zip(frame["geoid"], frame.geometry, strict=True))


ENDS: dict[tuple[str, str], dict[str, tuple[Outcome, set[str]]]] = {
    ("2026-10-06", "none"): {
        "rows": (Outcome.REVIEW, {"rows.first"}),
        "drift": (Outcome.REVIEW, {"drift.first"}),
    },
    ("2026-10-20", "none"): {
        "size": (Outcome.REVIEW, {"size.empty"}),
        "rows": (Outcome.REVIEW, {"rows.first"}),
        "drift": (Outcome.REVIEW, {"drift.first"}),
    },
    ("2026-10-13-corrected", "2026-10-13"): {},
    ("2026-10-13-percent", "2026-10-13"): {"schema": (Outcome.FAIL, {"schema.range"})},
    ("2026-10-13-duplicates", "2026-10-13"): {
        "rows": (Outcome.REVIEW, {"rows.change"}),
        "keys": (Outcome.FAIL, {"keys.twice"}),
        "drift": (Outcome.FAIL, {"drift.not_comparable"}),
        "score": (Outcome.REVIEW, {"score.threshold"}),
    },
    ("2026-10-13-unknown", "2026-10-13"): {
        "geometry": (Outcome.FAIL, {"geometry.missing"}),
        "tiles": (Outcome.FAIL, {"tiles.lost"}),
    },
    ("2026-10-13-halved", "2026-10-13"): {
        "rows": (Outcome.FAIL, {"rows.change"}),
        "drift": (Outcome.FAIL, {"drift.removed"}),
        "score": (Outcome.REVIEW, {"score.threshold"}),
    },
}
REMEDIES = {
    ("2026-10-20", "size"): "approve only if it is rightly empty",
    ("2026-10-13-percent", "schema"): "Mend the file at its source",
    ("2026-10-13-duplicates", "keys"): "Give every row its own key",
    ("2026-10-13-unknown", "geometry"): "Correct the shapes at the source",
    ("2026-10-13-halved", "rows"): "if rows are missing, have the edition made again",
}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    """Carry out editions of this family in one store."""
    return Runs(tmp_path_factory.mktemp("drought"), family="ks_drought")


@pytest.mark.slow
@pytest.mark.parametrize(("edition", "over"), ENDS)
def test_an_edition_ends_as_it_should_at_every_gate(edition: str, over: str, runs: Runs) -> None:
    made = runs.manifest(edition, over=over)
    said = {
        result.gate: (result.outcome, {finding.rule for finding in result.findings})
        for result in made.gates
        if result.outcome not in {Outcome.PASS, Outcome.NOT_RUN}
    }
    assert said == ENDS[edition, over]
    for result in made.gates:
        assert REMEDIES.get((edition, result.gate), "") in result.remedy


@pytest.mark.slow
def test_a_week_is_an_asset_of_its_own_and_not_compared_with_another(runs: Runs) -> None:
    first, second = (runs.manifest(week) for week in ("2026-10-06", "2026-10-13"))
    assert (first.asset, second.asset) == ("ks_drought/2026-10-06", "ks_drought/2026-10-13")
    crossed = runs.carry_out(
        job(family="ks_drought", edition="2026-10-13", base=runs.ran("2026-10-06").manifest_digest)
    )
    failure = runs.read(crossed).failure
    assert failure is not None
    assert "The base is no edition of ks_drought/2026-10-13" in failure.message


@needs_sources
@pytest.mark.slow
@pytest.mark.parametrize(
    ("week", "asked"),
    [
        ("2012-07-31", {"rows", "drift"}),
        ("2019-05-28", {"size", "rows", "drift"}),
        ("2024-10-29", {"rows", "drift"}),
    ],
)
def test_a_real_week_is_delivered_and_looked_at_as_a_first_edition(
    week: str, asked: set[str], runs: Runs
) -> None:
    content = real(week)
    uploads = {"drought": runs.places.inbox.put(content)}
    ran = runs.carry_out(job(family="ks_drought", edition=week, partition=week, uploads=uploads))
    made = runs.read(ran)
    said = {result.gate for result in made.gates if result.outcome is Outcome.REVIEW}
    assert (ran.outcome, said) == (Outcome.REVIEW, asked)
    assert made.diff is not None
    assert len(rows(content)) == made.diff.after_rows


HISTORY = {  # added, removed, changed and the same, as counted where the data come from
    ("2024-10-22", "2024-10-29"): (16, 10, 129, 57),
    ("2024-10-29", "2024-11-05"): (48, 55, 103, 44),
    ("2025-06-03", "2025-06-10"): (2, 18, 51, 33),
    ("2025-06-10", "2025-06-17"): (2, 10, 60, 16),
    ("2023-12-26", "2024-01-02"): (0, 2, 60, 140),
    ("2010-12-28", "2011-01-04"): (9, 24, 114, 0),
}


@needs_sources
@pytest.mark.parametrize("weeks", HISTORY, ids="-".join)
def test_weeks_differ_as_they_were_counted_at_the_source(weeks: tuple[str, str]) -> None:
    before, after = (layer(real(week)) for week in weeks)
    diff = vector.compare(before, after, key="id", title="county")
    same = diff.after_rows - diff.added - diff.changed
    assert (diff.added, diff.removed, diff.changed, same) == HISTORY[weeks]


def before_gates(content: bytes) -> Iterator[GateResult]:
    """Yield what the gates before the steps say of a file."""
    seen = replace(judged.read(b""), family=FAMILY, output=FAMILY.output, inputs_read=inputs(content))
    return (GATES[name].check(seen) for name in FAMILY.gates.before)


@needs_sources
@pytest.mark.slow
def test_no_real_week_in_twenty_five_years_is_refused() -> None:
    table = pq.read_table(ALL_WEEKS)
    kinds: Counter[tuple[str, Outcome]] = Counter()
    for week in sorted(set(table["valid_date"].to_pylist())):
        content = cut(table.filter(pc.equal(table["valid_date"], week)).drop_columns(["valid_date"]))
        kinds.update((said.gate, said.outcome) for said in before_gates(content))
        assert layer(content).geometry.notna().all()
    assert set(kinds) == {(gate, Outcome.PASS) for gate in FAMILY.gates.before}
    assert set(kinds.values()) == {1248}
