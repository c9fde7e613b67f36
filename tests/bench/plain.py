"""The least that Celery can do, beside our own runs: `python -m tests.bench.plain`."""

import os
import statistics
import sys
import time

from celery import Celery
from celery.contrib.testing.worker import start_worker

from tests.stack import stack

ALONE, BURST = 200, 2000

app = Celery("plain", fixups=[])


@app.task(name="plain.echo")
def echo(value: int) -> int:
    """Return what came."""
    return value


def main() -> None:
    """Send tasks one by one, then many at once, over the broker of a stack of our own."""
    with stack(durable=True) as running:
        address = running.told.broker_url
        app.conf.update(broker_url=address, result_backend=address)
        with start_worker(app, pool="solo", perform_ping_check=False, queues=["celery"]):
            alone = [_seconds(number) for number in range(ALONE)]
            began = time.perf_counter()
            for sent in [echo.delay(number) for number in range(BURST)]:
                sent.get(timeout=60)
            rate = BURST / (time.perf_counter() - began)
    sys.stdout.write(
        f"{os.cpu_count()} cores; plain task there and back: p50 {statistics.median(alone) * 1000:.1f} ms; "
        f"burst of {BURST}: {rate:.0f}/s\n"
    )


def _seconds(number: int) -> float:
    began = time.perf_counter()
    echo.delay(number).get(timeout=10)
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
