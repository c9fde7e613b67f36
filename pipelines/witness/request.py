"""What a log sends to a witness: the old size, a proof, a signed checkpoint; written and read here."""

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.errors import NotProved
from pipelines.proof import note

OLD = re.compile(r"old (0|[1-9][0-9]{0,18})")
ORIGIN, WITNESS = "kfm-review/audit", "kfm-review/witness"  # the names of the log and its witness
PROOF_AT_MOST = 63
HASH = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What somebody wants to have cosigned, and why it should continue what is known."""

    old: int
    proof: tuple[bytes, ...]
    told: note.Note
    said: note.Checkpoint


def write(*, old: int, proof: Sequence[bytes], checkpoint: str) -> bytes:
    """Return the body of a request."""
    hashes = "".join(f"{base64.b64encode(one).decode()}\n" for one in proof)
    return f"old {old}\n{hashes}\n{checkpoint}".encode()


def read(body: bytes) -> Asked:
    """Return what a request asks for, unverified; refuse what is not exactly one."""
    try:
        head, blank, checkpoint = body.decode("utf-8").partition("\n\n")
    except UnicodeDecodeError as cause:
        raise NotProved("The request is not UTF-8.") from cause
    first, *hashes = head.split("\n")
    old = OLD.fullmatch(first)
    if old is None or not blank or len(hashes) > PROOF_AT_MOST:
        raise NotProved("An old size, at most 63 hashes, an empty line and a checkpoint are expected.")
    told = note.read(checkpoint)
    return Asked(old=int(old[1]), proof=tuple(map(_hash, hashes)), told=told, said=note.checkpoint(told.text))


def _hash(line: str) -> bytes:
    try:
        found = base64.b64decode(line, validate=True)
    except (binascii.Error, ValueError) as cause:
        raise NotProved("A hash of the proof is not base64.") from cause
    if len(found) != HASH or base64.b64encode(found).decode() != line:
        raise NotProved("A hash of the proof is not one of 32 bytes.")
    return found
