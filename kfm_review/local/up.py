"""Start everything on one machine, say where it is, and stay until told to end."""

import contextlib
import json
import os
import socket
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from kfm_review.local import supervise
from kfm_review.local.place import Place, taken, write_private
from kfm_review.local.refusal import Ended, NotStarted
from kfm_review.local.stack import ROOT, Stack

GIVEN = (
    *("DATABASE_URL", "DATABASE_OWNER_URL", "BROKER_URL", "STORE_URL"),
    *("KFM_ENV", "KFM_ROOT", "KFM_SECRET_KEY"),
)
TOLD_TO_OTHERS = (*GIVEN, "KFM_PORT", "KFM_PROCESS")
PORT_FREE_WITHIN_S = 3.0  # a web process whose supervisor was killed needs a moment to notice
WATCH_S = 0.2


def main() -> int:
    """Run the stack until it is asked to end; return the exit code."""
    given = {name: os.environ[name] for name in GIVEN if os.environ.get(name)}
    port = int(os.environ.get("KFM_PORT", "8000"))
    try:
        with supervise.interruptible(), taken(ROOT / "var", port=port) as place:
            check_port(port)
            stay(Stack(place, port=port, given=given, history=os.environ.get("KFM_HISTORY", "1") == "1"))
    except KeyboardInterrupt:
        say("Ended.")
        return 0
    except (NotStarted, Ended) as why:
        sys.stderr.write(f"{why}\n")
        return 1
    return 0


def stay(stack: Stack) -> None:
    """Start a stack, tell its address, and watch it."""
    since = time.monotonic()
    try:
        say("Starting PostgreSQL, Valkey and the worker")
        stack.start_services()
        for words in stack.settle():
            say(words)
        stack.start_processes()
        with _told_to_others(stack.place, stack.told.of("owner")):
            if stack.parts.lives("history"):
                say(f"Playing the first history; look on at {stack.address}")
            stack.await_ready()
            say(f"KFM Review is ready at {stack.address} ({time.monotonic() - since:.1f} s). Ctrl-C ends it.")
            while True:
                stack.parts.check()
                time.sleep(WATCH_S)
    finally:
        stack.parts.end_all()


def check_port(port: int) -> None:
    """Refuse a port that somebody else answers on."""
    until = time.monotonic() + PORT_FREE_WITHIN_S
    while True:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                return probe.bind(("127.0.0.1", port))
            except OSError as cause:
                if time.monotonic() > until:
                    raise NotStarted(
                        f"Port {port} cannot be had ({cause.strerror}): end what uses it, or set KFM_PORT."
                    ) from cause
        time.sleep(0.1)


def say(words: str) -> None:
    """Tell the person at the terminal."""
    sys.stdout.write(f"{words.rstrip()}\n")
    sys.stdout.flush()


@contextlib.contextmanager
def _told_to_others(place: Place, environment: Mapping[str, str]) -> Iterator[Path]:
    """While the stack runs, let other commands of `manage.py` find it."""
    file = place.folder / "environment.json"
    words = {name: environment[name] for name in TOLD_TO_OTHERS}
    write_private(file, json.dumps(words))
    try:
        yield file
    finally:
        file.unlink(missing_ok=True)
