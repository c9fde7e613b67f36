"""The gate `drift`."""

from pipelines.gates import drift
from pipelines.model import Outcome
from tests.pipelines import judged

OLD, NEW = (judged.text(judged.rows(edition)) for edition in ("2024-10", "2026-09"))


def test_nothing_changed_passes() -> None:
    result = drift.check(judged.made(judged.text(judged.rows("2025-09")), over=OLD))
    assert (result.outcome, result.score, result.findings) == (Outcome.PASS, 1.0, ())


def test_the_real_changes_are_looked_at_and_decimals_are_counted_apart() -> None:
    result = drift.check(judged.made(NEW, over=OLD))
    assert result.outcome is Outcome.REVIEW
    assert (
        result.measured == "19 added, 13 removed, 12 moved, 18 changed, 281 changed in decimals only, of 328"
    )
    assert {finding.rule for finding in result.findings} == {"drift.moved", "drift.decimals_only"}


def test_most_of_the_rows_gone_fails() -> None:
    result = drift.check(judged.made(judged.text(judged.rows("2026-09-halved")), over=OLD))
    assert (result.outcome, result.findings[0].rule) == (Outcome.FAIL, "drift.removed")


def test_everything_elsewhere_fails() -> None:
    shifted = judged.changed("2024-10", lambda _, row: {**row, "lon": f"{float(row['lon']) + 0.01:.5f}"})
    assert drift.check(judged.made(shifted, over=OLD)).outcome is Outcome.FAIL


def test_a_first_edition_has_nothing_to_compare_with_and_is_looked_at() -> None:
    result = drift.check(judged.made(OLD, over=None))
    assert (result.outcome, result.score, result.findings[0].rule) == (Outcome.REVIEW, None, "drift.first")


def test_what_cannot_be_compared_fails() -> None:
    result = drift.check(judged.made(judged.text(judged.rows("2026-09-duplicates")), over=OLD))
    assert (result.outcome, result.score, result.findings[0].rule) == (
        Outcome.FAIL,
        0.0,
        "drift.not_comparable",
    )
