"""Whether checkpoints and cosignatures are signed by keys that counted in their roles at that time."""

from collections.abc import Callable
from datetime import datetime

from kfm_review.audit.models import Checkpoint, Cosignature
from pipelines.errors import NotProved
from pipelines.proof import note, roster
from pipelines.proof.keys import PublicKey
from pipelines.witness.request import ORIGIN, WITNESS

KeyOf = Callable[[str, str, datetime], PublicKey]  # fingerprint, role, moment; raises NotProved


def check_checkpoint(kept: Checkpoint, key_of: KeyOf) -> None:
    """Refuse a checkpoint that no sequencer signed as its row has it."""
    told = note.read(kept.note)
    said = note.checkpoint(told.text)
    key = key_of(kept.key, roster.SEQUENCER, kept.at)
    note.verify(told, by=note.Verifier(name=ORIGIN, public=key.ed25519()))
    if (said.origin, said.size, said.root.hex()) != (ORIGIN, kept.size, kept.root):
        raise NotProved("It was signed for another tree than its row says.")


def cosigned_at(kept: Cosignature, key_of: KeyOf) -> datetime:
    """Return when a witness saw a checkpoint, by what it signed; refuse what no witness gave for it."""
    key = key_of(kept.key, roster.WITNESS, kept.at)
    by = note.Verifier(name=WITNESS, public=key.ed25519(), kind=note.COSIGNATURE)
    at = note.cosigned_at(note.read(kept.checkpoint.note + kept.line), by=by)
    key_of(kept.key, roster.WITNESS, at)
    return at
