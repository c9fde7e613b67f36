"""The chain of rosters as it is kept: verified from the pinned root whenever it is read."""

from datetime import datetime, timedelta
from functools import lru_cache

from django.conf import settings

from kfm_review.errors import NotPossible
from kfm_review.signing.models import Roster as Row
from pipelines.errors import NotProved
from pipelines.proof import chain, envelope, roster
from pipelines.proof.roster import Roster

UNPINNED = ("local", "test")  # where a root may be trusted because it was there first


class Forged(NotPossible):
    """The rosters in the database do not follow from the root."""


AHEAD = timedelta(minutes=5)  # as far as clocks may differ


def current() -> Roster | None:
    """Return the newest version, if there is any; refuse a chain that does not hold."""
    versions = kept()
    return versions[-1] if versions else None


def kept() -> tuple[Roster, ...]:
    """Return every version, verified, the first to the last."""
    signed = envelopes()
    return _verified(signed, _root(signed[0])) if signed else ()


def envelopes() -> tuple[bytes, ...]:
    """Return every version as it was signed."""
    return tuple(bytes(row.envelope) for row in Row.objects.order_by("version"))


def followed(signed: bytes) -> Roster:
    """Return the roster of an envelope if it follows the current one; refuse it with the reason."""
    before = current()
    try:
        root = _root(signed) if before is None else before.root
        return chain.follow(before, signed, root=root)
    except NotProved as cause:
        raise NotPossible(
            "This roster does not count.", cause=str(cause), next_step="Propose a new version, and sign that."
        ) from cause


def adopt(signed: bytes, *, now: datetime) -> Roster:
    """Keep the next version; every process judges by it from now on."""
    found = followed(signed)
    if found.issued_at > now + AHEAD:
        raise NotPossible(
            "This roster does not count.",
            cause=f"It says that it was issued at {found.issued_at.isoformat()}, which is yet to come.",
            next_step="Propose a new version, and sign that.",
        )
    Row.objects.create(version=found.version, digest=found.digest, envelope=signed, at=now)
    return found


def _root(first: bytes) -> str:
    """Return the root to trust: the pinned one; on one's own machine, where none is, the one it names.

    Raises:
        Forged: none is pinned, so that whoever writes to the database could bring a root of his own.
    """
    if settings.KFM_ROOT:
        return str(settings.KFM_ROOT)
    if settings.KFM_ENV not in UNPINNED:
        raise Forged(
            "No root is pinned, so no roster counts.",
            cause=f"KFM_ROOT is not set, and KFM_ENV is {settings.KFM_ENV}.",
            next_step="Set KFM_ROOT to the fingerprint that `manage.py roster init` printed.",
        )
    try:
        return roster.parse(envelope.read(first).payload).root
    except NotProved as cause:
        raise _broken(cause) from cause


@lru_cache(maxsize=4)
def _verified(signed: tuple[bytes, ...], root: str) -> tuple[Roster, ...]:
    try:
        return chain.verify_chain(signed, root=root)
    except NotProved as cause:
        raise _broken(cause) from cause


def _broken(cause: NotProved) -> Forged:
    return Forged(
        "The roster cannot be trusted.",
        cause=str(cause),
        next_step="Nothing is signed or promoted until it is restored from the copies people hold.",
    )
