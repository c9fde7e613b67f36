"""The chain of rosters as it is kept: verified from the pinned root whenever it is read."""

from datetime import datetime
from functools import lru_cache

from django.conf import settings

from kfm_review.errors import NotPossible
from kfm_review.signing.models import Roster as Row
from pipelines.errors import NotProved
from pipelines.proof import chain, envelope, roster
from pipelines.proof.roster import Roster


class Forged(NotPossible):
    """The rosters in the database do not follow from the root."""


def current() -> Roster | None:
    """Return the newest version, if there is any; refuse a chain that does not hold."""
    versions = kept()
    return versions[-1] if versions else None


def kept() -> tuple[Roster, ...]:
    """Return every version, verified, the first to the last."""
    envelopes = tuple(bytes(row.envelope) for row in Row.objects.order_by("version"))
    return _verified(envelopes, settings.KFM_ROOT) if envelopes else ()


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
    Row.objects.create(version=found.version, digest=found.digest, envelope=signed, at=now)
    return found


def _root(signed: bytes) -> str:
    """Return the root to trust for a first version: the pinned one, or, where none is, the one it names."""
    return settings.KFM_ROOT or roster.parse(envelope.read(signed).payload).root


@lru_cache(maxsize=4)
def _verified(signed: tuple[bytes, ...], pinned: str) -> tuple[Roster, ...]:
    try:
        root = pinned or roster.parse(envelope.read(signed[0]).payload).root
        return chain.verify_chain(signed, root=root)
    except NotProved as cause:
        raise Forged(
            "The roster cannot be trusted.",
            cause=str(cause),
            next_step="Nothing is signed or promoted until it is restored from the copies people hold.",
        ) from cause
