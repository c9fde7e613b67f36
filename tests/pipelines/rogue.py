"""A worker whose runs do what no run should, so that tests see that it lives on."""

import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable
from datetime import datetime

from pipelines import runner, worker
from pipelines.family import Resources
from pipelines.model import Job
from pipelines.store import Places

Tell = Callable[[str, int, int], None]
real = runner.run


def misbehave(job: Job, *, places: Places, now: Callable[[], datetime], tell: Tell) -> runner.Ran:
    """Do what the request's reason says."""
    tell("Misbehaving", 1, 1)
    match job.why:
        case "read a null pointer":
            ctypes.string_at(0)
        case "leave":
            os._exit(3)
        case "be killed":
            os.kill(os.getpid(), signal.SIGKILL)
        case "hang":
            time.sleep(600)
        case "eat memory":
            list(range(10**9))
        case "raise":
            raise ValueError("something nobody thought of")
        case "take a while":
            time.sleep(1.5)
    return real(job, places=places, now=now, tell=tell)


def tight(family: str) -> Resources:  # noqa: ARG001  # the same for every family
    """Return narrow bounds, so that tests need not wait for wide ones."""
    return Resources(memory_mb=512, timeout_s=3)


def main() -> None:
    runner.run = misbehave  # type: ignore[assignment]  # workers pin nothing again
    worker.bounds = tight
    worker.main(sys.argv[1:])


if __name__ == "__main__":
    main()
