"""Run a loop in one process at a time, and begin it again after whatever broke it."""

import logging
import math
import time
import zlib
from collections.abc import Callable
from threading import Event

from django.db import connection

log = logging.getLogger(__name__)

PAUSE_S = 0.5  # before a broken loop begins again, and between two looks whether the lead is free
SAY_AGAIN_S = 30.0  # a broker that is away breaks a loop twice a second
SPACE = 0x4B46  # keeps our advisory locks apart from others in the same database


def lead(name: str, loop: Callable[[Event], None], *, over: Event) -> None:
    """Run `loop` whenever this process holds the lock of `name`, until `over` is set.

    The lock lives as long as the database connection that the loop itself works on, so a loop
    that lost its lock cannot write either.
    """
    said_at = -math.inf
    while not over.is_set():
        try:
            if acquire(name):
                loop(over)
        except Exception:  # a loop's end would silence its whole work: say why, begin again
            quiet = time.monotonic() - said_at < SAY_AGAIN_S
            log.log(logging.DEBUG if quiet else logging.WARNING, "The %s loop broke.", name, exc_info=True)
            said_at = said_at if quiet else time.monotonic()
        finally:
            connection.close()
        over.wait(PAUSE_S)


def acquire(name: str) -> bool:
    """Return whether this thread's connection now holds the lock of `name`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [SPACE, key(name)])
        row = cursor.fetchone()
    return bool(row and row[0])


def key(name: str) -> int:
    """Return the same signed 32-bit number for `name` in every process."""
    return zlib.crc32(name.encode()) - 2**31
