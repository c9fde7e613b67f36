"""A disk that fills up under the store: a small one where that may be mounted, else a bound on files."""

import os
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.faults.house import House

SPARE_MB = 4
BLOCK = b"\0" * 4096
BOUND = 512  # bytes; no manifest is as small


@contextmanager
def small(house: House) -> Iterator[None]:
    """Put the store on a disk with little room for a while, if this machine allows it."""
    if os.geteuid() != 0:
        yield
        return
    used = sum(file.stat().st_blocks for file in house.store.rglob("*") if file.is_file()) // 2048
    options = f"size={used + SPARE_MB}m,mode=755"
    with tempfile.TemporaryDirectory(prefix="kfm-") as aside:
        shutil.copytree(house.store, aside, dirs_exist_ok=True)
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", options, "kfm", str(house.store)], capture_output=True, check=False
        )
        if mounted.returncode:
            yield
            return
        try:
            shutil.copytree(aside, house.store, dirs_exist_ok=True)
            yield
        finally:
            shutil.copytree(house.store, aside, dirs_exist_ok=True)
            subprocess.run(["umount", "--lazy", str(house.store)], check=True)
        shutil.copytree(aside, house.store, dirs_exist_ok=True)


@contextmanager
def full(house: House) -> Iterator[None]:
    """Leave no room for another byte; where the disk is not ours to fill, let no file grow."""
    held = _filled(house.store / "balloon") if os.path.ismount(house.store) else _bounded(house)
    with held:
        yield


@contextmanager
def _filled(balloon: Path) -> Iterator[None]:
    with suppress(OSError), balloon.open("wb", buffering=0) as file:
        while True:
            file.write(BLOCK)
    try:
        yield
    finally:
        balloon.unlink()


@contextmanager
def _bounded(house: House) -> Iterator[None]:
    parts = [house.running.parts.pid(name) for name in ("worker", "promoter", "web")]
    writers = [*parts, *house.running.children("worker"), *house.running.children("web")]
    for pid in writers:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (BOUND, resource.RLIM_INFINITY))
    try:
        yield
    finally:
        for pid in writers:
            with suppress(ProcessLookupError):
                resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
