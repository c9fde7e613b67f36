"""Know which processes live: each is asked now and then, and its last answer is a row."""

from datetime import datetime, timedelta
from threading import Event
from uuid import uuid4

from django.utils import timezone

from kfm_review.control import broker, dispatch
from kfm_review.outbox.models import Pulse
from kfm_review.outbox.pulse import FRESH, heard
from kfm_review.releases import verifying
from pipelines import spec

TICK_S = 1.0
ASK_AFTER = timedelta(seconds=10)
PROMOTER_PING, WORKER_PING, VERIFY_PING = "kfm_review.tasks.ping", "pipelines.ping", "pipelines.ping_verify"
ASKED = ("worker", "verify", "promoter")


def loop(over: Event) -> None:
    """Answer for control, and ask the others."""
    asked: dict[str, datetime] = {}
    while not over.is_set():
        now = timezone.now()
        heard("control", token="", now=now)
        for process in ASKED:
            if (
                _silent(process, since=now - ASK_AFTER, first=process not in asked)
                and now - asked.get(process, now - FRESH) >= FRESH
            ):
                ask(process)
                asked[process] = now
        over.wait(TICK_S)


def ask(process: str) -> None:
    """Send a ping that goes the way of real work, unless something waits there that will be answered, too."""
    task, queue = {
        "promoter": (PROMOTER_PING, broker.PROMOTE),
        "verify": (VERIFY_PING, verifying.QUEUE),
    }.get(process) or (WORKER_PING, _first_pool())
    if not broker.waiting(queue):
        broker.send_ping(task, uuid4().hex, queue=queue)


def _first_pool() -> str:
    return f"{dispatch.POOL}{min(family.pool for family in spec.families())}"


def _silent(process: str, *, since: datetime, first: bool) -> bool:
    return first or not Pulse.objects.filter(process=process, answered_at__gt=since).exists()
