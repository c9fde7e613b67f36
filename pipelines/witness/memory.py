"""What a witness has cosigned last of each log: one file each, replaced as a whole, locked in use."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipelines import digest
from pipelines.errors import NotStrict


class MemoryDamaged(Exception):
    """What was cosigned last cannot be read, so that nothing may be cosigned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """How many leaves a log had, and what they came to."""

    size: int
    root: bytes


class Page:
    """What is known of one log, while nobody else may look at it."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def seen(self) -> Seen | None:
        """Return what was cosigned last, or nothing if this log was never seen."""
        if not self._file.exists():
            return None
        try:
            read = digest.read_json(self._file.read_bytes())
            return Seen(size=int(read["size"]), root=bytes.fromhex(read["root"]))
        except (NotStrict, KeyError, TypeError, ValueError) as cause:
            raise MemoryDamaged(
                f"{self._file.name} cannot be read ({cause}): put it back from a copy; without it, this log "
                "could show another past."
            ) from cause

    def keep(self, seen: Seen, *, note: str) -> None:
        """Write down what is about to be cosigned; it is on the disk when this returns."""
        words = digest.canonical({"size": seen.size, "root": seen.root.hex(), "note": note})
        fresh = self._file.with_suffix(".new")
        with fresh.open("wb") as opened:
            opened.write(words)
            opened.flush()
            os.fsync(opened.fileno())
        fresh.replace(self._file)
        folder = os.open(self._file.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


class Memory:
    """A folder with one file for each log."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    @contextmanager
    def of(self, origin: str) -> Iterator[Page]:
        """Hold what is known of one log."""
        file = self._folder / f"{digest.of(origin.encode())}.json"
        with file.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield Page(file)
