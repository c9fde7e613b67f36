"""Where a review can be, and where it can go from there."""

from enum import StrEnum

from kfm_review.errors import NotPossible


class Status(StrEnum):
    OPEN = "open"
    APPROVED = "approved"
    RETURNED = "returned"
    REJECTED = "rejected"
    SUPERSEDED = "superseded"


class Verdict(StrEnum):
    APPROVE = "approve"
    RETURN = "return"
    REJECT = "reject"
    ABSTAIN = "abstain"


MOVES: dict[Status, frozenset[Status]] = {
    Status.OPEN: frozenset({Status.APPROVED, Status.RETURNED, Status.REJECTED, Status.SUPERSEDED}),
    Status.APPROVED: frozenset({Status.OPEN, Status.SUPERSEDED}),
    Status.RETURNED: frozenset(),
    Status.REJECTED: frozenset(),
    Status.SUPERSEDED: frozenset(),
}


def check_move(here: Status, there: Status) -> None:
    """Refuse a move that the table does not have."""
    if there not in MOVES[here]:
        raise NotPossible(
            f"A review that is {here} cannot become {there}.",
            cause="It is closed." if not MOVES[here] else "It is approved.",
            next_step="Reload the page to see how it stands.",
        )
