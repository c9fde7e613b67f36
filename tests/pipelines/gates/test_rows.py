"""The gate `rows`."""

from dataclasses import replace

import pytest

from pipelines.gates import rows
from pipelines.model import Outcome
from tests.pipelines import judged

BASE = judged.rows("2025-09")


@pytest.mark.parametrize(
    ("count", "outcome"),
    [
        (328, Outcome.PASS),
        (300, Outcome.PASS),
        (290, Outcome.REVIEW),
        (197, Outcome.REVIEW),
        (196, Outcome.FAIL),
    ],
)
def test_a_change_in_number_is_held_against_the_base(count: int, outcome: Outcome) -> None:
    result = rows.check(judged.made(judged.text(BASE[:count]), over=judged.text(BASE)))
    assert result.outcome is outcome
    assert result.value == pytest.approx((328 - count) / 328)


def test_a_first_edition_has_nothing_to_compare_with_and_is_looked_at() -> None:
    result = rows.check(judged.made(judged.text(BASE), over=None))
    assert (result.outcome, result.score, result.findings[0].rule) == (Outcome.REVIEW, None, "rows.first")


def test_a_row_that_the_steps_lose_fails() -> None:
    subject = judged.made(judged.text(BASE), over=judged.text(BASE))
    fewer = replace(subject, made=replace(subject.product, layer=subject.product.frame[1:]))
    result = rows.check(fewer)
    assert (result.outcome, result.score, result.findings[0].rule) == (Outcome.FAIL, 0.0, "rows.lost")
