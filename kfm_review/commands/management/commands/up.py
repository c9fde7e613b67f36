"""`manage.py up`: the whole of KFM Review on this machine."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from kfm_review.local import up


class Command(BaseCommand):
    help = "Start the whole of KFM Review on this machine and stay until Ctrl-C."
    requires_system_checks = ()

    def handle(self, *_: Any, **__: Any) -> None:
        sys.exit(up.main())
