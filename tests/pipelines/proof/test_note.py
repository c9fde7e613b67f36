"""Notes, checkpoints, cosignatures and proofs: as the published vector, and refused when changed."""

import base64
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pipelines.errors import NotProved
from pipelines.proof import merkle, note

VECTOR = Path(__file__).parents[4] / "shared" / "vectors" / "signed-note" / "go-sumdb-note.json"
LOG, WITNESS = (
    Ed25519PrivateKey.from_private_bytes(b"l" * 32),
    Ed25519PrivateKey.from_private_bytes(b"w" * 32),
)
BY_LOG = note.Verifier(name="kfm-review/audit", public=LOG.public_key())
BY_WITNESS = note.Verifier(name="kfm-review/witness", public=WITNESS.public_key(), kind=note.COSIGNATURE)
LEAVES = [merkle.leaf_hash(bytes([number])) for number in range(5)]
HEAD = note.Checkpoint(origin="kfm-review/audit", size=5, root=merkle.root(LEAVES))


def judged(content: str) -> datetime:
    read = note.read(content)
    note.verify(read, by=BY_LOG)
    return note.cosigned_at(read, by=BY_WITNESS)


def signed() -> str:
    lines = (
        note.sign(HEAD.text, name=BY_LOG.name, private=LOG),
        note.cosign(HEAD.text, name=BY_WITNESS.name, private=WITNESS, at=1_700_000_000),
    )
    return note.written(HEAD.text, lines)


@pytest.mark.skipif(not VECTOR.is_file(), reason="the published vectors are not beside us")
def test_the_published_note_is_signed_byte_for_byte() -> None:
    told = json.loads(VECTOR.read_text())
    by = note.verifier(told["verifier_key"])
    seed = base64.b64decode(told["signer_key"].split("+", 4)[4])[1:]
    line = note.sign(told["text"], name=by.name, private=Ed25519PrivateKey.from_private_bytes(seed))
    assert line == told["signature_line"]
    whole = note.written(told["text"], [line])
    note.verify(note.read(whole), by=by)
    assert by.text == told["verifier_key"]


def test_a_checkpoint_comes_back_with_who_saw_it() -> None:
    read = note.read(signed())
    note.verify(read, by=BY_LOG)
    assert note.cosigned_at(read, by=BY_WITNESS) == datetime.fromtimestamp(1_700_000_000, tz=UTC)
    assert note.checkpoint(read.text) == HEAD


def test_no_sign_of_a_note_can_be_changed() -> None:
    sound = signed()
    for at in range(len(sound)):
        broken = sound[:at] + ("A" if sound[at] != "A" else "B") + sound[at + 1 :]
        with pytest.raises(NotProved):
            judged(broken)


@pytest.mark.parametrize(
    "text", ["", "a\n", "a\nb\n", "log\n05\nAAAA\n", "log\n-1\nAAAA\n", "log\n1\nAAAA\n"]
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(NotProved):
        note.checkpoint(text)


def test_a_proof_comes_back_and_leads_to_the_root() -> None:
    text = note.proof(index=3, path=merkle.inclusion(LEAVES, index=3), checkpoint=signed())
    index, path, checkpoint = note.read_proof(text)
    head = note.checkpoint(note.read(checkpoint).text)
    merkle.check_inclusion(LEAVES[3], index=index, size=head.size, proof=path, root=head.root)
    with pytest.raises(NotProved):
        merkle.check_inclusion(LEAVES[2], index=index, size=head.size, proof=path, root=head.root)


@pytest.mark.parametrize(
    "text", ["", "x\nindex 1\n\ny", f"{note.PROOF}\nindex 01\n\ny", f"{note.PROOF}\n\ny"]
)
def test_what_is_no_proof_is_refused(text: str) -> None:
    with pytest.raises(NotProved):
        note.read_proof(text)
