"""Carry the outbox out: work to the broker, follow-ups to their actions, once each message is committed."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Event

from celery import current_app
from django.db import connection, transaction
from django.utils import timezone

from kfm_review.audit.record import record
from kfm_review.errors import Refused
from kfm_review.outbox.models import Message
from kfm_review.releases import actions as releases
from kfm_review.reviews import actions as reviews

log = logging.getLogger(__name__)

AT_ONCE = 50
LOOK_AGAIN_S = 2.0  # for messages that are due later, and for a notification that was missed
TRIES = 8


class UnknownQueue(ValueError):
    """A message lies in a queue that nobody empties."""


def loop(over: Event) -> None:
    """Send what is due, then wait to be told of more."""
    with connection.cursor() as cursor:
        cursor.execute("LISTEN outbox")
    while not over.is_set():
        while send_due(now=timezone.now()):
            pass
        _wait()


def _wait() -> None:
    """Return when something was posted, or when it is time to look again."""
    for _ in connection.connection.notifies(timeout=LOOK_AGAIN_S, stop_after=1):
        return


def send_due(*, now: datetime) -> int:
    """Send the oldest messages that are due; return how many were looked at."""
    with transaction.atomic():
        due = Message.objects.select_for_update(skip_locked=True).filter(sent_at=None, due_at__lte=now)
        messages = list(due.order_by("id")[:AT_ONCE])
        for message in messages:
            _send(message, now=now)
    return len(messages)


def _send(message: Message, *, now: datetime) -> None:
    """Send one message; a broker that is away breaks the loop, anything else only this message."""
    try:
        with transaction.atomic():
            _route(message.queue)(message.body, message.queue, now)
    except current_app.connection_for_write().connection_errors:
        raise
    except Refused as refused:
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


Route = Callable[[dict[str, object], str, datetime], None]


def _route(queue: str) -> Route:
    if queue.startswith("pool."):
        return _work
    try:
        return ROUTES[queue]
    except KeyError:
        raise UnknownQueue(
            f"Nobody empties the queue {queue!r}; known are pool.* and {', '.join(ROUTES)}."
        ) from None
