"""Find what got lost and set it going again: attempts, results, promotions."""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from threading import Event

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from kfm_review.control import broker, results
from kfm_review.outbox import post
from kfm_review.releases.models import Promotion
from kfm_review.releases.states import Status as Step
from kfm_review.runs import actions as runs
from kfm_review.runs.models import Attempt, Run
from kfm_review.runs.states import Status
from pipelines import digest
from pipelines.store import Results, place

log = logging.getLogger(__name__)

AT_ONCE = 100


def loop(over: Event) -> None:
    """Sweep every few seconds."""
    while not over.wait(settings.KFM_SWEEP_S):
        sweep(now=timezone.now())


def sweep(*, now: datetime) -> None:
    """Do one round; results first, so that nothing is begun again that has ended."""
    take_unreported(now=now)
    begin_again(now=now)
    send_again(now=now)
    promote_again(now=now)


def take_unreported(*, now: datetime) -> None:
    """Take the results that lie in the store although their message should have come by now."""
    left = Results(place(settings.STORE_URL, "results"))
    for words in left.waiting():
        if now - datetime.fromisoformat(words["at"]) >= timedelta(seconds=settings.KFM_SWEEP_S):
            results.take(digest.canonical(words), now=now)


def begin_again(*, now: datetime) -> None:
    """Begin another attempt of every run whose heartbeat stopped, or end it when none is left."""
    silent_since = now - timedelta(seconds=settings.KFM_LEASE_S)
    for run in Run.objects.filter(status=Status.RUNNING).order_by("pk").iterator():
        with _each(run):
            if _last_sign(run) < silent_since:
                log.warning("Run %s was not heard of since %s.", run.pk, silent_since)
                runs.attempt(run, now=now)


def send_again(*, now: datetime) -> None:
    """Send an attempt again that no worker took, unless it still waits in its queue."""
    patience = now - timedelta(seconds=settings.KFM_LEASE_S)
    ...


def promote_again(*, now: datetime) -> None:
    """Send a promotion again that is not done and that no living promoter works on."""
    ...
