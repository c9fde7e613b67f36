"""Airports of Kansas: the samples and the rules by which the faulty ones were made."""

import csv
import io
from pathlib import Path

import pytest

from pipelines.families.ks_airports.samples import make

SAMPLES = Path(make.__file__).parent
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
