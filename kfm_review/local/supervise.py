"""Start child processes on a leash, notice when one ends, and end them all in reverse order."""

import contextlib
import os
import pwd
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kfm_review.local.leash import leash
from kfm_review.local.refusal import Ended, NotStarted

POLL_S = 0.02
TAIL_LINES = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    name: str
    command: list[str]
    environment: Mapping[str, str]
    user: str | None = None
    stop: signal.Signals = signal.SIGTERM
    last_word: signal.Signals = signal.SIGKILL  # what it hears when its supervisor is gone
    patience_s: float = 8.0
    ends: bool = False  # it may end by itself, if it ends well
    serves: bool = False  # others lean on it: it is ended after them


class Supervisor:
    """The parts that run, in the order in which they were started."""

    def __init__(self, *, logs: Path, folder: Path) -> None:
        self._logs = logs
        self._folder = folder
        self._running: dict[str, tuple[Part, subprocess.Popen[bytes]]] = {}

    def start(self, part: Part) -> int:
        """Start a part in a session of its own and return its process id."""
        with self._log(part.name).open("wb") as log:
            child = subprocess.Popen(  # noqa: S603  # commands of ours
                part.command,
                cwd=self._folder,
                env=dict(part.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=leash(part.last_word),  # noqa: PLW1509  # there are no threads here
                **identity(part.user),
            )
        self._running[part.name] = (part, child)
        return child.pid

    def pid(self, name: str) -> int:
        """Return the process id of a running part."""
        return self._running[name][1].pid

    def run(self, part: Part) -> str:
        """Run a step to its end and return what it said."""
        log = self._log(part.name)
        self.start(part)
        _, child = self._running.pop(part.name)
        if child.wait():
            raise NotStarted(f"The step '{part.name}' failed. The end of {log}:\n{tail(log)}")
        return log.read_text(errors="replace")

    def until(self, answers: Callable[[], None], *, of: str, within_s: float, poll_s: float = POLL_S) -> None:
        """Wait until `answers` no longer raises ConnectionError, as long as every part lives."""
        since = time.monotonic()
        while True:
            self.check()
            try:
                return answers()
            except ConnectionError as cause:
                if time.monotonic() - since > within_s:
                    log = self._log(of)
                    words = f"{of} gave no answer within {within_s:.0f} s ({cause}). The end of {log}:"
                    raise NotStarted(f"{words}\n{tail(log)}") from cause
            time.sleep(poll_s)

    def check(self) -> None:
        """Raise when a part has ended that should not have."""
        for name, (part, child) in list(self._running.items()):
            code = child.poll()
            if code is None:
                continue
            del self._running[name]
            _kill_session(child)
            if not (part.ends and code == 0):
                why = f"{name} {_manner(code)}, so all is ended; mend what it said and start again."
                raise Ended(f"{why} The end of {self._log(name)}:\n{tail(self._log(name))}")

    def lives(self, name: str) -> bool:
        """Say whether a part is running."""
        return name in self._running and self._running[name][1].poll() is None

    def end(self, *names: str) -> None:
        """End parts: all are asked at once, and what is left in their sessions after a while is killed."""
        ending = [self._running.pop(name) for name in names]
        for part, child in ending:
            with contextlib.suppress(ProcessLookupError):
                child.send_signal(part.stop)
        for part, child in ending:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(part.patience_s)
            _kill_session(child)

    def end_all(self) -> None:
        """End every part, the last started first, services last; nothing interrupts this."""
        with _undisturbed():
            self.end(*(name for name in reversed(self._running) if not self._running[name][0].serves))
            for name in reversed(list(self._running)):
                self.end(name)

    def _log(self, name: str) -> Path:
        return self._logs / f"{name}.log"


def identity(user: str | None) -> dict[str, Any]:
    """Return what makes a child run as another user."""
    if user is None:
        return {}
    return {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []}


def tail(log: Path) -> str:
    """Return the last lines of a log, or a word in their place."""
    lines = log.read_text(errors="replace").splitlines()[-TAIL_LINES:] if log.is_file() else []
    return "\n".join(f"    {line}" for line in lines) or "    (it said nothing)"


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Turn every polite request to end into KeyboardInterrupt."""

    def interrupt(number: int, _: object) -> None:
        raise KeyboardInterrupt(signal.Signals(number).name)

    before = {
        number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, signal.SIG_IGN) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _kill_session(child: subprocess.Popen[bytes]) -> None:
    """Leave nothing of a part behind, also what it started itself."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def _manner(code: int) -> str:
    return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
