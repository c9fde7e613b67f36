"""How enrolled keys stand: waiting for a roster, counting by it, retired, or past their time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from kfm_review.accounts.models import User
from kfm_review.signing import rosters
from kfm_review.signing.models import Key
from pipelines.proof.roster import Roster


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One person's keys by what they come to now."""

    counting: tuple[Key, ...]
    waiting: tuple[Key, ...]


def of(person: User, *, now: datetime) -> Standing:
    """Return which of a person's keys count, and which wait for a roster."""
    found = Key.objects.filter(holder=person).select_related("retirement").order_by("enrolled_at", "pk")
    stand = tuple(states(found, rosters.current(), now=now))
    return Standing(
        counting=tuple(key for key, state in stand if state == "counts"),
        waiting=tuple(key for key, state in stand if state == "waiting"),
    )


def states(found: Iterable[Key], roster: Roster | None, *, now: datetime) -> list[tuple[Key, str]]:
    """Return each key with how it stands."""
    return [(key, _state(key, roster, now=now)) for key in found]


def _state(key: Key, roster: Roster | None, *, now: datetime) -> str:
    listed = roster.find(key.fingerprint) if roster else None
    if getattr(key, "retirement", None) is not None:
        return "retired"
    if listed is None:
        return "waiting" if now < key.until else "ended"
    return "counts" if listed.live(now) else "ended"
