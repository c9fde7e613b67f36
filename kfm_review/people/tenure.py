"""Which roles somebody held at a moment: what rows say, and what the audit record says of every grant."""

from datetime import datetime

from django.db.models import Q

from kfm_review.accounts.models import RoleGrant, User
from kfm_review.accounts.roles import ALL_FAMILIES, Held
from kfm_review.audit import places
from kfm_review.audit.models import Event

GRANTED, ENDED, CLOSED = "role.granted", "role.ended", "person.deactivated"


def why_not(somebody: User, *, role: str, family: str, at: datetime, size: int | None) -> str:
    """Say why somebody did not hold a role for a family at a moment, or nothing.

    Where a tree of `size` events is signed, each grant counts by its event there; a row alone is a word.
    """
    fitting = {(role, ALL_FAMILIES), (role, family)}
    if not fitting & _kept(somebody, at=at):
        return f"{somebody.username} did not hold the role of {role} at {at:%Y-%m-%d %H:%M:%S}"
    if size is not None and not fitting & told(somebody.username, at=at, size=size):
        return f"No event of the signed log tells who gave {somebody.username} the role of {role}"
    return ""


def told(username: str, *, at: datetime, size: int) -> Held:
    """Return the roles that somebody held by what was recorded until a moment.

    What gives counts only as a sound event of the signed tree, and by somebody else; what takes, always.
    """
    held: set[tuple[str, str]] = set()
    about = Event.objects.filter(target=f"person:{username}", action__in=(GRANTED, ENDED, CLOSED))
    for event in about.filter(at__lte=at).select_related("leaf").order_by("pk"):
        said = places.told(event)
        if said is None or "role" not in said["details"]:
            held = held if event.action == GRANTED else set()
            continue
        one = (str(said["details"]["role"]), str(said["family"]))
        if event.action != GRANTED:
            held.discard(one)
        elif said["actor"] not in (None, username) and not places.wrong(event, size=size):
            held.add(one)
    return frozenset(held)


def _kept(somebody: User, *, at: datetime) -> Held:
    live = RoleGrant.objects.filter(Q(ended_at=None) | Q(ended_at__gt=at), user=somebody, granted_at__lte=at)
    return frozenset(live.values_list("role", "family"))
