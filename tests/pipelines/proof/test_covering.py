"""What an exception covers where a result does not list or measure all: never more than can be told."""

from dataclasses import asdict
from typing import Any

import pytest

from pipelines import judging
from pipelines.model import Finding, GateResult, Outcome, Phase
from pipelines.proof import exception
from tests.pipelines.proof.test_exception import GATE, scope, told


def unbounded() -> dict[str, Any]:
    return {"excuses": [told()["excuses"][0] | {"bound": None}]}


def counting(message: str) -> dict[str, Any]:
    return {**GATE["findings"][0], "message": message, "where": ""}


def listed(count: int) -> list[dict[str, Any]]:
    """Return as many findings as a manifest lists them."""
    found = Finding(rule="drift.removed", message="m", remedy="r", where="KS1")
    result = GateResult(
        gate="drift",
        phase=Phase.AFTER,
        outcome=Outcome.FAIL,
        measured="",
        limit="",
        findings=(found,) * count,
    )
    return [asdict(one) for one in judging.bounded(result).findings]


@pytest.mark.parametrize(
    ("said", "gate", "covered"),
    [
        (scope(value_worst=None), {"value": None}, True),
        ({}, {"value": None}, False),
        (unbounded(), {}, False),
        (scope(findings_max=250), {"findings": listed(250)}, True),
        (scope(findings_max=249), {"findings": listed(250)}, False),
        (scope(findings_max=101), {"findings": listed(250)}, False),
        (scope(findings_max=1000, reach="asset"), {"findings": listed(100)}, True),
        (scope(findings_max=1000, reach="asset"), {"findings": listed(250)}, False),
        (scope(findings_max=1000), {"findings": [*listed(100), listed(100)[0]]}, False),
        (scope(findings_max=1000), {"findings": [*listed(250), listed(250)[-1]]}, False),
        (
            scope(findings_max=1000),
            {"findings": [*listed(100), counting("150 more findings, 101 in all.")]},
            False,
        ),
        (
            scope(findings_max=1000),
            {"findings": [*listed(100), counting("0 more findings, 100 in all.")]},
            False,
        ),
    ],
)
def test_what_is_not_listed_or_measured_is_not_taken_for_nothing(
    said: dict[str, Any],
    gate: dict[str, Any],
    covered: bool,  # noqa: FBT001  # a column of the table
) -> None:
    assert (exception.uncovered(told(**said), GATE | gate) == ()) is covered
