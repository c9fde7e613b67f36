"""Asking gates and summing up."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from pipelines import judging
from pipelines.family import Quality
from pipelines.model import Finding, GateResult, Outcome, Phase
from tests.pipelines import judged
from tests.pipelines.runs import Runs, job

TERMS = Quality(threshold=0.9, floor=0.5, weights={"crs": 1, "keys": 3})


def _said(*scores: tuple[str, Outcome, float | None]) -> list[GateResult]:
    return [
        GateResult(gate=gate, phase=Phase.AFTER, outcome=outcome, measured="", limit="", score=score)
        for gate, outcome, score in scores
    ]


@pytest.mark.parametrize(
    ("scores", "outcome", "value"),
    [
        ((1.0, 1.0), Outcome.PASS, 1.0),
        ((0.6, 1.0), Outcome.PASS, 0.9),
        ((0.2, 1.0), Outcome.REVIEW, 0.8),
        ((0.5, 0.5), Outcome.REVIEW, 0.5),
        ((1.0, 0.3), Outcome.FAIL, 0.475),
    ],
)
def test_the_score_is_the_weighted_mean_held_against_threshold_and_floor(
    scores: tuple[float, float], outcome: Outcome, value: float
) -> None:
    result, score = judging.score(
        _said(("crs", Outcome.PASS, scores[0]), ("keys", Outcome.PASS, scores[1])), TERMS
    )
    assert result.outcome is outcome
    assert result.value == pytest.approx(value)
    assert score is not None
    assert score.value == result.value


@pytest.mark.parametrize(
    "results",
    [
        _said(("crs", Outcome.PASS, 1.0)),
        _said(("crs", Outcome.PASS, 1.0), ("keys", Outcome.ERROR, None)),
        _said(("crs", Outcome.PASS, 1.0), ("keys", Outcome.NOT_RUN, None)),
        _said(("crs", Outcome.PASS, 1.0), ("keys", Outcome.PASS, None)),
        _said(("crs", Outcome.REVIEW, None), ("keys", Outcome.REVIEW, None)),
        [],
    ],
)
def test_a_gate_without_a_score_makes_the_sum_an_error(results: Sequence[GateResult]) -> None:
    result, score = judging.score(results, TERMS)
    assert (result.outcome, result.findings[0].rule, score) == (Outcome.ERROR, "score.missing", None)


def test_what_had_nothing_to_compare_with_is_left_out_of_the_mean() -> None:
    result, _ = judging.score(_said(("crs", Outcome.PASS, 0.6), ("keys", Outcome.REVIEW, None)), TERMS)
    assert result.value == 0.6


def test_a_gate_nobody_knows_or_of_another_phase_is_an_error() -> None:
    gates = replace(judged.FAMILY.gates, before=("encoding", "smell", "keys"))
    subject = judged.read(b"icao\n1\n", family=replace(judged.FAMILY, gates=gates))
    encoding, smell, keys = judging.ask(subject, phase=Phase.BEFORE)
    assert (encoding.outcome, smell.outcome, keys.outcome) == (Outcome.PASS, Outcome.ERROR, Outcome.ERROR)


def test_a_gate_that_breaks_is_an_error_and_silences_no_other() -> None:
    numbers = {**judged.FAMILY.expectations, "size": {}}
    subject = judged.read(b"icao\n1\n", family=replace(judged.FAMILY, expectations=numbers))
    said = {result.gate: result.outcome for result in judging.ask(subject, phase=Phase.BEFORE)}
    assert said["size"] is Outcome.ERROR
    assert set(said) == set(judged.FAMILY.gates.before)


def test_what_a_gate_says_of_a_hostile_input_fits_into_a_manifest() -> None:
    loud = Finding(rule="keys.twice", message="x" * 10_000, remedy="Mend it.", where="y" * 10_000)
    (said,) = _said(("keys", Outcome.FAIL, 0.0))
    result = judging.bounded(replace(said, measured="z" * 10_000, findings=(loud,) * 1000))
    assert (len(result.measured), len(result.findings)) == (2000, 101)
    assert {len(one.where) for one in result.findings[:-1]} == {500}
    assert result.findings[-1].message == "900 more findings, 1,000 in all."


def test_no_control_character_of_an_input_gets_into_what_people_read() -> None:
    (said,) = _said(("keys", Outcome.REVIEW, 0.5))
    sly = Finding(rule="keys.reused", message="was A\x00 \x1b[31m \u202eB", remedy="Look.", where="A\x00")
    (finding,) = judging.bounded(replace(said, findings=(sly,))).findings
    assert (finding.message, finding.where) == ("was A\ufffd \ufffd[31m \ufffdB", "A\ufffd")


@pytest.mark.parametrize(
    "key", ["K" * 5000, "\u202e99KS", "<script>alert(1)</script>", '"); drop table', "\x1b[31m"]
)
def test_a_hostile_key_ends_as_a_finding_in_a_manifest_that_can_be_read(runs: Runs, key: str) -> None:
    content = judged.changed("2026-09", lambda n, row: {**row, "icao": key} if n < 2 else row)
    asked = job(edition="2027-01", uploads={"airports": runs.places.inbox.put(content)})
    made = runs.read(runs.carry_out(asked))
    assert (made.outcome, made.failure) == (Outcome.FAIL, None)
    schema = made.result("schema")
    assert schema is not None
    assert [one.rule for one in schema.findings] == ["schema.pattern"]


def test_only_failures_and_errors_stop_a_run() -> None:
    assert not judging.stops(_said(("crs", Outcome.REVIEW, 0.5)))
    assert judging.stops(_said(("crs", Outcome.FAIL, 0.0)))
    assert judging.stops(_said(("crs", Outcome.ERROR, None)))


def test_gates_that_said_nothing_are_listed_as_not_run() -> None:
    rest = judging.not_reached(judged.FAMILY, _said(("crs", Outcome.FAIL, 0.0)))
    assert {result.outcome for result in rest} == {Outcome.NOT_RUN}
    assert {result.gate for result in rest} == set(judged.FAMILY.gates.listed) - {"crs"}
