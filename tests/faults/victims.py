"""What is killed, each with the signal that nobody can catch."""

import os
import signal
from contextlib import suppress

from tests.faults.house import House
from tests.stack import wait

CHILD, ALL = "worker child", "everything"
PARTS = {
    "worker": "worker",
    "control": "control",
    "promoter": "promoter",
    "web": "web",
    "broker": "valkey",
    "PostgreSQL": "postgres",
}
VICTIMS = (CHILD, *PARTS, ALL)


def kill(house: House, victim: str) -> None:
    """Kill a victim where it stands; one that is dead already stays so."""
    if victim == CHILD:
        _kill_children(house)
        return
    for name in PARTS.values() if victim == ALL else (PARTS[victim],):
        if house.running.parts.lives(name):
            house.running.kill(name)


def _kill_children(house: House) -> None:
    """Kill whoever carries runs out, at work or not, and wait until they are gone."""
    if not house.running.parts.lives("worker"):
        return
    children = house.running.children("worker")
    for child in children:
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
    for child in children:
        wait(lambda: _is_dead(child), why="a child survived its killing")  # noqa: B023  # called at once


def _is_dead(pid: int) -> bool:
    """Say whether a process is gone, or only waits for its parent to notice."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as words:  # noqa: PTH123  # it may vanish
            return words.read().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True
