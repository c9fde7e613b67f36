"""The gate `schema`."""

from dataclasses import replace

import pytest

from pipelines.gates import schema
from pipelines.model import GateResult, Outcome
from tests.pipelines import judged

GOOD = judged.text(judged.rows("2026-09"))
FIRST = b"00AA,,Aero B Ranch Airport,Leoti,Kansas,US,3435,38.704022,-101.473911,America/Chicago,00AA\n"


def _check(content: bytes) -> GateResult:
    return schema.check(judged.read(content))


def _rules(result: GateResult) -> set[str]:
    return {finding.rule for finding in result.findings}


@pytest.mark.parametrize("edition", ["2024-10", "2025-09", "2026-09", "2026-09-swapped", "2026-09-halved"])
def test_the_columns_and_cells_of_real_editions_fit(edition: str) -> None:
    result = _check(judged.text(judged.rows(edition)))
    assert (result.outcome, result.value, result.score) == (Outcome.PASS, 0.0, 1.0)


@pytest.mark.parametrize(
    ("row", "rule", "where"),
    [
        (FIRST.replace(b"3435", b"high"), "schema.type", "line 2, elevation"),
        (FIRST.replace(b"3435", b"NaN"), "schema.type", "line 2, elevation"),
        (FIRST.replace(b"3435", b"90000"), "schema.range", "line 2, elevation"),
        (FIRST.replace(b"38.704022", b""), "schema.empty", "line 2, lat"),
        (FIRST.replace(b"38.704022", b"38,704"), "schema.ragged", "line 2"),
        (FIRST.replace(b"00AA,", b"00 AA,", 1), "schema.pattern", "line 2, icao"),
        (FIRST.replace(b"America/Chicago", b"CST"), "schema.enum", "line 2, tz"),
        (FIRST.replace(b",US,", b","), "schema.ragged", "line 2"),
        (b"\n" + FIRST, "schema.ragged", "line 2"),
    ],
)
def test_a_cell_or_line_that_does_not_fit_is_named(row: bytes, rule: str, where: str) -> None:
    assert FIRST in GOOD
    result = _check(GOOD.replace(FIRST, row))
    assert result.outcome is Outcome.FAIL
    assert (rule, where) in {(finding.rule, finding.where) for finding in result.findings}


def test_no_row_is_lost_whatever_its_cells() -> None:
    ragged = GOOD.replace(b",US,", b",", 5)
    table = judged.read(ragged).table
    assert (table.rows.num_rows, len(table.ragged)) == (334, 5)


def test_quotes_may_hold_commas_and_line_ends_and_lines_are_still_counted() -> None:
    quoted = GOOD.replace(b"Aero B Ranch Airport", b'"Aero, ""B""\r\nRanch"', 1).replace(
        b",Arland Airport", b"", 1
    )
    table = judged.read(quoted).table
    assert table.texts("name")[0].as_py() == 'Aero, "B"\r\nRanch'
    assert table.ragged[0].line == 4


def test_an_open_quote_ends_reading_and_says_so() -> None:
    assert "schema.broken" in _rules(_check(GOOD + b'"open'))


def test_missing_twice_and_unasked_columns_are_told_apart() -> None:
    head, rest = GOOD.split(b"\n", 1)
    assert "schema.missing" in _rules(_check(head.replace(b"lat", b"latitude") + b"\n" + rest))
    assert "schema.twice" in _rules(_check(head.replace(b"iata", b"icao") + b"\n" + rest))
    more = b"\n".join(line + b",x" for line in GOOD.splitlines())
    assert _check(more).outcome is Outcome.REVIEW


@pytest.mark.parametrize("content", [b"", b"\n", GOOD.split(b"\n")[0]])
def test_nothing_to_judge_is_a_failure(content: bytes) -> None:
    assert _check(content).outcome is Outcome.FAIL


def test_a_cell_is_named_by_what_its_file_counts() -> None:
    subject = judged.read(GOOD.replace(b"3435", b"high", 1))
    table = replace(subject.table, unit="feature", lines=range(1, 335))
    read = replace(subject.inputs_read, all={"airports": table})
    (finding,) = schema.check(replace(subject, inputs_read=read)).findings
    assert finding.where == "feature 1, elevation"
