"""Print what the audit record costs whoever writes to it: `python -m tests.bench.audit`.

Appending under the sequencer beside inserting only; a change that is audited beside the same that is not.
"""

import importlib
import os
import platform
import statistics
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import psycopg

from tests.stack import Running, stack

ROUNDS, SECONDS, HELD_S = 5, 4.0, 0.020
PROCESSES = 4
WRITERS, CHANGERS = 16, (1, 8)
UNNUMBERED = (
    "SELECT count(*) FROM audit_event e WHERE NOT EXISTS (SELECT FROM audit_leaf WHERE event_id = e.id)"
)


def main() -> None:
    """Measure both ways of each by turns, so that a slow minute falls on both."""
    say(f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}")
    with stack(durable=True) as running:
        running.manage("people", "demo")
        with psycopg.connect(running.told.owner_url) as owner:
            owner.execute("CREATE TABLE bench_event (LIKE audit_event INCLUDING ALL)")
        told = {**running.told.of("owner"), "DJANGO_SETTINGS_MODULE": "kfm_review.settings"}
        with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:
            appending(running, pool, told)
            for writers in CHANGERS:
                changing(pool, told, writers=writers)


def appending(running: Running, pool: ProcessPoolExecutor, told: dict[str, str]) -> None:
    """Compare events that are numbered and signed meanwhile with rows that are only inserted."""
    inserted, appended = by_turns(pool, told, ("insert", "append"), writers=WRITERS)
    [(left,)] = running.ask(UNNUMBERED)
    say(
        f"{WRITERS} writers, transactions of {HELD_S * 1000:.0f} ms: inserted only {inserted:.0f}/s, "
        f"appended {appended:.0f}/s: {appended / inserted:.0%}; {left} events unnumbered at the end"
    )


def changing(pool: ProcessPoolExecutor, told: dict[str, str], *, writers: int) -> None:
    """Compare holds that are set and lifted with and without their record."""
    plain, audited = by_turns(pool, told, ("plain", "audited"), writers=writers)
    say(
        f"{writers} writers: plain changes {plain:.0f}/s, audited {audited:.0f}/s: {audited / plain:.0%}; "
        f"one takes {writers / plain * 1000:.2f} and {writers / audited * 1000:.2f} ms"
    )


def by_turns(
    pool: ProcessPoolExecutor, told: dict[str, str], ways: Sequence[str], *, writers: int
) -> list[float]:
    """Return the median rate of each way, tried in turn."""
    rates: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(ROUNDS):
        for way in ways:
            share = max(1, writers // PROCESSES)
            sent = [pool.submit(written, told, way, first, share) for first in range(0, writers, share)]
            rates[way].append(sum(each.result() for each in sent) / SECONDS)
    return [statistics.median(rates[way][1:]) for way in ways]


def written(told: dict[str, str], way: str, first: int, writers: int) -> int:
    """Write for a while in this process, with some writers, and return how often."""
    os.environ.update(told)
    importlib.import_module("django").setup()
    return int(
        importlib.import_module("tests.bench.auditing").write(way, range(first, first + writers), SECONDS)
    )


def say(words: str) -> None:
    """Print one line."""
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
