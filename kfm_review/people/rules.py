"""Who may do what: the table of roles, asked with what a person holds now."""

from enum import StrEnum

from kfm_review.accounts.roles import ALL_FAMILIES, Held, Role
from kfm_review.errors import Invalid, NotAllowed


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
    """Answer whether what is held permits the deed for `family`; asked for all, only a grant for all counts."""
    return any(role in PERMITS[deed] and limit in (ALL_FAMILIES, family) for role, limit in held)


def may_look(held: Held, family: str = ALL_FAMILIES) -> bool:
    return may(Deed.LOOK, held, family)


def may_request(held: Held, family: str = ALL_FAMILIES) -> bool:
    return may(Deed.REQUEST, held, family)


def may_decide(held: Held, family: str = ALL_FAMILIES) -> bool:
    return may(Deed.DECIDE, held, family)


def may_hold(held: Held, family: str = ALL_FAMILIES) -> bool:
    return may(Deed.HOLD, held, family)


def may_publish(held: Held, family: str = ALL_FAMILIES) -> bool:
    return may(Deed.PUBLISH, held, family)


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


def _only(role: Role, held: Held) -> Held:
    return frozenset((name, family) for name, family in held if name == role)
