"""The promotion policy is asked with all facts, and whatever is no clear yes refuses."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from kfm_review.releases import judging, rules
from kfm_review.releases.rules import Proof
from pipelines import rego
from pipelines.errors import PolicyBroken
from tests.kfm_review.journey import Journey
from tests.kfm_review.releases.test_rules import ALL, FACTS


def without(name: str) -> dict[str, Proof]:
    return {other: proof for other, proof in ALL.items() if other != name}


def test_what_is_proved_is_allowed_and_names_its_bundle() -> None:
    said, told = judging.judge(FACTS, ALL)
    assert said.holds, said.evidence
    assert said.evidence.endswith(f"bundle sha256:{told['judgement']['bundle'][:8]}")
    assert told["judgement"]["allowed"] is True


@pytest.mark.parametrize("name", [name for name in rules.REQUIRED if name != judging.CHECK])
def test_policy_refuses_what_lacks_any_one_check(name: str) -> None:
    said, told = judging.judge(FACTS, without(name))
    assert (said.holds, told["judgement"]["allowed"]) == (False, False)
    assert "closure" in said.evidence


@pytest.mark.parametrize(
    "wrong",
    [
        {"outcome": "ERROR"},
        {"label": "quarantine"},
        {"channel": "restricted"},
        {"held_by": "Pia"},
        {"base": "c" * 64},
        {"embargo": "2030-01-01"},
        {"withdrawn": True},
        {"needed": 2},
        {"review_status": "open"},
        {"sovereignty_assessed": False},
    ],
)
def test_policy_refuses_a_wrong_fact_even_where_every_check_says_that_it_holds(wrong: dict[str, Any]) -> None:
    assert not judging.judge(replace(FACTS, **wrong), ALL)[0].holds


def test_an_engine_that_breaks_refuses_and_stops_the_promotion(
    journey: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    promotion = journey.queued()
    monkeypatch.setattr(rego, "engine", _broken())
    failed = journey.carry_out(promotion)
    assert (failed.status, failed.failure) == ("failed", "The promotion policy allows it: It cannot be read.")


def _broken() -> Callable[[], rego.Engine]:
    def engine() -> rego.Engine:
        raise PolicyBroken("It cannot be read.")

    return engine
