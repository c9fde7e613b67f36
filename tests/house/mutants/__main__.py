"""Apply each mutant to a copy of the checkout and print which test kills it.

`python -m tests.house.mutants [NAME…]`: all, or those whose names hold one of the words.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from kfm_review.local.place import taken
from kfm_review.local.stack import Stack
from tests.house import tree
from tests.house.mutants.mutant import Mutant, mutants

SHARED = (".venv", "static/node_modules", "static/basemap")
SCHEMA = ("models.py", "migrations", "grants.py", "keeping.py")  # the test database must be made anew
WITHIN_S = 600
FAILED = re.compile(r"^(?:FAILED|ERROR) (\S+)", re.MULTILINE)


def main(names: Sequence[str]) -> int:
    """Try the named mutants, or all; return 1 if one survives or a test fails without any."""
    chosen = [one for one in mutants() if not names or any(name in one.name for name in names)]
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder, _stores(Path(folder)) as environment:
        copy = _copied(Path(folder) / "checkout")
        asked = sorted({one.test for one in chosen})
        sound = _ran(asked, copy, environment, fresh=True)
        if sound.returncode:
            _say(f"Without any mutant the tests do not pass:\n{sound.stdout[-4000:]}")
            return 1
        _say(f"{len(chosen)} mutants; their {len(asked)} tests pass without one.")
        survived = [one for one in chosen if not _killed(one, copy, environment)]
    _say("", f"{len(chosen) - len(survived)} of {len(chosen)} killed.")
    _say(*(f"SURVIVED {one.name}: {one.guards}" for one in survived))
    return 1 if survived or not chosen else 0


@contextmanager
def _stores(folder: Path) -> Iterator[dict[str, str]]:
    """Start a database and a broker; yield what tests are told of them."""
    folder.chmod(0o755)
    with taken(folder / "var", port=0) as place:
        place.folder.chmod(0o755)
        stores = Stack(place, port=0, given={"KFM_ENV": "test"}, durable=False)
        try:
            stores.start_stores()
            yield {**os.environ, **stores.told.of("owner"), "KFM_ENV": "test", "KFM_PROCESS": "test"}
        finally:
            stores.parts.end_all()


def _killed(one: Mutant, copy: Path, environment: dict[str, str]) -> bool:
    began = time.perf_counter()
    with _mutated(one, copy):
        fresh = any(word in one.file for word in SCHEMA)
        ran = _ran([one.test], copy, environment, fresh=fresh)
    if fresh:
        _ran([one.test], copy, environment, fresh=True)  # a sound schema for the next
    failed = FAILED.findall(ran.stdout)
    killed = ran.returncode == 1 and bool(failed)
    by = failed[0] if failed else f"nothing (pytest ended with {ran.returncode})"
    word = "killed" if killed else "SURVIVED"
    _say(f"{word}  {one.name:<44} {time.perf_counter() - began:5.1f} s  by {by}")
    return killed


@contextmanager
def _mutated(one: Mutant, copy: Path) -> Iterator[None]:
    """Let the mutant stand in its file, and the sound lines again afterwards."""
    file = copy / one.file
    sound = file.read_text(encoding="utf-8")
    file.write_text(one.applied(sound), encoding="utf-8")
    try:
        yield
    finally:
        file.write_text(sound, encoding="utf-8")


def _ran(
    tests: Sequence[str], copy: Path, environment: dict[str, str], *, fresh: bool
) -> subprocess.CompletedProcess[str]:
    database = "--create-db" if fresh else "--reuse-db"
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", database, *tests]
    clean = {**environment, "PYTHONDONTWRITEBYTECODE": "1", "KFM_NO_BOOTSTRAP": "1"}
    try:
        return subprocess.run(
            command, cwd=copy, env=clean, capture_output=True, text=True, check=False, timeout=WITHIN_S
        )
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, 124, stdout="", stderr="")


def _copied(folder: Path) -> Path:
    """Return a copy of what is in the checkout, with what was built for it beside."""
    for file in tree.files():
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(tree.ROOT / file, folder / file)
    for name in SHARED:
        if (tree.ROOT / name).exists():
            (folder / name).symlink_to((tree.ROOT / name).resolve())
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    shared = tree.ROOT.parent / "shared"
    if shared.exists():
        (folder.parent / "shared").symlink_to(shared)
    return folder


def _say(*lines: str) -> None:
    for line in lines:
        sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
