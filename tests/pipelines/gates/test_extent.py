"""The gate `extent`."""

import pytest

from pipelines.gates import extent
from pipelines.model import Outcome
from tests.pipelines import judged


@pytest.mark.parametrize(
    ("outside", "outcome"), [(0, Outcome.PASS), (1, Outcome.REVIEW), (3, Outcome.REVIEW), (4, Outcome.FAIL)]
)
def test_few_points_outside_are_looked_at_and_many_fail(outside: int, outcome: Outcome) -> None:
    content = judged.changed("2026-09", lambda n, row: {**row, "lat": "41.5"} if n < outside else row)
    result = extent.check(judged.read(content))
    assert result.outcome is outcome
    assert result.value == pytest.approx(1 - outside / 334)


def test_points_outside_are_named() -> None:
    content = judged.changed("2026-09", lambda n, row: {**row, "lon": "-80"} if n == 0 else row)
    assert extent.check(judged.read(content)).findings[0].where == "00AA"


def test_nothing_to_measure_is_no_pass() -> None:
    header = judged.text(judged.rows("2026-09")).split(b"\n")[0]
    assert extent.check(judged.read(header)).outcome is Outcome.FAIL
