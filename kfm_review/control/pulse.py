"""Know which processes live: each is asked now and then, and its last answer is a row."""

from datetime import datetime, timedelta
from threading import Event
from uuid import uuid4

from django.utils import timezone

from kfm_review.control import broker
from kfm_review.outbox.models import Pulse
from pipelines import spec

TICK_S = 1.0
FRESH = timedelta(seconds=5)  # heard of within this time: not written again
ASK_AFTER = timedelta(seconds=10)
PROMOTER_PING = "kfm_review.tasks.ping"


def loop(over: Event) -> None:
    """Answer for control, and ask the others."""
    asked: dict[str, datetime] = {}
    while not over.is_set():
        now = timezone.now()
        heard("control", token="", now=now)
        for process in ("worker", "promoter"):
            if (
                _silent(process, since=now - ASK_AFTER, first=process not in asked)
                and now - asked.get(process, now - FRESH) >= FRESH
            ):
                ask(process, now=now)
                asked[process] = now
        over.wait(TICK_S)


def ask(process: str, *, now: datetime) -> None:
    """Send a ping that goes the way of real work; it is worthless after a while."""
    until = now + ASK_AFTER
    if process == "promoter":
        broker.send_ping(PROMOTER_PING, uuid4().hex, queue=broker.PROMOTE, until=until)
        return
    pool = sorted(family.pool for family in spec.families())[0]
    broker.send_ping("pipelines.ping", uuid4().hex, queue=f"pool.{pool}", until=until)


def heard(process: str, *, token: str, now: datetime) -> None:
    """Write down that `process` has just shown that it lives."""
    if not token and Pulse.objects.filter(process=process, answered_at__gt=now - FRESH).exists():
        return
    Pulse.objects.update_or_create(process=process, defaults={"answered_at": now, "token": token})


def _silent(process: str, *, since: datetime, first: bool) -> bool:
    return first or not Pulse.objects.filter(process=process, answered_at__gt=since).exists()
