"""What is still missing before the house is ready."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import DatabaseError

from kfm_review.audit.models import Event
from kfm_review.outbox.models import Pulse

PROCESSES = ("control", "worker", "verify", "promoter")
FRESH = timedelta(seconds=60)
HISTORY = "history.played"


def missing(now: datetime) -> list[str]:
    """Return a sentence for everything that is not ready yet; nothing when all is."""
    try:
        return [*_silent(now), *_unplayed()]
    except DatabaseError:
        return ["the database does not answer, or is not migrated yet"]


def _silent(now: datetime) -> list[str]:
    answered = dict(Pulse.objects.filter(answered_at__gte=now - FRESH).values_list("process", "answered_at"))
    return [
        f"{process} has not answered within {FRESH.seconds} s"
        for process in PROCESSES
        if process not in answered
    ]


def _unplayed() -> list[str]:
    if not settings.KFM_HISTORY or Event.objects.filter(action=HISTORY).exists():
        return []
    return ["the demo history is not played yet"]
