"""The whole product as processes in a folder of its own, to be killed and started again one by one."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import psycopg

from kfm_review.local.place import Place, taken
from kfm_review.local.stack import ROOT, Stack
from kfm_review.local.supervise import Part

PROCESSES = ("worker", "verify", "witness", "control", "promoter", "web")


class Running(Stack):
    """A stack whose parts a test kills as a crash would."""

    extra: Mapping[str, str] = {}
    instead: Mapping[str, list[str]] = {}  # how parts are called otherwise than usually
    _watch: psycopg.Connection[tuple[object, ...]] | None = None

    def part(self, name: str) -> Part:
        """Add what the test tells every process, or call another one in its place."""
        part = super().part(name)
        command = [sys.executable, *self.instead[name]] if name in self.instead else part.command
        return replace(part, command=command, environment={**part.environment, **self.extra})

    def up(self) -> None:
        """Start everything, in the order in which `manage.py up` does."""
        self.start_services()
        for _ in self.settle():
            pass
        self.start_processes()
        self.await_ready()

    def kill(self, name: str) -> None:
        """End one part, and all its children, with a signal nobody can catch."""
        _, process = self.parts._running.pop(name)
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=30)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)

    def restart(self, name: str) -> None:
        """Kill one part if it lives, and start it again."""
        if name in self.parts._running:
            self.kill(name)
        self.start(name)

    def mend(self) -> None:
        """Start whatever does not run, in the order in which `manage.py up` does."""
        for name in ("valkey", "postgres", *PROCESSES):
            if name == "postgres" and not self.parts.lives(name):
                self._postgres.prepare()
            if not self.parts.lives(name):
                self.start(name)

    def freeze(self, name: str) -> None:
        """Stop one part where it is; it keeps all it holds."""
        os.kill(self.parts.pid(name), signal.SIGSTOP)

    def thaw(self, name: str) -> None:
        """Let one part go on, if it still lives."""
        if self.parts.lives(name):
            os.kill(self.parts.pid(name), signal.SIGCONT)

    def children(self, name: str) -> list[int]:
        """Return the direct children of one part."""
        pid = self.parts.pid(name)
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def leave(self) -> None:
        """End everything."""
        if self._watch:
            self._watch.close()
        self.parts.end_all()

    def log(self, name: str) -> str:
        return (self.place.logs / f"{name}.log").read_text(encoding="utf-8", errors="replace")

    def manage(self, *arguments: str) -> str:
        """Run one management command as the owner."""
        command = [sys.executable, "manage.py", *arguments]
        environment = {**self.told.of("owner"), **self.extra}
        return subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True
        ).stdout

    def ask(self, query: str, *values: object) -> list[tuple[object, ...]]:
        """Return the rows of one query, asked as the owner."""
        try:
            return self._watching().execute(query.encode(), values).fetchall()
        except psycopg.OperationalError:  # the server was ended since
            return self._watching(anew=True).execute(query.encode(), values).fetchall()

    def _watching(self, *, anew: bool = False) -> psycopg.Connection[tuple[object, ...]]:
        if anew and self._watch:
            self._watch.close()
            self._watch = None
        self._watch = self._watch or psycopg.connect(self.told.owner_url, autocommit=True)
        return self._watch


@contextlib.contextmanager
def stack(*, durable: bool, history: bool = False, **extra: str) -> Iterator[Running]:
    """Run the whole product in a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="kfm-") as folder:
        Path(folder).chmod(0o755)
        with taken(Path(folder) / "var", port=0) as place:
            running = _made(place, durable=durable, history=history)
            running.extra = {"KFM_ENV": "test", **extra}
            try:
                running.up()
                yield running
            finally:
                running.leave()


def _made(place: Place, *, durable: bool, history: bool) -> Running:
    place.folder.chmod(0o755)
    return Running(place, port=free_port(), given={"KFM_ENV": "test"}, history=history, durable=durable)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait(holds: Callable[[], object], *, why: str, seconds: float = 60) -> None:
    """Return as soon as `holds`; give up with the reason."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise TimeoutError(why)
        time.sleep(0.01)
