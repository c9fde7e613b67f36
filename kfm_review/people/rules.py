"""Who may do what: the table of roles, asked with what a person holds now."""

import re
from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from math import ceil

from kfm_review.accounts.roles import ALL_FAMILIES, Held, Role
from kfm_review.errors import Invalid, NotAllowed, NotPossible, TooMany

USERNAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?")
CLEARANCE = re.compile(r"restricted|quarantine|authority:[^\s:].{0,178}")
LONGEST_NAME = 200
LONGEST_CLEARANCE = timedelta(days=366)
WHOLE_HOUSE = frozenset({Role.AUDITOR, Role.ADMIN})  # what they may do is of no family
WINDOW = timedelta(minutes=15)
MOST_OF_ACCOUNT, MOST_FROM_ADDRESS = 10, 50  # wrong tries within the window


class Deed(StrEnum):
    LOOK = "see the queue, runs and releases"
    REQUEST = "request, cancel or retry a run"
    DECIDE = "decide on a review"
    ASK_EXCEPTION = "request an exception"
    SIGN_EXCEPTION = "sign, deny or revoke an exception"
    HOLD = "hold an asset"
    PUBLISH = "promote by hand, roll back or lift a hold"
    READ_AUDIT = "read the audit record"
    ADMIT = "invite people, grant roles and clearances, or close accounts"


PERMITS: dict[Deed, frozenset[Role]] = {
    Deed.LOOK: frozenset(Role),
    Deed.REQUEST: frozenset({Role.STEWARD}),
    Deed.DECIDE: frozenset({Role.REVIEWER, Role.GOVERNANCE}),
    Deed.ASK_EXCEPTION: frozenset({Role.STEWARD, Role.REVIEWER}),
    Deed.SIGN_EXCEPTION: frozenset({Role.GOVERNANCE}),
    Deed.HOLD: frozenset({Role.REVIEWER, Role.GOVERNANCE, Role.PUBLISHER}),
    Deed.PUBLISH: frozenset({Role.PUBLISHER}),
    Deed.READ_AUDIT: frozenset({Role.AUDITOR, Role.ADMIN}),
    Deed.ADMIT: frozenset({Role.ADMIN}),
}


def may(deed: Deed, held: Held, family: str = ALL_FAMILIES) -> bool:
    """Answer whether what is held permits the deed for `family`; for all, only a grant for all counts."""
    return any(role in PERMITS[deed] and limit in (ALL_FAMILIES, family) for role, limit in held)


def may_request(held: Held, family: str = ALL_FAMILIES) -> bool:
    return may(Deed.REQUEST, held, family)


def may_read_audit(held: Held, family: str = ALL_FAMILIES) -> bool:
    return may(Deed.READ_AUDIT, held, family)


def may_admit(held: Held) -> bool:
    return may(Deed.ADMIT, held)


def acting_as(deed: Deed, held: Held, family: str) -> tuple[Role, ...]:
    """Return the roles that permit the deed to this person, in the order of the table."""
    return tuple(role for role in Role if role in PERMITS[deed] and may(deed, _only(role, held), family))


def check_may(deed: Deed, held: Held, family: str = ALL_FAMILIES) -> None:
    """Refuse whoever holds no role that permits the deed."""
    if not may(deed, held, family):
        roles = " or ".join(sorted(PERMITS[deed]))
        raise NotAllowed(
            f"You may not {deed}.",
            cause=f"It takes the role of {roles}{f' for {family}' if family else ''}.",
            next_step="Ask an administrator for the role, or somebody who holds it to do it.",
        )


def check_not_oneself(*, actor: int, subject: int) -> None:
    """Refuse whoever would grant himself anything."""
    if actor == subject:
        raise NotAllowed(
            "You may not grant yourself anything.",
            cause="Every grant needs a second person.",
            next_step="Ask another administrator.",
        )


def check_role(role: str) -> Role:
    """Return the role of that name, or refuse it."""
    if role not in set(Role):
        raise Invalid(
            f"There is no role {role[:80]!r}.", next_step=f"Choose one of {', '.join(sorted(Role))}."
        )
    return Role(role)


def check_family(role: Role, family: str, *, known: Collection[str]) -> None:
    """Refuse a limit that means nothing: a family that is not there, or one for a role of the whole house."""
    if family and family not in known:
        raise Invalid(
            f"There is no family {family[:80]!r}.",
            next_step=f"Choose one of {', '.join(sorted(known))}, or all.",
        )
    if family and role in WHOLE_HOUSE:
        raise Invalid(
            f"The role of {role} is not for one family.",
            cause="What it permits concerns the whole house.",
            next_step="Grant it for all families.",
        )


def check_not_held(role: Role, family: str, *, held: Held, name: str) -> None:
    """Refuse to grant twice."""
    if (role, family) in held:
        raise NotPossible(
            f"{name} is {role} of {family or 'all families'} already.", next_step="One grant is enough."
        )


def check_open(*, active: bool, name: str) -> None:
    """Refuse to change a closed account: it was closed for good."""
    if not active:
        raise NotPossible(
            f"The account of {name} is closed.", next_step="Invite the person anew, under another name."
        )


def check_first(*, admins: Collection[int]) -> None:
    """Refuse a second first administrator."""
    if admins:
        raise NotPossible(
            "There is an administrator already.", next_step="Ask him to invite people and grant roles."
        )


def check_admin_remains(*, admins: Collection[int], leaves: int) -> None:
    """Refuse to let the last administrator go: nobody could be admitted any more."""
    if set(admins) == {leaves}:
        raise NotPossible(
            "The last administrator stays.",
            cause="Without one nobody could be granted anything.",
            next_step="Make somebody else administrator first.",
        )


def check_username(username: str) -> str:
    """Return the account name as it is kept, or refuse it: it stands in addresses and records."""
    name = username.strip().lower()
    if not USERNAME.fullmatch(name):
        raise Invalid(
            f"{username[:80]!r} cannot be an account name.",
            next_step="Use letters a to z, digits, and points or dashes between them; at most 64 signs.",
        )
    return name


def check_full_name(full_name: str) -> str:
    """Return the name people go by, without blanks around it, or refuse it."""
    name = " ".join(full_name.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise Invalid(
            "The person needs a name.", next_step=f"Write it in at most {LONGEST_NAME} printable signs."
        )
    return name


def check_clearance(label: str, *, until: date, today: date) -> str:
    """Return the clearance as it is kept; refuse what opens nothing, or one that does not end."""
    name = " ".join(label.split())
    if not CLEARANCE.fullmatch(name) or not name.isprintable():
        raise Invalid(
            f"{label[:80]!r} is no label that needs clearance.",
            next_step="Choose restricted or quarantine, or authority: and its name as labels have it.",
        )
    if not today < until <= today + LONGEST_CLEARANCE:
        raise Invalid(
            "A clearance ends on a day to come.",
            cause=f"{until.isoformat()} is past, or more than {LONGEST_CLEARANCE.days} days away.",
            next_step="Choose a day within a year; it can be granted again.",
        )
    return name


def check_cleared(lacks: Sequence[str], *, deed: str) -> None:
    """Refuse whoever lacks a clearance for what the deed is about."""
    if lacks:
        raise NotAllowed(
            f"You may not {deed}.",
            cause=f"It takes clearance for {' and '.join(lacks)}, which you do not hold now.",
            next_step="Ask an administrator; the page of clearances says who grants them.",
        )


def closed_until(*, of_account: Sequence[datetime], from_address: Sequence[datetime]) -> datetime | None:
    """Return until when no try is heard, by the wrong ones of the window, the newest first."""
    limits = ((of_account, MOST_OF_ACCOUNT), (from_address, MOST_FROM_ADDRESS))
    ends = [wrong[most - 1] + WINDOW for wrong, most in limits if len(wrong) >= most]
    return max(ends, default=None)


def too_many(until: datetime, *, now: datetime) -> TooMany:
    """Return the refusal of a try that is not heard; it does not say whether account or address is meant."""
    return TooMany(
        "Too many tries went wrong.",
        wait_s=ceil((until - now).total_seconds()),
        cause="Passwords could be guessed otherwise; this one was not looked at.",
        next_step=f"Try again after {until:%H:%M:%S} UTC.",
    )


def _only(role: Role, held: Held) -> Held:
    return frozenset((name, family) for name, family in held if name == role)
