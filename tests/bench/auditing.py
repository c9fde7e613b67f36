"""Writers that append events or change things until their time is up; imported once Django is set up."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from django.db import connection, connections, transaction
from django.utils import timezone

from kfm_review.audit.record import record
from kfm_review.local.history import holder
from kfm_review.releases import actions
from kfm_review.runs.models import Asset
from pipelines import digest
from pipelines.proof import merkle

HELD_S = 0.020
COLUMNS = "(at, actor_id, action, target, family, why, details, body, leaf_hash)"


def write(way: str, writers: Sequence[int], seconds: float) -> int:
    """Let each of `writers` work for a while, and return how often all of them did it."""
    vars(actions)["record"] = (lambda *_, **__: None) if way == "plain" else record
    deed: Callable[[int], int] = {"insert": _insert, "append": _append}.get(way, _change)
    with ThreadPoolExecutor(len(writers)) as pool:
        return sum(pool.map(lambda writer: _until_over(deed, writer, seconds), writers))


def _until_over(deed: Callable[[int], int], writer: int, seconds: float) -> int:
    try:
        deed(writer)  # connects
        end, done = time.perf_counter() + seconds, 0
        while time.perf_counter() < end:
            done += deed(writer)
        return done
    finally:
        connections.close_all()


def _append(writer: int) -> int:
    with transaction.atomic():
        record("bench.appended", f"bench:{writer}", actor=None, at=timezone.now(), why="Measured.", n=writer)
        time.sleep(HELD_S)
    return 1


def _insert(writer: int) -> int:
    """Insert the very same row into a table without triggers, which nobody numbers."""
    now = timezone.now()
    body = digest.canonical({"at": now.isoformat(), "n": writer, "why": "Measured.", "target": "bench"})
    with transaction.atomic(), connection.cursor() as cursor:
        leaf = merkle.leaf_hash(body).hex()
        cursor.execute(
            f"INSERT INTO bench_event {COLUMNS} VALUES (%s, NULL, %s, %s, '', %s, %s, %s, %s) RETURNING id",  # noqa: S608  # our own columns
            [now, "bench.appended", f"bench:{writer}", "Measured.", '{"n": 1}', body, leaf],
        )
        time.sleep(HELD_S)
    return 1


def _change(writer: int) -> int:
    """Hold an asset of one's own and lift that again: two changes."""
    name = f"ks_bench/{writer}"
    if not Asset.objects.filter(name=name).exists():
        Asset.objects.create(name=name, family="ks_airports", title="Measured")
    actor = holder("publisher")
    actions.hold(asset=name, actor=actor, why="Measured.", now=timezone.now())
    actions.lift(asset=name, actor=actor, why="Measured.", now=timezone.now())
    return 2
