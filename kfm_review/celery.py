"""The Celery application of people's side: what the promoter runs and what control sends with."""

import os

from celery import Celery
from celery.signals import worker_init
from django.conf import settings
from django.utils import timezone

from kfm_review.accounts import ownership
from kfm_review.errors import OwnerRefused
from pipelines.proof.roster import PROMOTER

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kfm_review.settings")

app = Celery("kfm-review", broker=settings.BROKER_URL, include=["kfm_review.tasks"])
app.conf.update(
    accept_content=["json"],
    broker_connection_max_retries=None,
    broker_connection_retry_on_startup=True,
    broker_transport_options={"visibility_timeout": 86_400},
    result_backend="disabled://",
    task_default_queue="promote",
    task_ignore_result=True,
    task_serializer="json",
    worker_disable_prefetch=True,
    worker_prefetch_multiplier=1,
    worker_send_task_events=False,
)
app.set_default()


@worker_init.connect
def _refuse(**_: object) -> None:
    """Refuse to promote as the tables' owner, or without a key of one's own where machines must sign."""
    from kfm_review.signing import machines  # noqa: PLC0415  # models are there once Django is set up

    try:
        ownership.refuse_owner()
    except OwnerRefused as why:
        raise SystemExit(str(why)) from why
    try:
        machines.check_own(role=PROMOTER, now=timezone.now())
    except machines.Forged as why:
        raise SystemExit(
            f"The promoter does not start with KFM_ENV={settings.KFM_ENV}: {why} Name its private key in "
            "KFM_KEY_FILE, and have a roster signed that lists it as `promoter`."
        ) from why
