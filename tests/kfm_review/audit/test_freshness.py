"""How fresh the audit record is, by signatures of keys that count, and never by what a row says."""

from datetime import datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kfm_review.audit import queries, sequence
from kfm_review.audit.logkey import LogKey
from kfm_review.audit.models import Checkpoint, Cosignature
from pipelines.errors import NotProved
from pipelines.proof import keys, note
from pipelines.proof.keys import PublicKey
from pipelines.witness.request import WITNESS
from tests.kfm_review.roles import CONTROL, working_as
from tests.kfm_review.world import NOON

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
LOG = LogKey(private=Ed25519PrivateKey.generate())
OWN = Ed25519PrivateKey.generate()


def signed(minute: int = 0) -> Checkpoint:
    return sequence.checkpoint(now=NOON + minute * MINUTE, signer=LOG)


def listed(fingerprint: str, role: str, _: datetime) -> PublicKey:
    """Look keys up as on a roster that lists our two."""
    found = {"sequencer": LOG.private.public_key(), "witness": OWN.public_key()}[role]
    if keys.ed25519(found).fingerprint != fingerprint:
        raise NotProved("It is not on the roster.")
    return keys.ed25519(found)


def cosigned(of: Checkpoint, at: datetime, *, told: datetime = NOON) -> Cosignature:
    """Keep what a witness signed at one time, and the row says of another."""
    text = note.read(of.note).text
    line = note.cosign(text, name=WITNESS, private=OWN, at=int(at.timestamp()))
    key = keys.ed25519(OWN.public_key()).fingerprint
    return Cosignature.objects.create(checkpoint=of, witness=WITNESS, key=key, line=line, at=told)


def test_signatures_of_listed_keys_are_believed() -> None:
    cosigned(signed(), NOON)
    assert queries.head(NOON, key_of=listed).problems == ()


@pytest.mark.parametrize("minutes", [-4, -60 * 24, 1])
def test_an_old_checkpoint_that_the_log_dates_anew_is_not_fresh(minutes: int) -> None:
    with working_as(CONTROL):
        cosigned(signed(), NOON + minutes * MINUTE)
    assert queries.head(NOON).witnessed  # by what the rows say
    found = queries.head(NOON, key_of=listed)
    assert (found.fresh, found.witnessed) == (True, False)
    assert "No witness" in found.problems[0]


def test_a_checkpoint_that_is_witnessed_again_long_after_is_not_fresh() -> None:
    cosigned(signed(-9), NOON)
    signed()
    found = queries.head(NOON, key_of=listed)
    assert (found.fresh, found.witnessed) == (True, False)


def test_a_witness_whose_key_ended_before_it_signed_is_not_believed() -> None:
    def ended(fingerprint: str, role: str, at: datetime) -> PublicKey:
        if role == "witness" and at > NOON - MINUTE:
            raise NotProved("It ended.")
        return listed(fingerprint, role, at)

    cosigned(signed(), NOON, told=NOON - 2 * MINUTE)
    assert queries.head(NOON, key_of=listed).witnessed
    assert not queries.head(NOON, key_of=ended).witnessed


def test_a_time_that_there_is_not_is_no_time() -> None:
    made = signed()
    line = note.cosign(note.read(made.note).text, name=WITNESS, private=OWN, at=2**63)
    key = keys.ed25519(OWN.public_key()).fingerprint
    Cosignature.objects.create(checkpoint=made, witness=WITNESS, key=key, line=line, at=NOON)
    assert not queries.head(NOON, key_of=listed).witnessed


def test_rows_without_a_true_signature_are_not_believed_whoever_wrote_them() -> None:
    made = signed()
    key = keys.ed25519(OWN.public_key()).fingerprint
    other = note.cosign(note.read(made.note).text, name=WITNESS, private=LOG.private, at=1)
    with working_as(CONTROL):
        Cosignature.objects.create(checkpoint=made, witness=WITNESS, key=key, line=other, at=NOON)
    assert queries.head(NOON).witnessed
    assert not queries.head(NOON, key_of=listed).witnessed


def test_a_checkpoint_by_another_key_is_not_believed() -> None:
    sequence.checkpoint(now=NOON, signer=LogKey(private=Ed25519PrivateKey.generate()))
    assert queries.head(NOON).fresh
    assert not queries.head(NOON, key_of=listed).fresh
