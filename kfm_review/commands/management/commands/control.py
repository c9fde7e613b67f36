"""`manage.py control`: run the loops between the database and the workers until told to stop."""

import signal
from threading import Event
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from kfm_review.accounts import ownership
from kfm_review.celery import app
from kfm_review.control import loops
from kfm_review.errors import OwnerRefused


class Command(BaseCommand):
    help = "Carry messages out and results in, sweep up what got lost. Two copies are safe; one leads."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002  # Django's signature
        try:
            ownership.refuse_owner()
        except OwnerRefused as why:
            raise CommandError(str(why)) from why
        over = Event()

        def end(signum: int, frame: FrameType | None) -> None:  # noqa: ARG001  # the signal's signature
            over.set()

        signal.signal(signal.SIGTERM, end)
        signal.signal(signal.SIGINT, end)
        app.set_default()
        loops.run(over)
