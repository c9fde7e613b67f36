"""Where a run can be, and where it can go from there."""

from enum import StrEnum

from kfm_review.errors import NotPossible


class Status(StrEnum):
    REQUESTED = "requested"
    RUNNING = "running"
    RECORDED = "recorded"
    FAILED = "failed"
    LOST = "lost"
    CANCELLED = "cancelled"


MOVES: dict[Status, frozenset[Status]] = {
    Status.REQUESTED: frozenset({Status.RUNNING, Status.CANCELLED}),
    Status.RUNNING: frozenset(
        {Status.REQUESTED, Status.RECORDED, Status.FAILED, Status.LOST, Status.CANCELLED}
    ),
    Status.RECORDED: frozenset(),
    Status.FAILED: frozenset(),
    Status.LOST: frozenset(),
    Status.CANCELLED: frozenset(),
}
ACTIVE = tuple(status for status in Status if MOVES[status])


def check_move(here: Status, there: Status) -> None:
    """Refuse a move that the table does not have."""
    if there not in MOVES[here]:
        raise NotPossible(
            f"A run that is {here} cannot become {there}.",
            cause="It ended already." if not MOVES[here] else "It has not come that far.",
            next_step="Reload the page to see how it stands.",
        )
