"""Find what got lost and set it going again: results, attempts, promotions.

Silence is judged only by who was awake to listen, and who has read all that lies in the queue.
"""

import contextlib
import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from kfm_review.control import broker, dispatch, results
from kfm_review.outbox.models import Message
from kfm_review.releases import verifying
from kfm_review.releases.models import Hold, Promotion
from kfm_review.releases.states import ACTIVE as UNFINISHED
from kfm_review.releases.states import Kind
from kfm_review.releases.states import Status as Step
from kfm_review.reviews import excusing
from kfm_review.runs import actions as runs
from kfm_review.runs import attempts
from kfm_review.runs.models import Attempt
from kfm_review.runs.states import ACTIVE
from pipelines import spec

log = logging.getLogger(__name__)

AT_ONCE = 100
DOUBLED_AT_MOST = 6  # what was flipped is tried for ever, and must not wait for days
NOT_TAKEN = "No worker took it."
SILENT = "It was not heard of any more."
NEVER_HEARD = Q(started_at=None, heartbeat_at=None)
NEVER = datetime.min.replace(tzinfo=UTC)
NEW = timedelta(0)


def loop(over: Event) -> None:
    """Sweep every few seconds."""
    awake = timezone.now()
    while not over.wait(settings.KFM_SWEEP_S):
        sweep(now=timezone.now(), awake=awake)


def sweep(*, now: datetime, awake: datetime) -> None:
    """Do one round; results first, so that nothing is begun again that has ended."""
    take_unreported(now=now)
    lease = timedelta(seconds=settings.KFM_LEASE_S)
    if now - awake >= lease and not broker.waiting(broker.RESULTS.name):
        begin_again(now=now, since=now - lease)
        send_again(now=now, since=now - lease)
    promote_again(now=now, lease=lease)
    excusing.expire(now=now)


def take_unreported(*, now: datetime) -> None:
    """Take the results that lie in the store although their message should have come by now."""
    left = results.left()
    for words in left.waiting():
        if NEW <= _age(words, now=now) < timedelta(seconds=settings.KFM_SWEEP_S):
            continue  # one from a time to come says only that its worker's clock is wrong
        with _alone(f"result {words['run']}.{words['attempt']}"):
            results.take(json.dumps(words).encode(), now=now)
            left.clear(words["run"], words["attempt"])


def begin_again(*, now: datetime, since: datetime) -> None:
    """Begin another attempt of every run that was not heard of since, or have its end written."""
    silent = _at_work().exclude(started_at__gte=since).exclude(heartbeat_at__gte=since)
    for attempt in silent.exclude(NEVER_HEARD)[:AT_ONCE]:
        with _alone(f"run {attempt.run_id}"):
            _again(attempt, why=SILENT, now=now)


def send_again(*, now: datetime, since: datetime) -> None:
    """Begin another attempt of what no worker took, unless it may still wait in its queue."""
    taken: dict[str, datetime] = {}
    for attempt in _at_work().filter(NEVER_HEARD, sent_at__lt=since)[:AT_ONCE]:
        pool = attempts.pool(attempt.run.asset.family)
        taken.setdefault(pool, _taken_until(pool, now=now))
        if attempt.sent_at < taken[pool]:
            with _alone(f"run {attempt.run_id}"):
                _again(attempt, why=NOT_TAKEN, now=now)


def promote_again(*, now: datetime, lease: timedelta) -> None:
    """Send a promotion again that nobody works on; each try is given twice the last one's time, at first."""
    busy = {queue for queue in (broker.PROMOTE, verifying.QUEUE) if _lies_in(queue)}
    for promotion in _unfinished()[:AT_ONCE]:
        tries = promotion.asked if promotion.status == Step.VERIFYING else promotion.fence
        patience = lease * 2 ** min(max(tries - 1, 0), DOUBLED_AT_MOST)
        if (promotion.tried_at or promotion.at) <= now - patience:
            with _alone(f"promotion {promotion.pk}"):
                _send(promotion, busy=busy, now=now)


def _send(promotion: Promotion, *, busy: set[str], now: datetime) -> None:
    """Ask for the second run again, or for the promotion once that was reproduced, unless it still waits."""
    ready = promotion.status == Step.RUNNING or verifying.ready(promotion)
    if (broker.PROMOTE if ready else verifying.QUEUE) in busy:
        return
    log.warning("Promotion %s, which is %s, is sent again.", promotion.pk, promotion.status)
    if ready:
        Promotion.objects.filter(pk=promotion.pk).update(tried_at=now)
        broker.send_promotion(promotion.pk)
    else:
        verifying.ask(promotion.pk, now=now)


def _lies_in(queue: str) -> bool:
    asked = Message.objects.filter(queue="verify", sent_at=None).exists()
    return asked or _unsent(queue) or bool(broker.waiting(queue))


def _at_work() -> QuerySet[Attempt]:
    """Return the attempts that should be carried out now, the oldest first."""
    open_ones = Attempt.objects.filter(ended_at=None, run__status__in=ACTIVE)
    return open_ones.select_related("run__asset").order_by("pk")


def _again(attempt: Attempt, *, why: str, now: datetime) -> None:
    """Begin the next attempt, unless this one was heard of meanwhile."""
    with transaction.atomic():
        attempts.lock(attempt.run_id)
        as_it_was = {"started_at": attempt.started_at, "heartbeat_at": attempt.heartbeat_at}
        if _at_work().filter(pk=attempt.pk, **as_it_was).exists():
            log.warning("Run %s begins again after attempt %s: %s", attempt.run_id, attempt.number, why)
            runs.attempt(attempt.run_id, number=attempt.number, why=why, now=now)


def _taken_until(pool: str, *, now: datetime) -> datetime:
    """Return before when whatever was sent to a pool was taken from its queue: the oldest goes first."""
    queue = f"{dispatch.POOL}{pool}"
    if _unsent(queue):
        return NEVER
    if not broker.waiting(queue):
        return now
    families = [family.name for family in spec.families() if family.pool == pool]
    begun = Attempt.objects.filter(run__asset__family__in=families, started_at__isnull=False)
    newest = begun.order_by("-pk").first()
    return newest.sent_at - timedelta(seconds=settings.KFM_LEASE_S) if newest else NEVER


def _unsent(queue: str) -> bool:
    return Message.objects.filter(queue=queue, sent_at=None).exists()


def _unfinished() -> QuerySet[Promotion]:
    """Return the promotions that a promoter should be at; what waits for a hold is not one of them."""
    held = Exists(Hold.objects.filter(asset=OuterRef("asset"), lifted_at=None))
    waits = Q(held, status__in=(Step.QUEUED, Step.VERIFYING), kind=Kind.PROMOTE)
    return Promotion.objects.filter(status__in=UNFINISHED).exclude(waits).order_by("pk")


def _age(words: dict[str, Any], *, now: datetime) -> timedelta:
    """Return how old a result is by its worker's clock; one that does not say is judged at once."""
    try:
        return now - datetime.fromisoformat(words["at"])
    except (KeyError, TypeError, ValueError):
        return timedelta.max


@contextlib.contextmanager
def _alone(what: str) -> Iterator[None]:
    """Let what breaks for one thing not stop the others; what breaks for all stops the loop."""
    try:
        yield
    except (OperationalError, InterfaceError):
        raise
    except broker.away():
        raise
    except Exception:  # the next round tries again
        log.exception("The sweeper could not mend %s.", what)
