"""Where a promotion can be, and where it can go from there."""

from enum import StrEnum

from kfm_review.errors import NotPossible


class Status(StrEnum):
    QUEUED = "queued"
    VERIFYING = "verifying"  # a row that waits for the second run; no worker is kept by it
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Kind(StrEnum):
    PROMOTE = "promote"
    ROLLBACK = "rollback"
    WITHDRAW = "withdraw"


MOVES: dict[Status, frozenset[Status]] = {
    Status.QUEUED: frozenset({Status.VERIFYING, Status.RUNNING, Status.FAILED}),
    Status.VERIFYING: frozenset({Status.RUNNING, Status.FAILED}),
    Status.RUNNING: frozenset({Status.DONE, Status.FAILED}),
    Status.DONE: frozenset(),
    Status.FAILED: frozenset(),
}
ACTIVE = tuple(status for status in Status if MOVES[status])


def check_move(here: Status, there: Status) -> None:
    """Refuse a move that the table does not have."""
    if there not in MOVES[here]:
        raise NotPossible(
            f"A promotion that is {here} cannot become {there}.",
            cause="It ended already." if not MOVES[here] else "It has not begun.",
            next_step="Reload the page to see how it stands.",
        )
