"""What a worker signed: anything but its own word about its own attempt is refused, and people are told."""

from typing import Any

import pytest

from kfm_review.audit.models import Event
from kfm_review.control import results
from kfm_review.errors import NotPossible
from kfm_review.releases import attested
from kfm_review.releases.models import Attestation, Hold
from kfm_review.runs.models import Run
from kfm_review.signing.machines import Forged
from pipelines import attestation, digest
from tests.kfm_review.journey import Journey, events
from tests.kfm_review.keyring import Keyring


def signed(
    journey: Journey, run: Run, *, key: attestation.Key | None, other: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Return what a worker reports of a run, with the statement that a key signed, or another one."""
    message = journey.result(run)
    job = journey.job(run)
    said = {
        "run": job.run,
        "attempt": job.attempt,
        "pool": "light",
        "family": job.family,
        "code_digest": digest.code(),
    }
    subjects = {name: message[name] for name in ("manifest", "prov")}
    for name, value in (other or {}).items():
        (subjects if name in subjects else said)[name] = value
    kind = str(said.pop("kind", attestation.ATTEMPT))
    payload = attestation.statement(kind, subjects=subjects, predicate=said)
    return {**message, "attestation": journey.store.put(attestation.sealed(payload, key=key))}


def refused(journey: Journey, run: Run, message: dict[str, Any]) -> str:
    """Report a result that must be refused; return what people read on the hold."""
    results.act(message, now=journey.now())
    run.refresh_from_db()
    held = Hold.objects.get(asset=run.asset)
    assert (run.status, run.manifest, held.set_by) == ("requested", None, None)
    assert events("result") == ["result.forged"]
    assert Event.objects.get(action="result.forged").why == held.why
    assert not Attestation.objects.exists()
    return held.why


def test_a_result_that_its_worker_signed_is_taken_and_its_statement_kept(
    journey: Journey, keyring: Keyring
) -> None:
    run = journey.ask()
    results.act(signed(journey, run, key=keyring.private["worker"]), now=journey.now())
    run.refresh_from_db()
    kept = Attestation.objects.get()
    assert (run.status, kept.run_id, kept.attempt) == ("recorded", run.pk, 1)
    assert attested.check(run, now=journey.now()) == (kept.key, kept.digest)


@pytest.mark.parametrize(
    ("key", "why"),
    [
        ("elsewhere", "has not the role pool:light"),
        ("verify", "has not the role pool:light"),
        ("stranger", "it counts for nothing"),
        ("", "counts only with the signature of one machine"),
    ],
)
def test_only_a_key_of_that_very_pool_counts(journey: Journey, keyring: Keyring, key: str, why: str) -> None:
    private = keyring.stranger if key == "stranger" else keyring.private.get(key)
    run = journey.ask()
    assert why in refused(journey, run, signed(journey, run, key=private))


@pytest.mark.parametrize(
    ("other", "why"),
    [
        ({"manifest": "0" * 64}, "names other bytes than came with it"),
        ({"prov": "0" * 64}, "names other bytes than came with it"),
        ({"run": "01890a5d-ac96-774b-bcce-b302099a8057"}, "of another run, attempt or pool"),
        ({"attempt": 2}, "of another run, attempt or pool"),
        ({"pool": "elsewhere"}, "of another run, attempt or pool"),
        ({"family": "ks_relief"}, "of another run, attempt or pool"),
        ({"kind": attestation.VERIFICATION}, "does not speak of an attempt"),
        ({"more": 1}, "does not speak of an attempt"),
    ],
)
def test_a_signature_on_anything_else_is_forged(
    journey: Journey, keyring: Keyring, other: dict[str, Any], why: str
) -> None:
    run = journey.ask()
    assert why in refused(journey, run, signed(journey, run, key=keyring.private["worker"], other=other))


def test_a_result_without_any_statement_is_forged_where_machines_sign(
    journey: Journey,
    keyring: Keyring,  # noqa: ARG001  # machines sign
) -> None:
    run = journey.ask()
    assert "It came without a signature." in refused(journey, run, journey.result(run))


def test_a_statement_that_is_not_in_the_store_is_forged(
    journey: Journey,
    keyring: Keyring,  # noqa: ARG001  # machines sign
) -> None:
    run = journey.ask()
    message = {**journey.result(run), "attestation": "0" * 64}
    assert "cannot be read" in refused(journey, run, message)


def test_a_changed_envelope_is_forged(journey: Journey, keyring: Keyring) -> None:
    run = journey.ask()
    message = signed(journey, run, key=keyring.private["worker"])
    content = journey.store.read(message["attestation"]).replace(b'"sig":"U1NIU0lH', b'"sig":"U1NIU0lI')
    message["attestation"] = journey.store.put(content)
    assert "no SSH signature" in refused(journey, run, message)


def test_whoever_does_not_know_the_attempt_s_secret_cannot_even_have_the_asset_held(
    journey: Journey, keyring: Keyring
) -> None:
    run = journey.ask()
    message = {**signed(journey, run, key=keyring.stranger), "secret": "guessed"}
    with pytest.raises(NotPossible, match="does not know the secret"):
        results.act(message, now=journey.now())
    assert not Hold.objects.exists()


def test_a_key_that_was_retired_since_no_longer_proves_what_it_signed(
    journey: Journey, keyring: Keyring
) -> None:
    run = journey.ask()
    results.act(signed(journey, run, key=keyring.private["worker"]), now=journey.now())
    run.refresh_from_db()
    keyring.roster = keyring.without("worker", at=journey.now())
    with pytest.raises(Forged, match="It was stolen"):
        attested.check(run, now=journey.now())


def test_a_run_that_nobody_signed_for_is_refused_once_a_roster_stands(
    journey: Journey, keyring: Keyring
) -> None:
    assert keyring.roster.keys
    with pytest.raises(Forged, match="No worker signed"):
        attested.check(journey.ask(), now=journey.now())


def test_without_a_roster_what_comes_unsigned_is_taken_only_where_policy_lets_it(
    journey: Journey, settings: Any
) -> None:
    run = journey.ask()
    results.act(journey.result(run), now=journey.now())
    assert attested.check(run, now=journey.now()) == ("", "")
    settings.KFM_ENV = "production"
    with pytest.raises(Forged, match="No worker signed"):
        attested.check(run, now=journey.now())
    again = journey.ask("2026-09")
    results.act(journey.result(again), now=journey.now())
    assert Hold.objects.filter(asset=again.asset).exists()
