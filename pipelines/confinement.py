"""What one process may use and how long it may live: held by the kernel, measured by itself."""

import contextlib
import ctypes
import os
import resource
import signal
from collections.abc import Iterator
from pathlib import Path

MIB = 2**20
DIE_WITH_PARENT = 1  # prctl(PR_SET_PDEATHSIG)
_DATA = 5  # the field of /proc/self/statm that RLIMIT_DATA counts


def settle() -> None:
    """Let this child die with its parent, leave no core, and be a group that is killed as one."""
    ctypes.CDLL(None, use_errno=True).prctl(DIE_WITH_PARENT, signal.SIGKILL)
    os.setpgid(0, 0)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


@contextlib.contextmanager
def confined(*, memory_mb: int) -> Iterator[None]:
    """Let every allocation fail that would bring this process more than `memory_mb` above its start.

    RLIMIT_AS would count files that libraries map; RLIMIT_DATA still counts what allocators
    only reserve, so it is set above that, and a lease counts what is really used.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    reserved = _pages()[_DATA] * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_DATA, (reserved + memory_mb * MIB, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (hard, hard))


def used_mb() -> int:
    """Return how much memory is this process's own, not that of files which libraries map."""
    _, resident, shared, *_ = _pages()
    return (resident - shared) * resource.getpagesize() // MIB


def too_much(memory_mb: int) -> str:
    """Say that a run went beyond its memory."""
    return f"The run needed more than its {memory_mb} MiB of memory and was stopped."


def _pages() -> list[int]:
    return [int(word) for word in Path("/proc/self/statm").read_text().split()]
