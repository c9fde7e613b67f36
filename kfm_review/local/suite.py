"""Run the tests: give them services of their own and a browser, and pass the rest on to pytest."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from kfm_review.local import browser, supervise
from kfm_review.local.leash import leash
from kfm_review.local.place import Place, taken
from kfm_review.local.refusal import Ended, NotStarted
from kfm_review.local.stack import ROOT, Stack
from kfm_review.local.up import GIVEN, say

PLACES = ROOT / "var" / "tests"
LAST_WORDS_S = 30


def main(arguments: list[str]) -> int:
    """Run pytest with `arguments` (none: the whole suite) and return its exit code."""
    try:
        chromium, words = browser.provide(strict=os.environ.get("CI") == "true")
        if words:
            say(words)
        with supervise.interruptible(), _own_place() as place, _services(place) as environment:
            if chromium:
                environment["KFM_CHROMIUM"] = str(chromium)
            return _pytest(arguments, environment)
    except KeyboardInterrupt:
        return 130
    except (NotStarted, Ended) as why:
        sys.stderr.write(f"{why}\n")
        return 1


@contextlib.contextmanager
def _own_place() -> Iterator[Place]:
    """Make a folder for this run alone; several may run at once."""
    folder = PLACES / str(os.getpid())
    for left in PLACES.glob("*"):
        if not (Path("/proc") / left.name).exists():  # by a run that was killed
            shutil.rmtree(left, ignore_errors=True)
    try:
        with taken(folder, port=0) as place:
            yield place
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _services(place: Place) -> Iterator[dict[str, str]]:
    """Start a database and a broker unless they were given; yield what the tests are told."""
    given = {name: os.environ[name] for name in GIVEN if os.environ.get(name)}
    stack = Stack(place, port=0, given=given, durable=False)
    try:
        stack.start_stores()
        yield {**os.environ, **stack.told.of("owner"), "KFM_ENV": "test", "KFM_PROCESS": "test"}
    finally:
        stack.parts.end_all()


def _pytest(arguments: list[str], environment: dict[str, str]) -> int:
    command = [sys.executable, "-m", "pytest", *arguments]
    with subprocess.Popen(  # noqa: S603  # pytest, with what the person asked for
        command,
        cwd=ROOT,
        env=environment,
        preexec_fn=leash(signal.SIGINT),  # noqa: PLW1509  # there are no threads here
    ) as suite:
        try:
            return suite.wait()
        except KeyboardInterrupt:
            suite.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                suite.wait(LAST_WORDS_S)
            suite.kill()
            raise
