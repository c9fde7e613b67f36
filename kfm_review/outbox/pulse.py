"""Write down that a process has just shown that it lives."""

from datetime import datetime, timedelta

from kfm_review.outbox.models import Pulse

FRESH = timedelta(seconds=5)  # heard of within this time: not written again


def heard(process: str, *, token: str, now: datetime) -> None:
    """Note a sign of life; one with a token answers a question and is always noted."""
    if not token and Pulse.objects.filter(process=process, answered_at__gt=now - FRESH).exists():
        return
    Pulse.objects.update_or_create(process=process, defaults={"answered_at": now, "token": token})
