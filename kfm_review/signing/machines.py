"""What machines signed, judged against the current roster, and whether it must be signed."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from kfm_review.signing import rosters
from pipelines import attestation, digest, policy
from pipelines.errors import NotProved
from pipelines.proof import keys, signers
from pipelines.proof.envelope import Statement
from pipelines.proof.roster import Roster


class Forged(Exception):
    """A machine's word is not signed as it must be, or not about what it came with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A statement that counts, and the fingerprint of its key; none where none is due."""

    statement: Statement
    key: str


def read(content: bytes, *, role: str, now: datetime) -> Signed:
    """Return the statement in an envelope, if a live key of that role signed it.

    Raises:
        Forged: it is unsigned where a signature is due, or its signature does not count.
    """
    known = current()
    try:
        found = attestation.opened(content)
        if not required(known):
            return Signed(statement=found.statement, key="")
        key = signers.machine(found.signed_by, role=role, known=known, at=now)
    except NotProved as cause:
        raise Forged(str(cause)) from cause
    return Signed(statement=found.statement, key=key.fingerprint)


def check_own(*, role: str, now: datetime) -> None:
    """Refuse to go on without a key of one's own that counts, where machines must sign."""
    if not due():
        return
    try:
        key = attestation.own_key()
        mine = () if key is None else (keys.ed25519(key.public_key()).fingerprint,)
        signers.machine(mine, role=role, known=current(), at=now)
    except (NotProved, OSError) as cause:
        raise Forged(str(cause)) from cause


def unchanged(kept: bytes | memoryview, *, name: str) -> bytes:
    """Return the bytes that were kept under a digest; refuse others."""
    content = bytes(kept)
    if digest.of(content) != name:
        raise Forged("What is kept of a signature is not what came in.")
    return content


def current() -> Roster | None:
    """Return the roster that counts now, if there is one; a chain that does not hold lets nothing count."""
    try:
        return rosters.current()
    except rosters.Forged as broken:
        raise Forged(str(broken)) from broken


def due() -> bool:
    """Answer whether a machine's word counts only when it is signed."""
    return required(current())


def required(known: Roster | None) -> bool:
    """Answer it for a roster: once there is one, everywhere; without, where policy does not let it be."""
    return known is not None or settings.KFM_ENV not in policy.numbers("signatures")["unsigned_in"]
