"""Files and folders put on disk so that a crash takes neither them nor the way to them."""

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def landed(blocks: Iterable[bytes], *, into: Path, mode: int, prefix: str = "tmp") -> Iterator[Path]:
    """Write a file under a temporary name, on disk before it is used; take away what is left of it."""
    handle, name = tempfile.mkstemp(dir=folder(into), prefix=prefix)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as target:
            target.writelines(blocks)
            target.flush()  # what is still in this process cannot be flushed to disk
            os.fsync(target.fileno())
        temporary.chmod(mode)
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def folder(path: Path) -> Path:
    """Make a folder, and flush each one that got a new one in it."""
    if not path.is_dir():
        folder(path.parent)
        path.mkdir(exist_ok=True)
        flush(path.parent)
    return path


def flush(path: Path) -> None:
    """Put on disk which names a folder holds."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
