"""Show a checkpoint to the witness, and keep what it says: a cosignature, or that it refuses the tree."""

import http.client
import re
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from urllib.parse import urlsplit

from kfm_review.audit import sequence, tiles
from kfm_review.audit.models import Checkpoint, Cosignature
from kfm_review.audit.record import record
from pipelines.errors import NotProved
from pipelines.proof import note
from pipelines.proof.keys import PublicKey
from pipelines.witness import request
from pipelines.witness.cosigning import SIZE

PATIENCE_S = 5.0
LONGEST = 4096
TRIES = 3
KNOWN = re.compile(r"(0|[1-9][0-9]{0,18})\n")


class WitnessSilent(Exception):
    """The witness gave no answer that says anything about the tree."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness:
    """Where a witness answers, and the key by which it is known."""

    address: str
    public: PublicKey

    @property
    def verifier(self) -> note.Verifier:
        """Return what its cosignatures are held against."""
        return note.Verifier(name=request.WITNESS, public=self.public.ed25519(), kind=note.COSIGNATURE)


def show(checkpoint: Checkpoint, witness: Witness, *, now: datetime) -> Cosignature | None:
    """Have a checkpoint cosigned; where the witness knows another past, raise the alarm.

    Raises:
        WitnessSilent: it cannot be reached, or says something that is neither.
    """
    old = cosigned = _cosigned(witness)
    for _ in range(TRIES):
        if old > checkpoint.size:
            why = f"It has seen {old} leaves, this log has {checkpoint.size}: an older state was put back."
            sequence.alarm(checkpoint, witness=request.WITNESS, why=why, now=now)
            return None
        status, words, kind = _ask(witness, _body(checkpoint, old=old))
        known = KNOWN.fullmatch(words) if status == HTTPStatus.CONFLICT and kind == SIZE else None
        if status == HTTPStatus.OK:
            return _kept(checkpoint, witness, words, now=now)
        if status == HTTPStatus.UNPROCESSABLE_ENTITY:
            sequence.alarm(checkpoint, witness=request.WITNESS, why=words.strip(), now=now)
            return None
        if known is None:
            raise WitnessSilent(f"The witness answers {status}: {words.strip()[:200]}")
        old = int(known[1])
        if old < cosigned:
            _forgot(checkpoint, had=cosigned, has=old, now=now)
    raise WitnessSilent("The witness names another size each time it is asked.")


def _body(checkpoint: Checkpoint, *, old: int) -> bytes:
    proof = tiles.kept(checkpoint.size).consistency(old, checkpoint.size)
    return request.write(old=old, proof=proof, checkpoint=checkpoint.note)


def _ask(witness: Witness, body: bytes) -> tuple[int, str, str]:
    """Return status, words and kind of the answer."""
    address = urlsplit(witness.address)
    secure = address.scheme == "https"
    kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    connection = kind(address.hostname or "", address.port, timeout=PATIENCE_S)
    try:
        connection.request("POST", f"{address.path.rstrip('/')}/add-checkpoint", body=body)
        answer = connection.getresponse()
        words = answer.read(LONGEST).decode("utf-8", errors="replace")
        return answer.status, words, answer.headers.get("Content-Type", "")
    except (OSError, http.client.HTTPException) as cause:
        raise WitnessSilent(f"The witness at {witness.address} cannot be reached: {cause}") from cause
    finally:
        connection.close()


def _kept(checkpoint: Checkpoint, witness: Witness, line: str, *, now: datetime) -> Cosignature:
    """Keep a cosignature that is true."""
    try:
        note.cosigned_at(note.read(checkpoint.note + line), by=witness.verifier)
    except NotProved as cause:
        raise WitnessSilent(f"What the witness answers is no cosignature: {cause}") from cause
    key = witness.public.fingerprint
    made, _ = Cosignature.objects.get_or_create(
        checkpoint=checkpoint, key=key, defaults={"witness": request.WITNESS, "line": line, "at": now}
    )
    return made


def _cosigned(witness: Witness) -> int:
    """Return how many leaves the newest checkpoint had that this key cosigned."""
    newest = Cosignature.objects.filter(key=witness.public.fingerprint).order_by("-checkpoint_id").first()
    return newest.checkpoint.size if newest else 0


def _forgot(checkpoint: Checkpoint, *, had: int, has: int, now: datetime) -> None:
    why = f"It cosigned {had} leaves and now knows {has}: its memory was put back or begun anew."
    record("audit.witness-forgot", f"audit:{checkpoint.pk}", actor=None, at=now, why=why)
