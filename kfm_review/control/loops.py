"""Every loop of control, run side by side in one process until it is told to stop."""

import logging
from collections.abc import Callable
from threading import Event, Thread

from kfm_review.control import dispatch, lead, pulse, results, sequencer, sweep

log = logging.getLogger(__name__)

LOOPS: dict[str, Callable[[Event], None]] = {
    "dispatch": dispatch.loop,
    "results": results.loop,
    "sweep": sweep.loop,
    "pulse": pulse.loop,
    "sequencer": sequencer.loop,
}


def run(over: Event) -> None:
    """Run all loops; return when `over` is set and each has ended."""
    threads = [
        Thread(target=lead.lead, args=(name, loop), kwargs={"over": over}, name=name, daemon=True)
        for name, loop in LOOPS.items()
    ]
    for thread in threads:
        thread.start()
    over.wait()
    for thread in threads:
        thread.join(timeout=5)
