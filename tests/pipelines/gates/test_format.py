"""The gate `format`."""

from dataclasses import replace

import pytest

from pipelines.formats.table import Fault
from pipelines.gates import format as format_
from pipelines.model import GateResult, Outcome
from tests.pipelines import judged

GOOD = judged.text(judged.rows("2026-09"))
FAULT = Fault(rule="truncated", message="It ends in the middle.", remedy="Fetch it again.", where="line 9")


def _check(*, faults: tuple[Fault, ...] = (), guesses: tuple[Fault, ...] = ()) -> GateResult:
    subject = judged.read(GOOD)
    counties = replace(subject.table, faults=faults, guesses=guesses)
    read = {"airports": subject.table, "counties": counties}
    return format_.check(replace(subject, inputs_read=replace(subject.inputs_read, all=read)))


def test_what_was_read_to_its_end_passes() -> None:
    result = _check()
    assert (result.outcome, result.value, result.score, result.findings) == (Outcome.PASS, 0.0, 1.0, ())


def test_a_fault_of_any_input_fails_and_says_of_which() -> None:
    result = _check(faults=(FAULT,))
    assert (result.outcome, result.score, result.evidence) == (Outcome.FAIL, 0.0, "input:counties")
    (finding,) = result.findings
    assert (finding.rule, finding.where) == ("format.truncated", "counties: line 9")
    assert result.remedy == finding.remedy == "Fetch it again."


def test_what_was_guessed_is_looked_at() -> None:
    result = _check(guesses=(replace(FAULT, where=""),))
    assert (result.outcome, result.score) == (Outcome.REVIEW, 1.0)
    assert result.findings[0].where == "counties"


@pytest.mark.parametrize("content", [b"", b"<!DOCTYPE html><title>404</title>", b"PK\x03\x04", b"II*\x00"])
def test_what_is_no_text_at_all_fails(content: bytes) -> None:
    assert format_.check(judged.read(content)).outcome is Outcome.FAIL
