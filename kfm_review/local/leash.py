"""Tie a child process to its parent: it gets a session of its own, and dies when the parent does."""

from __future__ import annotations  # read by the same Pythons as bootstrap

import ctypes
import signal
import sys
from collections.abc import Callable

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def leash(last_word: signal.Signals = signal.SIGKILL) -> Callable[[], None]:
    """Return what a child does first: ask for `last_word` when its parent is gone."""

    def tie() -> None:
        if sys.platform == "linux":
            _libc.prctl(PR_SET_PDEATHSIG, int(last_word))

    return tie
