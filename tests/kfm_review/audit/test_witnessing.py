"""A witness that runs: it cosigns what continues its log, and refuses another past however it is told."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from threading import Thread

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection

from kfm_review.audit import proofs, queries, sequence, witnessing
from kfm_review.audit.logkey import LogKey
from kfm_review.audit.models import Checkpoint, Conflict, Cosignature, Event
from kfm_review.audit.record import record
from kfm_review.audit.witnessing import Witness, WitnessSilent
from kfm_review.control import sequencer
from pipelines.proof import keys, merkle, note
from pipelines.witness import cosigning, request
from pipelines.witness.memory import Memory
from pipelines.witness.request import ORIGIN, WITNESS
from pipelines.witness.server import serving
from tests.kfm_review.roles import CONTROL, working_as
from tests.kfm_review.signing.governed import Governed
from tests.kfm_review.world import NOON

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
LOG = LogKey(private=Ed25519PrivateKey.generate())
OWN = Ed25519PrivateKey.generate()
KNOWN = note.Verifier(name=ORIGIN, public=LOG.private.public_key())


@pytest.fixture
def witness(tmp_path: Path) -> Iterator[Witness]:
    """Run a witness that knows our log by its key."""
    judge = cosigning.Witness(name=WITNESS, private=OWN, logs=lambda: [KNOWN], memory=Memory(tmp_path))
    server = serving(judge, port=0)
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield Witness(address=f"http://127.0.0.1:{server.server_port}", public=keys.ed25519(OWN.public_key()))
    server.shutdown()
    server.server_close()


def written(count: int) -> None:
    for number in range(count):
        record("a.b", f"person:{number}", actor=None, at=NOON)


def signed(minute: int = 0) -> Checkpoint:
    return sequence.checkpoint(now=NOON + minute * MINUTE, signer=LOG)


def shown(checkpoint: Checkpoint, to: Witness) -> Cosignature | None:
    return witnessing.show(checkpoint, to, now=NOON)


def past(triggers: str) -> None:
    """Do as the owner does who takes the triggers away first."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(triggers)
        cursor.execute("RESET session_replication_role")


def rewritten(number: int) -> None:
    """Write one line anew, with everything that follows from it: only who saw the old state can tell."""
    body = b'{"forged":true}'
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(
            "UPDATE audit_event SET body = %s, leaf_hash = encode(sha256('\\x00'::bytea || %s), 'hex')"
            " WHERE id = (SELECT event_id FROM audit_leaf WHERE number = %s)",
            [body, body, number],
        )
        cursor.execute(
            "UPDATE audit_leaf SET hash = sha256('\\x00'::bytea || %s) WHERE number = %s", [body, number]
        )
        cursor.execute("DELETE FROM audit_cosignature")
        cursor.execute("DELETE FROM audit_checkpoint")
        cursor.execute("RESET session_replication_role")


def test_each_checkpoint_that_continues_the_last_is_cosigned(witness: Witness) -> None:
    with working_as(CONTROL):
        for minute in range(3):
            written(minute * 130)
            made = shown(signed(minute), witness)
            assert made is not None
            assert note.cosigned_at(note.read(proofs.noted(made.checkpoint)), by=witness.verifier)
    assert Cosignature.objects.count() == 3
    assert queries.head(NOON + 2 * MINUTE).witnessed
    assert not queries.head(NOON + 2 * MINUTE).problems


def test_the_same_size_is_cosigned_again(witness: Witness) -> None:
    written(2)
    assert shown(signed(), witness)
    assert shown(signed(1), witness)


def test_a_rewritten_line_is_refused_and_that_is_an_alarm(witness: Witness) -> None:
    written(5)
    assert shown(signed(), witness)
    rewritten(2)
    written(3)
    assert shown(signed(1), witness) is None
    head = queries.head(NOON + MINUTE)
    assert (head.fresh, head.witnessed, head.consistent) == (True, False, False)
    assert Event.objects.filter(action="audit.refused", details={"witness": WITNESS}).count() == 1


def test_a_tree_forked_at_the_same_size_is_refused(witness: Witness) -> None:
    written(4)
    assert shown(signed(), witness)
    rewritten(3)
    assert shown(signed(1), witness) is None
    assert queries.open_conflict() is not None


def test_an_older_state_put_back_is_refused(witness: Witness) -> None:
    written(9)
    assert shown(signed(), witness)
    past(
        "DELETE FROM audit_cosignature; DELETE FROM audit_checkpoint;"
        "DELETE FROM audit_leaf WHERE number > 5;"
        "DELETE FROM audit_event WHERE id NOT IN (SELECT event_id FROM audit_leaf)"
    )
    assert shown(signed(1), witness) is None
    assert "has seen 9 leaves, this log has 6" in Conflict.objects.get().why


def test_an_alarm_ends_when_the_same_witness_cosigns_again(witness: Witness) -> None:
    written(4)
    right = signed()
    assert shown(right, witness)
    sequence.alarm(right, witness=WITNESS, why="It was another.", now=NOON)
    assert not queries.head(NOON).consistent
    assert shown(signed(1), witness)
    assert queries.head(NOON + MINUTE).consistent


def test_a_witness_that_forgot_begins_anew_and_that_is_on_record(witness: Witness, tmp_path: Path) -> None:
    written(4)
    assert shown(signed(), witness)
    for file in tmp_path.glob("*.json"):
        file.unlink()
    assert shown(signed(1), witness)
    assert Event.objects.filter(action="audit.witness-forgot").count() == 1


def test_a_witness_whose_memory_is_damaged_cosigns_nothing(witness: Witness, tmp_path: Path) -> None:
    written(4)
    assert shown(signed(), witness)
    [file] = tmp_path.glob("*.json")
    file.write_text("{")
    with pytest.raises(WitnessSilent, match="answers 500"):
        shown(signed(1), witness)
    assert Cosignature.objects.count() == 1


def test_another_key_than_the_logs_is_not_cosigned(witness: Witness) -> None:
    made = sequence.checkpoint(now=NOON, signer=LogKey(private=Ed25519PrivateKey.generate()))
    with pytest.raises(WitnessSilent, match="answers 403"):
        shown(made, witness)


def test_another_witness_than_the_known_one_counts_for_nothing(witness: Witness) -> None:
    other = keys.ed25519(Ed25519PrivateKey.generate().public_key())
    with pytest.raises(WitnessSilent, match="no cosignature"):
        shown(signed(), Witness(address=witness.address, public=other))
    assert not Cosignature.objects.exists()


def test_nobody_there_is_silence_and_no_alarm() -> None:
    nobody = Witness(address="http://127.0.0.1:9", public=keys.ed25519(OWN.public_key()))
    with pytest.raises(WitnessSilent, match="cannot be reached"):
        shown(signed(), nobody)
    assert queries.head(NOON).consistent
    assert not queries.head(NOON).witnessed


def test_every_line_has_a_proof_that_anybody_can_check(witness: Witness) -> None:
    written(140)
    shown(signed(), witness)
    for event in Event.objects.order_by("pk")[::31]:
        proof = proofs.inclusion(event.pk)
        assert proof.holds
        index, path, checkpoint = note.read_proof(proof.text)
        told = note.read(checkpoint)
        note.verify(told, by=KNOWN)
        said = note.checkpoint(told.text)
        merkle.check_inclusion(
            merkle.leaf_hash(bytes(event.body)), index=index, size=said.size, proof=path, root=said.root
        )
        assert note.cosigned_at(told, by=witness.verifier)


def test_a_line_that_was_rewritten_is_not_proved() -> None:
    written(5)
    signed()
    event = Event.objects.order_by("pk")[2]
    past(f"UPDATE audit_event SET body = '{{}}' WHERE id = {event.pk}")  # noqa: S608  # a number of ours
    assert not proofs.inclusion(event.pk).holds


def test_two_checkpoints_are_shown_to_continue_one_another() -> None:
    written(5)
    first = signed()
    written(60)
    second = signed(1)
    shown_ = proofs.consistency(second.pk, first.pk)
    merkle.check_consistency(
        first=5,
        second=65,
        first_root=bytes.fromhex(first.root),
        second_root=bytes.fromhex(second.root),
        proof=shown_.path,
    )
    asked = request.read(shown_.text.encode())
    assert (asked.old, asked.said.size, asked.proof) == (5, 65, shown_.path)


def test_a_key_that_the_roster_does_not_list_signs_nothing(governed: Governed, witness: Witness) -> None:
    assert governed.root_key
    with working_as(CONTROL):
        assert not sequencer.sign(LOG, witness, now=NOON)
    assert not Checkpoint.objects.exists()


def test_without_a_roster_control_signs_and_has_it_cosigned(witness: Witness) -> None:
    with working_as(CONTROL):
        assert sequencer.sign(LOG, witness, now=NOON)
    assert Cosignature.objects.count() == 1
