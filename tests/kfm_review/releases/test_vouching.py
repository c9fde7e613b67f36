"""What vouches for a promotion is looked at again, as it stands at the moment of the flip."""

import hashlib
from collections.abc import Callable
from typing import Any

import pytest

from kfm_review.audit import queries as audit
from kfm_review.audit.models import Event
from kfm_review.releases import catalog
from kfm_review.releases.models import Attestation, Promotion, Verification
from kfm_review.runs.models import Current
from kfm_review.signing import machines
from pipelines import attestation
from tests.kfm_review.journey import Journey
from tests.kfm_review.keyring import Keyring
from tests.kfm_review.releases.vouched import found, head, rewrite, wrong


def test_what_is_signed_recorded_and_sequenced_is_published(
    journey: Journey, signed: Promotion, keyring: Keyring
) -> None:
    assert wrong(signed, journey) == {}
    said = found(signed, journey)
    assert machines.required(keyring.roster)
    assert said["recorded"].evidence.startswith("rita, reviewer: event ")
    assert journey.carry_out(signed).status == "done"


def test_an_approval_that_no_event_tells_of_does_not_count(journey: Journey, signed: Promotion) -> None:
    rewrite("audit_event", "action = 'review.forged' WHERE action = 'review.decided'")
    assert wrong(signed, journey) == {"recorded": "No event tells of the approval by rita."}


def test_an_event_about_another_decision_does_not_count(journey: Journey, signed: Promotion) -> None:
    event = Event.objects.get(action="review.decided")
    body = bytes(event.body).replace(b'"approve"', b'"abstain"')
    rewrite("audit_event", "body = %s WHERE id = %s", body, event.pk)
    assert wrong(signed, journey) == {"recorded": "No event tells of the approval by rita."}


def test_an_approval_counts_once_its_event_is_under_the_signed_head(
    journey: Journey, signed: Promotion, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = Event.objects.get(action="review.decided").leaf.number
    monkeypatch.setattr(audit, "head", lambda now, **_: head(number))  # noqa: ARG005  # always
    assert "not under the signed head" in wrong(signed, journey)["recorded"]


def test_an_event_that_was_changed_since_it_was_numbered_does_not_count(
    journey: Journey, signed: Promotion
) -> None:
    leaf = hashlib.sha256(b"something else").digest()
    rewrite("audit_leaf", "hash = %s", leaf)
    assert "not under the signed head" in wrong(signed, journey)["recorded"]


@pytest.mark.parametrize("lacks", ["fresh", "witnessed", "consistent"])
def test_a_log_that_is_stale_unwitnessed_or_inconsistent_stops_everything(
    journey: Journey, signed: Promotion, monkeypatch: pytest.MonkeyPatch, lacks: str
) -> None:
    told = head(Event.objects.count(), **{lacks: False, "problems": (f"It is not {lacks}.",)})
    monkeypatch.setattr(audit, "head", lambda now, **_: told)  # noqa: ARG005  # always
    assert wrong(signed, journey) == {"audit": f"It is not {lacks}."}


@pytest.mark.parametrize(
    ("table", "check"),
    [("releases_attestation", "signature"), ("releases_verification", "reproduced")],
)
def test_a_signature_that_was_changed_where_it_is_kept_counts_no_more(
    journey: Journey, signed: Promotion, keyring: Keyring, table: str, check: str
) -> None:
    kept: Any = Attestation if check == "signature" else Verification
    payload = attestation.opened(bytes(kept.objects.get().envelope)).statement.content
    name = "worker" if check == "signature" else "verify"
    again = attestation.sealed(payload + b"", key=keyring.private[name]) + b" "
    rewrite(table, "envelope = %s", again)
    assert wrong(signed, journey) == {check: "What is kept of a signature is not what came in."}


def after_publishing(monkeypatch: pytest.MonkeyPatch, act: Callable[[], Any]) -> None:
    """Pause between the first judgement and the flip, and let something happen there."""
    publish = catalog.publish_release

    def paused(promotion: Promotion, **more: Any) -> dict[str, str]:
        act()
        return publish(promotion, **more)

    monkeypatch.setattr(catalog, "publish_release", paused)


@pytest.mark.parametrize(("machine", "check"), [("worker", "signed by a machine"), ("verify", "second run")])
def test_a_key_that_is_retired_between_approval_and_flip_wins(  # what the flip rests on
    journey: Journey,
    signed: Promotion,
    keyring: Keyring,
    monkeypatch: pytest.MonkeyPatch,
    machine: str,
    check: str,
) -> None:
    def stolen() -> None:
        keyring.roster = keyring.without(machine, at=journey.now())

    after_publishing(monkeypatch, stolen)
    failed = journey.carry_out(signed)
    assert (failed.status, Current.objects.exists()) == ("failed", False)
    assert check in failed.failure
    assert "It was stolen" in failed.failure
