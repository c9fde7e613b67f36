"""Outcomes, the worst of them, and jobs as messages."""

from itertools import product

import pytest

from pipelines.model import Job, Outcome, worst
from tests.pipelines.runs import job

ORDER = [Outcome.PASS, Outcome.REVIEW, Outcome.FAIL, Outcome.ERROR]


@pytest.mark.parametrize(("one", "other"), list(product(ORDER, repeat=2)))
def test_the_worst_of_two_outcomes_wins(one: Outcome, other: Outcome) -> None:
    assert worst([one, other]) is ORDER[max(ORDER.index(one), ORDER.index(other))]


def test_nothing_at_all_is_an_error() -> None:
    assert worst([]) is Outcome.ERROR


def test_gates_that_were_not_reached_never_count_as_passed() -> None:
    assert worst([Outcome.NOT_RUN]) is Outcome.ERROR
    assert worst([Outcome.NOT_RUN, Outcome.REVIEW]) is Outcome.REVIEW


def test_a_job_is_the_same_after_its_journey() -> None:
    sent = job(edition="2026-09", uploads={"airports": "a" * 64})
    assert Job.from_json(sent.to_json()) == sent
