"""What holds the house in a moment: a frozen process, a lock, a commit that nobody hears of."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress

import psycopg

from tests.faults.house import House, run_of
from tests.stack import wait

TRIES = 8
POLL_S = 0.005
STARTED = "SELECT 1 FROM runs_run WHERE id = %s AND status = 'running'"
WAITS_FOR_LOCK = "SELECT 1 FROM pg_stat_activity WHERE usename = %s AND wait_event_type = 'Lock'"
WAITS_FOR_STANDBY = """
SELECT 1 FROM pg_stat_activity WHERE usename = %s AND wait_event = 'SyncRep' AND query LIKE %s
"""
A_COMMIT = "SELECT pg_logical_emit_message(true, 'faults', '')"


@contextmanager
def frozen(house: House, name: str) -> Iterator[None]:
    """Freeze one process."""
    house.running.freeze(name)
    try:
        yield
    finally:
        house.running.thaw(name)


@contextmanager
def locked(house: House, lock: str, *, against: str) -> Iterator[Callable[[], None]]:
    """Hold a lock; what is yielded returns once a process of that role waits for it."""
    with suppress(psycopg.OperationalError), psycopg.connect(house.running.told.owner_url) as holder:
        holder.execute(lock.encode())
        why = f"{against} does not wait for {lock}"
        yield lambda: wait(lambda: house.running.ask(WAITS_FOR_LOCK, against), why=why)


@contextmanager
def unconfirmed_after(house: House, lock: str, *, by: str) -> Iterator[Callable[[], None]]:
    """Lead a role to a lock, then let it go on and commit for good, and keep the word of that back.

    What is yielded does so once the role waits. Commits wait for a standby that does not exist.
    """
    file = house.running._postgres.data / "postgresql.auto.conf"
    before = file.read_text()
    with ExitStack() as held:
        reached = held.enter_context(locked(house, lock, against=by))

        def committed() -> None:
            reached()
            file.write_text(f"{before}synchronous_standby_names = '*'\n")
            _reload(house)
            wait(lambda: _commit_hangs(house), why="commits are still confirmed")
            held.close()
            house.until(WAITS_FOR_STANDBY, by, "COMMIT", why=f"{by} commits nothing")

        try:
            yield committed
        finally:
            file.write_text(before)
            _reload(house)


@contextmanager
def seized(house: House) -> Iterator[str]:
    """Freeze the worker's children while one of them is in the midst of a run; yield that run."""
    for _ in range(TRIES):
        file = house.edition()
        answer = house.meanwhile(lambda: house.request(file))  # noqa: B023  # it is awaited below
        spin(house.pinned(file.file).exists)
        children(house, signal.SIGSTOP)
        run = run_of(answer.result())
        house.until(STARTED, run, why="the run was not begun")
        if house.results(run):  # too late
            children(house, signal.SIGCONT)
            house.until_quiet()
            continue
        try:
            yield run
        finally:
            children(house, signal.SIGCONT)
        return
    raise TimeoutError("No run could be held in its midst.")


def children(house: House, number: signal.Signals) -> None:
    """Send a signal to whoever carries runs out."""
    if house.running.parts.lives("worker"):
        for child in house.running.children("worker"):
            with suppress(ProcessLookupError):
                os.kill(child, number)


def spin(holds: Callable[[], object], *, seconds: float = 60) -> None:
    """Return in the very moment in which something holds."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise TimeoutError("What was looked for did not come.")


def _reload(house: House) -> None:
    if house.running.parts.lives("postgres"):
        os.kill(house.running.parts.pid("postgres"), signal.SIGHUP)


def _commit_hangs(house: House) -> bool:
    """Commit something, and see whether that is kept waiting."""
    probe = house.meanwhile(lambda: _commit(house.running.told.owner_url))
    while not probe.done():
        if house.running.ask(WAITS_FOR_STANDBY, "owner", A_COMMIT):
            return True
        time.sleep(POLL_S)
    return False


def _commit(address: str) -> None:
    with suppress(psycopg.OperationalError), psycopg.connect(address, autocommit=True) as other:
        other.execute(A_COMMIT.encode())
