"""What the promoter does: one message, one call."""

from celery import shared_task
from django.utils import timezone

from kfm_review.outbox.pulse import heard
from kfm_review.releases import promoting


@shared_task(name="kfm_review.tasks.promote")
def promote(promotion: int) -> None:
    """Carry out one promotion; the message holds its id and nothing else."""
    promoting.carry_out(promotion, now=timezone.now)


@shared_task(name="kfm_review.tasks.ping")
def ping(token: str) -> None:
    """Answer that this promoter lives."""
    heard("promoter", token=token, now=timezone.now())
