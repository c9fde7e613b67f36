"""The folder that one stack lives in: its lock, its sockets, its passwords, and what was done there."""

import contextlib
import fcntl
import hashlib
import json
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kfm_review.local.refusal import NotStarted

SOCKET_PATH_MAX = 100  # the kernel takes 107 bytes
LONGEST_SOCKET = "postgres/.s.PGSQL.5432.lock"
HOLDERS = ("owner", "kfm_web", "kfm_control", "kfm_promoter", "key")
FREE_MB = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    folder: Path
    sockets: Path

    @property
    def logs(self) -> Path:
        return self.folder / "log"

    @property
    def store(self) -> Path:
        return self.folder / "store"

    def done(self, step: str) -> str:
        """Return what a step was done for the last time, or nothing."""
        file = self.folder / "done" / step
        return file.read_text() if file.is_file() else ""

    def mark(self, step: str, *, of: str) -> None:
        """Remember that a step was done for `of`."""
        (self.folder / "done").mkdir(exist_ok=True)
        (self.folder / "done" / step).write_text(of)

    def forget(self) -> None:
        """Let every step be done again."""
        shutil.rmtree(self.folder / "done", ignore_errors=True)

    def passwords(self) -> dict[str, str]:
        """Return the password of each role, and Django's key; make them the first time."""
        file = self.folder / "passwords.json"
        if not file.is_file():
            write_private(file, json.dumps({holder: secrets.token_urlsafe(24) for holder in HOLDERS}))
        kept: dict[str, str] = json.loads(file.read_text())
        return kept


@contextlib.contextmanager
def taken(folder: Path, *, port: int) -> Iterator[Place]:
    """Hold a folder for as long as the stack lives, or say who holds it."""
    folder.mkdir(parents=True, exist_ok=True)
    _check_disk(folder)
    with (folder / "lock").open("a+") as lock:
        _hold(lock.fileno(), folder=folder)
        lock.truncate(0)
        lock.write(f"process {os.getpid()} on port {port}")
        lock.flush()
        place = Place(folder=folder, sockets=_sockets(folder))
        place.logs.mkdir(exist_ok=True)
        place.store.mkdir(exist_ok=True)
        try:
            yield place
        finally:
            shutil.rmtree(place.sockets, ignore_errors=True)
            lock.truncate(0)


def write_private(file: Path, words: str) -> None:
    """Write a file that nobody else can read."""
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as opened:
        opened.write(words)


def _hold(lock: int, *, folder: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = (folder / "lock").read_text().strip() or "another process"
        raise NotStarted(
            f"KFM Review already runs in {folder}, as {holder}: use that one, or end it first."
        ) from None


def _check_disk(folder: Path) -> None:
    free = shutil.disk_usage(folder).free // 2**20
    if free < FREE_MB:
        raise NotStarted(
            f"The disk of {folder} has {free} MB left and a start needs {FREE_MB}: make room first."
        )


def _sockets(folder: Path) -> Path:
    """Return an empty folder whose sockets can be addressed: beside the rest, if that path is short."""
    near = folder / "run"
    if len(os.fsencode(near / LONGEST_SOCKET)) <= SOCKET_PATH_MAX:
        shutil.rmtree(near, ignore_errors=True)
        near.mkdir()
        return near
    prefix = f"kfm-{hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]}-"
    for left in Path(tempfile.gettempdir()).glob(f"{prefix}*"):  # by a start that was killed
        if left.stat().st_uid == os.geteuid():
            shutil.rmtree(left, ignore_errors=True)
    far = Path(tempfile.mkdtemp(prefix=prefix))
    far.chmod(0o711)
    return far
