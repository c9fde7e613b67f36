"""A watch over one run from within its process, which tells of its life and ends it at its bounds."""

import os
import signal
import threading
import time
from collections.abc import Callable
from typing import Self

from pipelines import confinement
from pipelines.diary import Diary

LOOK_S = 0.1
PROGRESS_S = 0.3  # a run shorter than this tells nothing between its start and its end
HEARTBEAT_S = float(os.environ.get("KFM_HEARTBEAT_S", "5"))
Send = Callable[..., None]


class Lease:
    """While it is held, `send` hears of progress and of life; beyond `memory_mb` the process is killed."""

    def __init__(self, send: Send, *, diary: Diary, memory_mb: int) -> None:
        self._send = send
        self._diary = diary
        self._memory_mb = memory_mb
        self._over = threading.Event()
        self._step: tuple[str, int, int] | None = None
        self._thread = threading.Thread(target=self._watch, name="lease", daemon=True)

    def tell(self, step: str, n: int, of: int) -> None:
        """Hear which step begins."""
        self._step = (step, n, of)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *broke: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        told: tuple[str, int, int] | None = None
        last_word = time.monotonic()
        while not self._over.wait(LOOK_S):
            self._check_memory()
            silent_s, step = time.monotonic() - last_word, self._step
            if step is not None and step != told and silent_s >= PROGRESS_S:
                self._send("progress", step=step[0], n=step[1], of=step[2])
                told, last_word = step, time.monotonic()
            elif silent_s >= HEARTBEAT_S:
                self._send("heartbeat")
                last_word = time.monotonic()

    def _check_memory(self) -> None:
        if confinement.used_mb() > self._memory_mb:
            self._diary.give_reason(confinement.too_much(self._memory_mb))
            os.kill(os.getpid(), signal.SIGKILL)
