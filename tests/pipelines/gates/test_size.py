"""The gate `size`."""

from dataclasses import replace

import pytest

from pipelines.formats.table import Fault
from pipelines.gates import schema, size
from pipelines.model import Outcome
from pipelines.subject import Subject
from tests.pipelines import judged

ROWS = judged.rows("2026-09")
HEADER = judged.text(ROWS[:1]).split(b"\n")[0]


@pytest.mark.parametrize(
    ("count", "outcome"), [(0, Outcome.FAIL), (1, Outcome.PASS), (5000, Outcome.PASS), (5001, Outcome.FAIL)]
)
def test_the_number_of_rows_is_believed_within_its_bounds(count: int, outcome: Outcome) -> None:
    content = judged.text((ROWS * 15)[:count]) if count else HEADER
    result = size.check(judged.read(content))
    assert (result.outcome, result.value) == (outcome, float(count))


def _may_be_empty(content: bytes) -> Subject:
    expectations = {**judged.FAMILY.expectations, "size": {"rows_min": 0, "rows_max": 5}}
    return judged.read(content, family=replace(judged.FAMILY, expectations=expectations))


def test_where_nothing_may_be_right_a_person_must_say_so() -> None:
    subject = _may_be_empty(HEADER)
    result = size.check(subject)
    assert (result.outcome, [one.rule for one in result.findings]) == (Outcome.REVIEW, ["size.empty"])
    assert "rightly empty" in result.findings[0].message
    assert "approve only if" in result.remedy
    assert schema.check(subject).outcome is Outcome.PASS


def test_a_file_without_even_a_header_is_never_rightly_empty() -> None:
    assert schema.check(_may_be_empty(b"")).outcome is Outcome.FAIL


def test_what_could_not_be_read_is_never_rightly_empty() -> None:
    subject = _may_be_empty(HEADER)
    unread = replace(subject.table, faults=(Fault(rule="x", message="x", remedy="x"),))
    read = replace(subject.inputs_read, all={"airports": unread})
    result = size.check(replace(subject, inputs_read=read))
    assert (result.outcome, result.findings[0].rule) == (Outcome.FAIL, "size.rows")


def test_where_nothing_may_be_right_something_is_judged_as_ever() -> None:
    assert size.check(_may_be_empty(judged.text(ROWS[:1]))).outcome is Outcome.PASS
    assert size.check(_may_be_empty(judged.text(ROWS[:6]))).outcome is Outcome.FAIL
