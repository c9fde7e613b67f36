"""Hostile and broken files: each ends as it should, says where and what to do, and costs little."""

import io
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pipelines.model import Outcome
from tests.families.hostile import airports, ends, make
from tests.families.hostile.conftest import Table
from tests.families.hostile.ends import Ended
from tests.families.hostile.expected import ENDS, SLOW, End

SECONDS_AT_MOST, MIB_AT_MOST = 10, 400
FILES = [pytest.param(name, marks=pytest.mark.slow if name in SLOW else ()) for name in make.FILES]


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("hostile")


def test_every_file_has_its_end() -> None:
    assert set(ENDS) == set(make.FILES)


@pytest.mark.parametrize("name", FILES)
def test_a_file_ends_as_it_should_says_what_to_do_and_costs_little(
    name: str, store: Path, table: Table
) -> None:
    content, must = make.FILES[name](), ENDS[name]
    ended = ends.ended(name, content, store=store)
    table.add(name, f"{len(content):,}", *_told(ended, must))
    assert (ended.outcome, ended.rows) == (must.outcome, must.rows)
    assert not must.rule or (must.rule, must.where) in {
        (finding.rule, finding.where) for _, finding in ended.findings
    }
    assert not [gate.gate for gate in ended.gates if gate.outcome is Outcome.ERROR]
    assert all(finding.message and finding.remedy for _, finding in ended.findings)
    assert all(gate.remedy for gate in ended.gates if gate.outcome in {Outcome.FAIL, Outcome.REVIEW})
    assert ended.seconds < SECONDS_AT_MOST
    assert ended.mib < MIB_AT_MOST


def _told(ended: Ended, must: End) -> tuple[str, ...]:
    remedy = next((found.remedy for _, found in ended.findings if found.rule == must.rule), "")
    rows = "–" if ended.rows is None else f"{ended.rows:,}"
    measured = (f"{ended.seconds:5.2f} s", f"{ended.mib} MiB")
    return str(ended.outcome), must.rule, must.where, remedy, rows, *measured


@pytest.mark.parametrize(
    ("name", "texts"), [("formulas.csv", airports.FORMULAS), ("markup.csv", airports.MARKUP)]
)
def test_texts_stand_in_the_data_as_they_were_delivered(
    name: str, texts: tuple[str, ...], store: Path
) -> None:
    kept = pq.read_table(io.BytesIO(ends.data(name, make.FILES[name](), store=store)))
    assert kept["name"].to_pylist()[: len(texts)] == list(texts)
