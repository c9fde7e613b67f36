"""What may be asked, who may sign, and what later runs say: the rules alone, without a database."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kfm_review.errors import Invalid, NotAllowed, NotPossible
from kfm_review.waivers import rules
from kfm_review.waivers.rules import Asked
from pipelines import policy

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
FOUND = {"rule": "count.low", "where": "KS1"}


def gate(**more: Any) -> dict[str, Any]:
    told = {"gate": "count", "outcome": "FAIL", "findings": [FOUND], "value": 0.5, "bound": 0.1}
    return told | more


def asked(**more: Any) -> Asked:
    told: dict[str, Any] = {
        "kind": "QUALITY_THRESHOLD",
        "gates": ["count"],
        "reason_code": "MINOR_DEFECT",
        "justification": "Known.",
        "reach": "manifest",
        "keys": (),
        "area": (),
        "findings_max": None,
        "value_worst": None,
        "expires_at": NOW + timedelta(days=9),
        "obligations": (),
    }
    return Asked(**(told | more))


def check(failing: dict[str, Any] | None = None, **more: Any) -> Any:
    gates = [failing or gate()]
    return rules.check_asked(asked(**more), gates=gates, policy=policy.numbers("exceptions"), now=NOW)


@pytest.mark.parametrize("worst", [float("nan"), float("inf"), float("-inf")])
def test_the_worst_value_is_a_number(worst: float) -> None:
    with pytest.raises(Invalid, match="no number"):
        check(value_worst=worst)


def test_named_features_cover_all_that_failed() -> None:
    assert check(keys=("KS1",)) == (gate(),)
    with pytest.raises(Invalid, match="do not cover"):
        check(keys=("KS2",))


@pytest.mark.parametrize("keys", [[f"K{n}" for n in range(1001)], ["KS1", "K" * 201]])
def test_no_more_features_are_named_than_a_statement_holds(keys: list[str]) -> None:
    with pytest.raises(Invalid, match="At most 1,000 features can be named, each in at most 200"):
        check(keys=keys)


def test_fewer_findings_than_stand_help_nobody() -> None:
    with pytest.raises(Invalid, match="1 findings stand now"):
        check(findings_max=0)


@pytest.mark.parametrize(("value", "bound", "worst"), [(0.5, 0.1, 0.4), (0.5, 0.1, 0.01), (0.5, 0.8, 0.9)])
def test_a_worst_value_covers_what_stands_now_and_lies_on_its_side(
    value: float, bound: float, worst: float
) -> None:
    with pytest.raises(Invalid, match="count stands at"):
        check(gate(value=value, bound=bound), value_worst=worst)


def test_unless_less_is_typed_what_is_seen_now_is_the_worst() -> None:
    told = rules.scope(asked(), [gate()])
    assert (told["findings_max"], told["value_worst"], told["keys"]) == (1, "0.5", None)


@pytest.mark.parametrize("lacks", ["value", "bound"])
def test_a_worst_value_takes_a_gate_with_a_number_and_a_bound(lacks: str) -> None:
    silent = gate(**{lacks: None})
    with pytest.raises(Invalid, match="takes a gate that measures"):
        check(silent, value_worst=0.5)
    assert check(silent) == (silent,)
    assert rules.scope(asked(), [silent])["value_worst"] is None


def test_findings_that_are_not_listed_count_too() -> None:
    many = gate(
        findings=[FOUND | {"message": "m"}] * 100 + [FOUND | {"message": "150 more findings, 250 in all."}]
    )
    assert rules.scope(asked(), [many])["findings_max"] == 250
    with pytest.raises(Invalid, match="250 findings stand now"):
        check(many, findings_max=101)
    with pytest.raises(NotPossible, match="one manifest only"):
        check(many, reach="asset")
    unsaid = gate(findings=[FOUND | {"message": "m"}] * 101)
    with pytest.raises(NotPossible, match="cannot be excused"):
        check(unsaid)


@pytest.mark.parametrize("actor", [1, 2, 3])
def test_requester_author_and_decider_do_not_sign(actor: int) -> None:
    rules.check_signer(actor=4, requester=1, author=2, deciders=[3])
    with pytest.raises(NotAllowed):
        rules.check_signer(actor=actor, requester=1, author=2, deciders=[3])


def test_a_later_run_says_whether_it_is_needed() -> None:
    assert rules.need([gate(outcome="PASS")], {}, excused=["count"]) == "not needed"
    assert rules.need([gate()], {"count": ()}, excused=["count"]) == "still needed"
    assert rules.need([gate()], {"count": ("worse",)}, excused=["count"]) == "exceeded"


@pytest.mark.parametrize("outcome", ["ERROR", "NOT_RUN"])
def test_beside_what_broke_nothing_is_excused(outcome: str) -> None:
    assert "only a new run" in rules.why_not([gate(), gate(gate="other", outcome=outcome)], never=())
