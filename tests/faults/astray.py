"""A worker whose clock is wrong by the seconds it is told first: `python -m tests.faults.astray 86400 …`."""

import importlib
import sys
import time
from datetime import datetime, timedelta, tzinfo
from typing import Self

from pipelines import worker

ASTRAY_S = float(sys.argv[1])
_time = time.time


class Astray(datetime):
    """Tells the time of another day."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:
        """Return the wrong time."""
        return super().now(tz) + timedelta(seconds=ASTRAY_S)


def main() -> None:
    """Run a worker as usual, with the wrong time wherever it looks at a clock."""
    clocks = ("pipelines.worker", "celery.worker.request")  # what a run says, and when a message expires
    for clock in clocks:
        vars(importlib.import_module(clock))["datetime"] = Astray
    time.time = lambda: _time() + ASTRAY_S
    worker.main(sys.argv[2:])


if __name__ == "__main__":
    main()
