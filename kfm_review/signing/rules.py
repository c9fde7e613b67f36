"""What may be signed in which namespace, and what a key must be to be enrolled."""

import re
from datetime import datetime, timedelta

from kfm_review.accounts.roles import Held, Role
from kfm_review.errors import Invalid, NotAllowed, NotPossible
from pipelines import attestation
from pipelines.proof import exception, roster, standing

ENROLMENT = "enrolment@kfm-review"
NAMESPACES = {
    "roster": roster.NAMESPACE,
    "exception": exception.NAMESPACE,
    "revocation": exception.NAMESPACE,
    "standing-approval": standing.NAMESPACE,
}
SPACES = tuple(sorted({*NAMESPACES.values(), attestation.NAMESPACE}))
PREDICATE = "urn:kfm:predicate:{}:1"
KINDS = ("passkey", "ssh")
SIGNERS = ("governance", "publisher")  # the roles in which people's keys may count
NAME = re.compile(r"[^\x00-\x1f\x7f]{1,80}")
LONGEST_VALIDITY = timedelta(days=2 * 366)
SIGNED_WITHIN = timedelta(days=7)
LONGEST_WHY = 1000  # signs, of what is signed with it


def check_name(name: str) -> str:
    """Return what a key is called, without blanks around it."""
    said = " ".join(name.split())
    if not NAME.fullmatch(said):
        raise Invalid("The key needs a name.", next_step="Say which device it is, in at most 80 signs.")
    return said


def check_validity(*, until: datetime, now: datetime) -> datetime:
    """Refuse a key that never ends, or has ended."""
    if not now < until <= now + LONGEST_VALIDITY:
        raise Invalid(
            "A key is valid until a day to come.",
            cause=f"{until:%Y-%m-%d} is past, or more than {LONGEST_VALIDITY.days} days away.",
            next_step="Choose a day within two years; a new key can be enrolled then.",
        )
    return until


def check_may_sign(held: Held) -> None:
    """Refuse whoever is not of governance at this moment, whatever a roster still says of the key."""
    if not any(role == Role.GOVERNANCE for role, _ in held):
        raise NotAllowed(
            "You may not sign.",
            cause="It takes the role of governance, and you do not hold it now.",
            next_step="Ask somebody of governance to sign.",
        )


def check_fresh(*, prepared_at: datetime, now: datetime) -> None:
    """Refuse to sign what was prepared long ago: what it rests on may have changed."""
    if not prepared_at <= now < prepared_at + SIGNED_WITHIN:
        raise NotPossible(
            "This statement is too old to be signed.",
            cause=f"It was prepared at {prepared_at:%Y-%m-%d %H:%M} UTC and waited over a week.",
            next_step="Have it prepared anew from the same page.",
        )
