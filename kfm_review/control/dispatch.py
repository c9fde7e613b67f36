"""Carry the outbox out: work to the broker, follow-ups to their actions, once each message is committed."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Event
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from kfm_review.audit.record import record
from kfm_review.control import broker, root
from kfm_review.errors import Refused
from kfm_review.outbox.models import Message
from kfm_review.people.rosters import DEMO_ROOT
from kfm_review.releases import actions as releases
from kfm_review.releases import verifying
from kfm_review.reviews import actions as reviews

log = logging.getLogger(__name__)

LOOK_AGAIN_S = 2.0  # for messages that are due later, and for a notification that was missed
TRIES = 8
POOL = "pool."

Body = dict[str, Any]
Route = Callable[[Body, datetime], object]


class UnknownQueue(ValueError):
    """A message lies in a queue that nobody empties."""


def loop(over: Event) -> None:
    """Send what is due, then wait to be told of more."""
    with connection.cursor() as cursor:
        cursor.execute("LISTEN outbox")
    while not over.is_set():
        while not over.is_set() and send_next(now=timezone.now()):
            pass
        _wait()


def _wait() -> None:
    """Return when something was posted, or when it is time to look again."""
    for _ in connection.connection.notifies(timeout=LOOK_AGAIN_S, stop_after=1):
        return


def send_due(*, now: datetime) -> int:
    """Send every message that is due; return how many were looked at."""
    looked_at = 0
    while send_next(now=now):
        looked_at += 1
    return looked_at


def send_next(*, now: datetime) -> bool:
    """Send the oldest message that is due, and note it in the same transaction; return whether there was one.

    A crash between the two sends it twice: attempts and promotions are fenced, so that one counts.
    """
    with transaction.atomic():
        due = Message.objects.select_for_update(skip_locked=True).filter(sent_at=None, due_at__lte=now)
        message = due.order_by("id").first()
        if message is None:
            return False
        _send(message, now=now)
    return True


def _send(message: Message, *, now: datetime) -> None:
    """Send one message; a broker that is away breaks the loop, anything else only this message."""
    try:
        with transaction.atomic():
            _route(message.queue)(message.body, now)
    except broker.away():
        raise
    except Refused as refused:
        log.warning("Message %s for %s was refused: %s", message.pk, message.queue, refused)
        message.error = str(refused)
    except Exception as broke:  # one bad message must not stop the others
        log.exception("Message %s for %s could not be sent.", message.pk, message.queue)
        _postpone(message, broke, now=now)
        return
    message.sent_at = now
    message.save(update_fields=["sent_at", "error"])


def _postpone(message: Message, broke: Exception, *, now: datetime) -> None:
    """Try again later, and set the message aside when that was often enough."""
    message.tries += 1
    message.error = f"{type(broke).__name__}: {broke}"
    message.due_at = now + timedelta(seconds=2**message.tries)
    if message.tries >= TRIES or isinstance(broke, UnknownQueue):
        message.sent_at = now
        record(
            "message.set-aside",
            f"message:{message.pk}",
            actor=None,
            at=now,
            why=message.error,
            queue=message.queue,
        )
    message.save(update_fields=["tries", "error", "due_at", "sent_at"])


def _route(queue: str) -> Route:
    """Return what is done with the messages of a queue."""
    if queue.startswith(POOL):
        return lambda body, now: broker.send_work(body, queue)  # noqa: ARG005  # a route's signature
    try:
        return ROUTES[queue]
    except KeyError:
        raise UnknownQueue(
            f"Nobody empties the queue {queue!r}; known are {POOL}* and {', '.join(ROUTES)}."
        ) from None


ROUTES: dict[str, Route] = {
    DEMO_ROOT: lambda body, now: root.sign(body["statement"], now=now),
    "review-approved": lambda body, now: releases.promote(review_id=body["review"], now=now),
    "request-again": lambda body, now: reviews.request_again(review_id=body["review"], now=now),
    "verify": lambda body, now: verifying.ask(body["promotion"], now=now),
    "promote": lambda body, now: broker.send_promotion(body["promotion"]),  # noqa: ARG005  # a route's signature
    "cancel": lambda body, now: broker.stop_work(body["run"], body["attempt"]),  # noqa: ARG005  # a route's signature
}
