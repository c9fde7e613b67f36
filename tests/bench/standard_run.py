"""Print what the standard small run costs on an idle stack: `python -m tests.bench.standard_run`.

1,000 points; GeoParquet, PMTiles, CSV diff, preview, all gates, STAC, DCAT, PROV, manifest, record, audit.
"""

import importlib
import os
import platform
import statistics
import sys

import django

from tests.stack import stack

WARM, ALONE, BURST, BURSTS = 4, 15, 20, 3


def main() -> None:
    """Measure alone and in bursts, and print where the time goes."""
    with stack(durable=True) as running:
        running.manage("people", "demo")
        os.environ.update(running.told.of("web"), DJANGO_SETTINGS_MODULE="kfm_review.settings")
        django.setup()
        steward = importlib.import_module("tests.bench.asking").Steward(running)
        steward.release_first()
        for _ in range(WARM):
            steward.alone()
        alone = [steward.alone() for _ in range(ALONE)]
        bursts = [BURST / steward.burst(BURST) for _ in range(BURSTS)]
        parts = [steward.parts(run) for _, run in alone]
    seconds = [took for took, _ in alone]
    say(f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}")
    median, worst = statistics.median(seconds), max(seconds)
    say(f"alone, submit to done: p50 {median:.3f} s, worst {worst:.3f} s, n={ALONE}")
    for name in parts[0]:
        say(f"  {name}: p50 {statistics.median(part[name] for part in parts) * 1000:.0f} ms")
    say(f"burst of {BURST}: {', '.join(f'{rate:.1f}' for rate in bursts)} runs/s")


def say(words: str) -> None:
    """Print one line."""
    sys.stdout.write(f"{words}\n")


if __name__ == "__main__":
    main()
