"""What tests of releases may ask for: machines with keys on a roster, where all must be signed."""

from datetime import timedelta

import pytest
from pytest_django import Settings

from kfm_review.audit import queries as audit
from kfm_review.audit import sequence
from kfm_review.audit.models import Event
from kfm_review.people import rosters
from kfm_review.releases.models import Attestation, Promotion
from kfm_review.signing import machines
from pipelines import attestation, digest
from tests.kfm_review import world
from tests.kfm_review.journey import Journey
from tests.kfm_review.keyring import Keyring
from tests.kfm_review.releases.vouched import head
from tests.pipelines.bundle import signers


@pytest.fixture
def keyring(monkeypatch: pytest.MonkeyPatch) -> Keyring:
    """Let a roster stand, so that what machines say counts only when it is signed."""
    made = Keyring()
    monkeypatch.setattr(machines, "current", lambda: made.roster)
    return made


@pytest.fixture
def signed(journey: Journey, keyring: Keyring, monkeypatch: pytest.MonkeyPatch) -> Promotion:
    """Return a verified promotion for which all that must be signed is."""
    with monkeypatch.context() as before:
        before.setattr(machines, "current", lambda: None)
        journey.decide(review := journey.review())
    run = review.run
    payload = attestation.statement(
        attestation.ATTEMPT,
        subjects={"manifest": str(run.manifest_id), "prov": str(run.prov_digest)},
        predicate={
            "run": str(run.pk),
            "attempt": 1,
            "pool": "light",
            "family": run.asset.family,
            "code_digest": digest.code(),
        },
    )
    envelope = attestation.sealed(payload, key=keyring.private["worker"])
    Attestation.objects.create(
        run=run, attempt=1, envelope=envelope, digest=digest.of(envelope), key="k", at=journey.now()
    )
    world.recorded(journey.reviewer)
    sequence.sequence()
    monkeypatch.setattr(audit, "head", lambda now, **_: head(Event.objects.count()))  # noqa: ARG005  # always
    return journey.promoted(review, key=keyring.private["verify"])


@pytest.fixture
def house(journey: Journey, settings: Settings) -> Journey:
    """Let a roster stand that was signed by its root, and by a person."""
    settings.KFM_ROOT = signers.ROOT_FINGERPRINT
    for hours, version in enumerate(signers.rosters()):
        rosters.bring(version, now=signers.MORNING + timedelta(hours=hours))
    world.recorded(journey.reviewer)
    return journey
