"""Airports of Kansas: where samples come from, how faulty ones were made, and how each edition ends."""

import csv
import io
from pathlib import Path

import pytest

from pipelines.diff import vector
from pipelines.families.ks_airports.samples import make
from pipelines.model import Outcome
from tests.pipelines import judged
from tests.pipelines.runs import Runs

SAMPLES = Path(make.__file__).parent
SOURCES = Path(__file__).parents[3] / "shared" / "data" / "ks_airports"
needs_sources = pytest.mark.skipif(not SOURCES.is_dir(), reason="../shared/data/ks_airports is not here")
ORIGINAL = (SAMPLES / "2026-09.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize("rule", make.RULES)
def test_a_faulty_edition_is_what_its_rule_makes_of_the_real_one(rule: str) -> None:
    assert (SAMPLES / f"2026-09-{rule}.csv").read_text(encoding="utf-8") == make.made(ORIGINAL, rule)


@pytest.mark.parametrize(
    ("rule", "rows"),
    [("header-only", 0), ("swapped", 334), ("halved", 167), ("duplicates", 351), ("pixels", 334)],
)
def test_the_rules_take_and_give_as_many_rows_as_they_say(rule: str, rows: int) -> None:
    assert len(list(csv.DictReader(io.StringIO(make.made(ORIGINAL, rule))))) == rows


def test_the_two_older_editions_are_the_same() -> None:
    assert (SAMPLES / "2024-10.csv").read_bytes() == (SAMPLES / "2025-09.csv").read_bytes()


@needs_sources
@pytest.mark.parametrize(
    ("edition", "release"), [("2024-10", "20241001"), ("2025-09", "20250909"), ("2026-09", "20260905")]
)
def test_a_sample_is_the_source_byte_by_byte(edition: str, release: str) -> None:
    assert (SAMPLES / f"{edition}.csv").read_bytes() == (SOURCES / f"ks_airports_{release}.csv").read_bytes()


@needs_sources
@pytest.mark.parametrize("release", ["20250909", "20260905"])
def test_the_source_is_kansas_in_the_whole_release(release: str) -> None:
    with (SOURCES / "full" / f"airports_{release}.csv").open(encoding="utf-8", newline="") as stream:
        kansas = [row for row in csv.DictReader(stream) if (row["country"], row["subd"]) == ("US", "Kansas")]
    with (SOURCES / f"ks_airports_{release}.csv").open(encoding="utf-8", newline="") as stream:
        assert list(csv.DictReader(stream)) == kansas


HISTORY = {  # added, removed, and changed or moved, as counted where the data come from
    ("20201106", "20211228"): (0, 0, 0),  # 331 differ, but only in how the same number is written
    ("20211228", "20221121"): (71, 74, 257),
    ("20221121", "20231230"): (0, 0, 23),
    ("20231230", "20241001"): (5, 5, 320),
    ("20241001", "20250909"): (0, 0, 0),
    ("20250909", "20260905"): (19, 13, 311),
}


def _with_all_columns(name: str) -> bytes:
    """Return a source's file; until 2021 it had no column `lid`."""
    with (SOURCES / name).open(encoding="utf-8", newline="") as stream:
        return judged.text([{**row, "lid": row.get("lid", "")} for row in csv.DictReader(stream)])


@needs_sources
@pytest.mark.parametrize("releases", HISTORY, ids="-".join)
def test_six_years_of_changes_are_counted_as_they_were_at_the_source(releases: tuple[str, str]) -> None:
    before, after = (judged.layer(_with_all_columns(f"ks_airports_{one}.csv")) for one in releases)
    diff = vector.compare(before, after, key="icao", title="name")
    assert (diff.added, diff.removed, diff.changed + diff.moved) == HISTORY[releases]


ENDS: dict[str, dict[str, tuple[Outcome, list[str]]]] = {
    "2025-09": {},
    "2026-09": {
        "keys": (Outcome.REVIEW, ["keys.reused"]),
        "drift": (Outcome.REVIEW, ["drift.moved", "drift.decimals_only"]),
    },
    "2026-09-header-only": {
        "size": (Outcome.FAIL, ["size.rows"]),
        "schema": (Outcome.FAIL, ["schema.no_rows"]),
        "crs": (Outcome.FAIL, ["crs.empty"]),
        "extent": (Outcome.FAIL, ["extent.outside"]),
    },
    "2026-09-swapped": {
        "crs": (Outcome.FAIL, ["crs.swapped"]),
        "extent": (Outcome.FAIL, ["extent.outside"]),
    },
    "2026-09-pixels": {
        "crs": (Outcome.FAIL, ["crs.implausible"]),
        "extent": (Outcome.FAIL, ["extent.outside"]),
    },
    "2026-09-halved": {
        "rows": (Outcome.FAIL, ["rows.change"]),
        "keys": (Outcome.REVIEW, ["keys.reused"]),
        "drift": (Outcome.FAIL, ["drift.removed", "drift.moved"]),
        "score": (Outcome.REVIEW, ["score.threshold"]),
    },
    "2026-09-duplicates": {
        "keys": (Outcome.FAIL, ["keys.twice"] * 17),
        "geometry": (Outcome.REVIEW, ["geometry.same_place"]),
        "drift": (Outcome.FAIL, ["drift.not_comparable"]),
        "score": (Outcome.REVIEW, ["score.threshold"]),
    },
}
REMEDIES = {
    ("2026-09", "keys"): "if the key now names another thing, say so when you approve",
    ("2026-09-header-only", "size"): "Look whether the file was cut off",
    ("2026-09-swapped", "crs"): "Exchange the two coordinate columns",
    ("2026-09-pixels", "crs"): "Deliver the coordinates in the declared system",
    ("2026-09-halved", "rows"): "if rows are missing, have the edition made again",
    ("2026-09-duplicates", "keys"): "Give every row its own key",
}


@pytest.mark.parametrize("edition", ENDS)
def test_an_edition_ends_as_it_should_at_every_gate(edition: str, runs: Runs) -> None:
    made = runs.manifest(edition, over="2024-10")
    said = {
        result.gate: (result.outcome, [finding.rule for finding in result.findings])
        for result in made.gates
        if result.outcome not in {Outcome.PASS, Outcome.NOT_RUN}
    }
    assert said == ENDS[edition]


@pytest.mark.parametrize(("edition", "gate"), REMEDIES)
def test_the_gate_that_finds_it_says_what_to_do(edition: str, gate: str, runs: Runs) -> None:
    result = runs.manifest(edition, over="2024-10").result(gate)
    assert result is not None
    assert REMEDIES[edition, gate] in result.remedy
    assert REMEDIES[edition, gate] in result.findings[0].remedy


def test_most_of_what_changed_in_2026_differs_in_nothing_but_its_place_and_that_in_decimals() -> None:
    before, after = (judged.layer((SAMPLES / f"{one}.csv").read_bytes()) for one in ("2025-09", "2026-09"))
    diff = vector.compare(before, after, key="icao", title="name")
    changed = [change for change in diff.changes if change.kind == "changed"]
    place = [one for one in changed if [column.name for column in one.columns] == ["geometry"]]
    assert (len(changed), len(place), diff.decimals_only) == (299, 289, 281)
