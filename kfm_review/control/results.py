"""Take what workers report: act on it, commit, and only then call the message answered."""

import logging
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from threading import Event
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.utils import timezone
from kombu import Consumer
from kombu.message import Message

from kfm_review.audit.record import record
from kfm_review.control import broker
from kfm_review.errors import Changed, NotPossible, Refused
from kfm_review.outbox.pulse import heard
from kfm_review.releases import attested, verifying
from kfm_review.runs import actions as runs
from kfm_review.runs.models import Attempt
from pipelines import digest
from pipelines.errors import NotStrict
from pipelines.store import Results, place

log = logging.getLogger(__name__)

Json = dict[str, Any]
Handler = Callable[[Json, datetime], object]

LONGEST = 64 * 1024
TRIES = 3
WAIT_S = 1.0
AT_ONCE = 16
TOO_LATE = (NotPossible, Changed)
_broken: Counter[bytes] = Counter()


class NotAMessage(ValueError):
    """What lies in the results queue is not a result."""


def loop(over: Event) -> None:
    """Take results until told to stop; a broker or a database that went away breaks the loop."""
    with broker.connect() as connection:
        consumer = Consumer(connection, [broker.RESULTS], on_message=answer, prefetch_count=AT_ONCE)
        with consumer:
            while not over.is_set():
                try:
                    connection.drain_events(timeout=WAIT_S)
                except TimeoutError:
                    continue


def answer(message: Message) -> None:
    """Take one message of the queue; whatever is not committed stays unanswered and comes back."""
    body = message.body if isinstance(message.body, bytes) else str(message.body).encode()
    take(body, now=timezone.now())
    message.ack()


def take(body: bytes, *, now: datetime) -> None:
    """Act on one reported message, or set it aside when nothing can be done with it."""
    try:
        words = read(body)
        try:
            act(words, now=now)
        except TOO_LATE as late:
            log.info("Not taken, it comes too late: %s", late)
        forget(words)
    except (OperationalError, InterfaceError):
        raise
    except (NotAMessage, Refused) as refused:
        set_aside(body, why=str(refused), now=now)
    except Exception as broke:
        _broken[body] += 1
        if _broken[body] < TRIES:
            raise
        log.exception("A result could not be taken %s times.", TRIES)
        set_aside(body, why=f"{type(broke).__name__}: {broke}", now=now)


def read(body: bytes) -> Json:
    """Return the message in `body`; nothing but strict JSON of a known kind is one."""
    if len(body) > LONGEST:
        raise NotAMessage(f"A result has {len(body):,} bytes; at most {LONGEST:,} are read.")
    try:
        words = digest.read_json(body)
    except NotStrict as cause:
        raise NotAMessage(f"A result is not strict JSON: {cause}") from cause
    if not isinstance(words, dict) or words.get("kind") not in list(KINDS):
        raise NotAMessage(f"A result must be one of {', '.join(KINDS)}.")
    return words


def act(words: Json, *, now: datetime) -> None:
    """Call the one action that `words` ask for; whoever still works on what is over is stopped."""
    kind = words["kind"]
    who = "verify" if kind == "verified" or words.get("pool") == "verify" else "worker"
    heard(who, token=str(words.get("token", "")), now=now)
    try:
        KINDS[kind](words, now)
    except TOO_LATE:
        if kind in ALIVE and over(words):
            broker.stop_work(words["run"], words["attempt"])
        raise


def forget(words: Json) -> None:
    """Take a result out of the store once its attempt is over, however it ended; until then it may count."""
    if words["kind"] in ENDS and over(words):
        left().clear(words["run"], words["attempt"])


def over(words: Json) -> bool:
    """Answer whether the attempt that `words` speak of has ended, so that nothing more is expected of it."""
    ended = Attempt.objects.filter(run=words["run"], number=words["attempt"], ended_at__isnull=False)
    return ended.exists()


def left() -> Results:
    """Return the results that workers left in the store."""
    return Results(place(settings.STORE_URL, "results"))


def set_aside(body: bytes, *, why: str, now: datetime) -> None:
    """Write down that a message was refused, and by which digest it is known."""
    log.warning("A result was set aside: %s", why)
    record("result.set-aside", f"result:{digest.of(body)}", actor=None, at=now, why=why, bytes=len(body))


ALIVE = ("started", "progress", "heartbeat")
ENDS = ("recorded", "failed")
KINDS: dict[str, Handler] = {
    "started": lambda words, now: runs.started(words, now=now),
    "progress": lambda words, now: runs.progress(words, now=now),
    "heartbeat": lambda words, now: runs.heartbeat(words, now=now),
    "recorded": lambda words, now: attested.receive(words, now=now),
    "failed": lambda words, now: attested.receive(words, now=now),
    "verified": lambda words, now: verifying.receive(words, now=now),
    "pong": lambda words, now: None,  # noqa: ARG005  # that it came is all it says
}
