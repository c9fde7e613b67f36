"""`manage.py test`: the suite, with services of its own; what follows is passed on to pytest."""

import sys

from django.core.management.base import BaseCommand

from kfm_review.local import suite


class Command(BaseCommand):
    help = "Run the tests. Everything after `test` is passed on to pytest."
    requires_system_checks = ()

    def run_from_argv(self, argv: list[str]) -> None:
        """Pass everything on: pytest knows its own options."""
        sys.exit(suite.main(argv[2:]))
