"""Parts run on a leash: a crash is told, nothing is left behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kfm_review.local.refusal import Ended, NotStarted
from kfm_review.local.supervise import Part, Supervisor

STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf'); time.sleep(600)"
)
WITH_CHILD = "import subprocess, sys, time; subprocess.Popen(['sleep', '600']); time.sleep(600)"


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[Supervisor]:
    supervisor = Supervisor(logs=tmp_path, folder=tmp_path)
    yield supervisor
    supervisor.end_all()


def part(name: str, code: str, *, patience_s: float = 5.0, ends: bool = False) -> Part:
    command = [sys.executable, "-u", "-c", code]
    return Part(name=name, command=command, environment=dict(os.environ), patience_s=patience_s, ends=ends)


def gone(pid: int) -> bool:
    """Say whether a process has ended, whoever has to bury it."""
    for _ in range(100):
        status = Path(f"/proc/{pid}/stat")
        if not status.exists() or status.read_text().rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.05)
    return False


def test_a_crash_says_which_part_and_why(parts: Supervisor) -> None:
    parts.start(part("promoter", "print('the disk is full'); raise SystemExit(3)"))
    with pytest.raises(Ended, match=r"(?s)promoter ended with exit code 3.*the disk is full"):
        wait_for_end(parts)


def test_a_kill_is_told_by_its_name(parts: Supervisor) -> None:
    pid = parts.start(part("web", "import time; time.sleep(600)"))
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(Ended, match="web was ended by SIGKILL"):
        wait_for_end(parts)


def test_a_part_that_may_end_does_so_quietly(parts: Supervisor) -> None:
    pid = parts.start(part("history", "pass", ends=True))
    assert gone(pid)
    parts.check()
    assert not parts.lives("history")


def test_a_step_that_fails_says_what_it_said(parts: Supervisor) -> None:
    with pytest.raises(NotStarted, match=r"(?s)'migrate' failed.*no such table"):
        parts.run(part("migrate", "raise SystemExit('no such table')"))


def test_a_part_that_does_not_listen_is_killed(parts: Supervisor, tmp_path: Path) -> None:
    pid = parts.start(part("worker", STUBBORN, patience_s=0.3))
    while "deaf" not in (tmp_path / "worker.log").read_text():
        time.sleep(0.02)
    parts.end_all()
    assert gone(pid)


def test_what_a_part_started_ends_with_it(parts: Supervisor) -> None:
    pid = parts.start(part("web", WITH_CHILD))
    children = Path(f"/proc/{pid}/task/{pid}/children")
    while not (child := children.read_text().split()):
        time.sleep(0.02)
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(Ended):
        wait_for_end(parts)
    assert gone(int(child[0]))


def test_when_the_supervisor_is_killed_its_parts_die_too(tmp_path: Path) -> None:
    code = f"""
import os, sys, time
from pathlib import Path
from kfm_review.local.supervise import Part, Supervisor
folder = Path({str(tmp_path)!r})
parts = Supervisor(logs=folder, folder=folder)
command = [sys.executable, "-c", {STUBBORN!r}]
print(parts.start(Part(name="worker", command=command, environment=dict(os.environ))), flush=True)
time.sleep(600)
"""
    supervisor = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert supervisor.stdout is not None
    pid = int(supervisor.stdout.readline())
    supervisor.kill()
    supervisor.communicate()
    assert gone(pid)


def wait_for_end(parts: Supervisor) -> None:
    for _ in range(500):
        parts.check()
        time.sleep(0.02)
