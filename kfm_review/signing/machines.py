"""What machines signed, judged against the current roster, and whether it must be signed."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from pipelines import attestation, policy
from pipelines.attestation import NotAttested
from pipelines.model import Json


class Forged(Exception):
    """A machine's word is not signed as it must be, or not about what it came with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A statement that counts, and the fingerprint of its key; none where none is due."""

    statement: Json
    key: str


def read(envelope: bytes, *, role: str, now: datetime) -> Signed:  # noqa: ARG001  # the roster is not there yet
    """Return the statement in an envelope, if a live key of that role signed it.

    Raises:
        Forged: it is unsigned where a signature is due, or its signature does not count.
    """
    try:
        found = attestation.opened(envelope)
    except NotAttested as cause:
        raise Forged(str(cause)) from cause
    if not found.signed_by:
        if required():
            raise Forged(f"Nobody signed it, and here it counts only with a key whose role is {role}.")
        return Signed(statement=found.statement, key="")
    raise NotImplementedError


def required() -> bool:
    """Answer whether a machine's word counts only when it is signed."""
    return settings.KFM_ENV not in policy.numbers("signatures")["unsigned_in"]
