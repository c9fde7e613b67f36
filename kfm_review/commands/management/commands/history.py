"""`manage.py history`: play the first history through the real actions, once."""

from typing import Any

from django.core.management.base import BaseCommand

from kfm_review.local import history


class Command(BaseCommand):
    help = "Play the first history of the airports, unless it was played."

    def handle(self, *_: Any, **__: Any) -> None:
        history.play(say=self.stdout.write)
