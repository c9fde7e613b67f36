#!/usr/bin/env python3
"""Run KFM Review's commands; on a bare machine, first build what they need."""

import importlib
import os
import sys

from kfm_review.local import bootstrap


def main() -> None:
    """Make sure that this is the checkout's own Python, then hand over to Django."""
    bootstrap.settle(sys.argv)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kfm_review.settings")
    management = importlib.import_module("django.core.management")  # missing until settle() has been here
    management.execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
