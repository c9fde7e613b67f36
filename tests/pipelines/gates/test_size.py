"""The gate `size`."""

import pytest

from pipelines.gates import size
from pipelines.model import Outcome
from tests.pipelines import judged

ROWS = judged.rows("2026-09")


@pytest.mark.parametrize(
    ("count", "outcome"), [(0, Outcome.FAIL), (1, Outcome.PASS), (5000, Outcome.PASS), (5001, Outcome.FAIL)]
)
def test_the_number_of_rows_is_believed_within_its_bounds(count: int, outcome: Outcome) -> None:
    content = judged.text((ROWS * 15)[: max(count, 1)])
    result = size.check(judged.read(content if count else content.split(b"\n")[0]))
    assert (result.outcome, result.value) == (outcome, float(count))
