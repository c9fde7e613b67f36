"""`manage.py control`: run the loops between the database and the workers until told to stop."""

import signal
from threading import Event
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand

from kfm_review.celery import app
from kfm_review.control import loops


class Command(BaseCommand):
    help = "Carry messages out and results in, sweep up what got lost. Two copies are safe; one leads."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002  # Django's signature
        over = Event()

        def end(signum: int, frame: FrameType | None) -> None:  # noqa: ARG001  # the signal's signature
            over.set()

        signal.signal(signal.SIGTERM, end)
        signal.signal(signal.SIGINT, end)
        app.set_default()
        loops.run(over)
