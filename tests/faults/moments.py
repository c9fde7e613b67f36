"""The moments in which something is killed: each brings the house there, and holds it until that is done.

Nothing here is timed: a moment is reached when rows, files or locks say so, and it lasts as long as
a process is frozen or a lock is held. Who comes too late begins again with another edition.
"""

import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from kfm_review.releases.catalog import ONE_AT_A_TIME
from tests.faults import holds
from tests.faults.house import House, Review
from tests.faults.people import Answer
from tests.stack import wait

SENT = "SELECT 1 FROM outbox_message WHERE body->'job'->>'run' = %s AND sent_at IS NOT NULL"
POSTED = "SELECT 1 FROM outbox_message WHERE body->'job'->>'run' = %s AND sent_at IS NULL"
QUEUED = """
SELECT 1 FROM releases_promotion promotion JOIN releases_release release ON release.id = release_id
JOIN outbox_message message ON queue = 'promote' AND (body->>'promotion')::bigint = promotion.id
WHERE review_id = %s AND promotion.status = 'verifying' AND message.sent_at IS NOT NULL
"""
NO_REVIEWS = "LOCK TABLE reviews_review IN SHARE MODE"
NO_MESSAGES = "LOCK TABLE outbox_message IN SHARE MODE"
NO_FLIP = "LOCK TABLE runs_current IN SHARE MODE"
NO_INDEX = f"SELECT pg_advisory_xact_lock({ONE_AT_A_TIME})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What is at stake: a run, or a decision with the answer that the reviewer waits for or has got."""

    run: str = ""
    review: Review | None = None
    answer: Future[Answer] | None = None


@contextmanager
def posted(house: House) -> Iterator[Scene]:
    """The request is written down, and nothing was sent."""
    with holds.frozen(house, "control"):
        run = house.asked()
        house.until(POSTED, run, why="no message was posted")
        yield Scene(run=run)


@contextmanager
def sent(house: House) -> Iterator[Scene]:
    """The message is on its way to a worker, and nobody has begun."""
    with holds.frozen(house, "worker"):
        run = house.asked()
        house.until(SENT, run, why="the message was not sent")
        yield Scene(run=run)


@contextmanager
def mid_artifact(house: House) -> Iterator[Scene]:
    """The worker's child has pinned its input, and its files are half made."""
    with holds.seized(house) as run:
        yield Scene(run=run)


@contextmanager
def before_result(house: House) -> Iterator[Scene]:
    """The result lies in the store, and the child has not told anybody."""
    for _ in range(holds.TRIES):
        with holds.seized(house) as run:
            house.running.kill("control")
            holds.children(house, signal.SIGCONT)
            holds.spin(lambda: house.results(run))
            holds.children(house, signal.SIGSTOP)
            if not house.told("recorded"):
                yield Scene(run=run)
                return
        house.running.mend()  # it came too late
        house.until_quiet()
    raise TimeoutError("No child could be held between its result and its word.")


@contextmanager
def after_result(house: House) -> Iterator[Scene]:
    """The result is in the queue, and nobody is there to take it."""
    with holds.seized(house) as run:
        house.running.kill("control")
        holds.children(house, signal.SIGCONT)
        wait(lambda: house.told("recorded"), why="the result was not told")
        yield Scene(run=run)


@contextmanager
def mid_record(house: House) -> Iterator[Scene]:
    """All of a result is written down but its review; nothing is committed."""
    with holds.locked(house, NO_REVIEWS, against="kfm_control") as reached:
        run = house.asked()
        reached()
        yield Scene(run=run)


@contextmanager
def recorded(house: House) -> Iterator[Scene]:
    """A result is recorded for good, and control does not know: the message is still to be answered."""
    with holds.unconfirmed_after(house, NO_REVIEWS, by="kfm_control") as committed:
        run = house.asked()
        committed()
        yield Scene(run=run)


@contextmanager
def mid_decision(house: House) -> Iterator[Scene]:
    """A decision is written down but not what follows from it; nothing is committed."""
    review = house.reviewed()
    with holds.locked(house, NO_MESSAGES, against="kfm_web") as reached:
        answer = house.meanwhile(lambda: house.approve(review))
        reached()
        yield Scene(review=review, answer=answer)


@contextmanager
def decided(house: House) -> Iterator[Scene]:
    """A decision stands for good, and the reviewer has no answer."""
    review = house.reviewed()
    with holds.unconfirmed_after(house, NO_MESSAGES, by="kfm_web") as committed:
        answer = house.meanwhile(lambda: house.approve(review))
        committed()
        yield Scene(review=review, answer=answer)


@contextmanager
def promotion_sent(house: House) -> Iterator[Scene]:
    """The message is on its way to the promoter, and nothing is begun."""
    review = house.reviewed()
    with holds.frozen(house, "promoter"):
        answer = house.meanwhile(lambda: house.approve(review))
        house.until(QUEUED, review.id, why="no promotion was queued")
        yield Scene(review=review, answer=answer)


@contextmanager
def before_flip(house: House) -> Iterator[Scene]:
    """Objects and documents stand in the public place, and the pointer has not moved."""
    review = house.reviewed()
    with holds.locked(house, NO_FLIP, against="kfm_promoter") as reached:
        answer = house.meanwhile(lambda: house.approve(review))
        reached()
        yield Scene(review=review, answer=answer)


@contextmanager
def after_flip(house: House) -> Iterator[Scene]:
    """The pointer has moved, and the indexes do not know."""
    review = house.reviewed()
    with holds.locked(house, NO_INDEX, against="kfm_promoter") as reached:
        answer = house.meanwhile(lambda: house.approve(review))
        reached()
        yield Scene(review=review, answer=answer)


MOMENTS: dict[str, Callable[[House], AbstractContextManager[Scene]]] = {
    "before it is sent to a worker": posted,
    "before start": sent,
    "mid-artifact": mid_artifact,
    "before the result is sent": before_result,
    "after the result is sent": after_result,
    "while it is recorded": mid_record,
    "recorded, not acknowledged": recorded,
    "mid-decision": mid_decision,
    "decided, not answered": decided,
    "before promotion": promotion_sent,
    "mid-promotion, before the flip": before_flip,
    "mid-promotion, flipped": after_flip,
}
