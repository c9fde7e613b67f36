"""The chain of rosters as it is kept: verified from the pinned root whenever it is read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import groupby

from django.conf import settings

from kfm_review.errors import NotPossible
from kfm_review.signing.models import Roster as Row
from pipelines.errors import NotProved
from pipelines.proof import chain, envelope, roster
from pipelines.proof.roster import Roster

UNPINNED = ("local", "test")  # where a root may be trusted because it was there first


class Forged(NotPossible):
    """The rosters in the database do not follow from the root."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stray:
    """A row among the rosters that is none, and why; it counts for nothing and stands in nobody's way."""

    version: int
    digest: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """What the rows come to: the versions that count, as they were signed, and the rows that do not."""

    versions: tuple[Roster, ...] = ()
    signed: tuple[bytes, ...] = ()
    strays: tuple[Stray, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A row as the database has it."""

    version: int
    digest: str
    envelope: bytes
    at: datetime


def current() -> Roster | None:
    """Return the newest version, if there is any; refuse a chain that does not hold."""
    versions = kept()
    return versions[-1] if versions else None


def kept() -> tuple[Roster, ...]:
    """Return every version, verified, the first to the last."""
    return whole().versions


def envelopes() -> tuple[bytes, ...]:
    """Return every version as it was signed."""
    return whole().signed


def strays() -> tuple[Stray, ...]:
    """Return the rows that are no roster of this chain, with the reason."""
    return whole().strays


def whole() -> Chain:
    """Return the chain as it is kept now, each version held against when it was adopted.

    Raises:
        Forged: there are rows, and none of them is a first version; or two versions claim one place.
    """
    rows = given()
    return _verified(rows, _root([row.envelope for row in rows if row.version == 1])) if rows else Chain()


def given() -> tuple[Given, ...]:
    """Return the rows as they are, unverified."""
    rows = Row.objects.order_by("version", "pk").values_list("version", "digest", "envelope", "at")
    return tuple(
        Given(version=version, digest=name, envelope=bytes(signed), at=at)
        for version, name, signed, at in rows
    )


def followed(signed: bytes, *, now: datetime) -> Roster:
    """Return the roster of an envelope if it follows the current one now; refuse it with the reason."""
    before = current()
    try:
        root = _root([signed]) if before is None else before.root
        return chain.follow(before, signed, root=root, kept_at=now)
    except NotProved as cause:
        raise NotPossible(
            "This roster does not count.", cause=str(cause), next_step="Propose a new version, and sign that."
        ) from cause


def adopt(signed: bytes, *, now: datetime) -> Roster:
    """Keep the next version; every process judges by it from now on."""
    found = followed(signed, now=now)
    Row.objects.create(version=found.version, digest=found.digest, envelope=signed, at=now)
    return found


def _root(first: Sequence[bytes]) -> str:
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
        named = {roster.parse(envelope.read(one).payload).root for one in first}
    except NotProved as cause:
        raise _broken(str(cause)) from cause
    if len(named) != 1:
        raise _broken(f"{len(named)} first versions name a root, and none is pinned.")
    return named.pop()


@lru_cache(maxsize=4)
def _verified(rows: tuple[Given, ...], root: str) -> Chain:
    """Follow the chain through the rows; what does not follow is set aside with its reason."""
    versions: list[Roster] = []
    signed: list[bytes] = []
    aside: list[Stray] = []
    for number, claims in groupby(rows, key=lambda row: row.version):
        proved: dict[str, tuple[Roster, bytes]] = {}
        for row in claims:
            try:
                found = _proved(row, versions, root=root)
                proved.setdefault(found.digest, (found, row.envelope))
            except NotProved as cause:
                aside.append(Stray(version=number, digest=row.digest, why=str(cause)))
        if len(proved) > 1:
            raise _broken(f"{len(proved)} versions {number} are signed by keys that counted.")
        for version, content in proved.values():
            versions.append(version)
            signed.append(content)
    if not versions:
        raise _broken(aside[0].why)
    return Chain(versions=tuple(versions), signed=tuple(signed), strays=tuple(aside))


def _proved(row: Given, before: Sequence[Roster], *, root: str) -> Roster:
    found = chain.follow(before[-1] if before else None, row.envelope, root=root, kept_at=row.at)
    if (found.version, found.digest) != (row.version, row.digest):
        raise NotProved("The row says another version or digest than its roster.")
    return found


def _broken(cause: str) -> Forged:
    return Forged(
        "The roster cannot be trusted.",
        cause=cause,
        next_step="Nothing is signed or promoted until it is restored from the copies people hold.",
    )
