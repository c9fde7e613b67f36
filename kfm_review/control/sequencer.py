"""Number what was committed each second; sign each minute what it comes to, also when nothing happened."""

import logging
import time
from threading import Event

from kfm_review.audit import sequence

log = logging.getLogger(__name__)

TICK_S = 1.0
SIGN_EVERY_S = 60.0
WHOLE_EVERY_S = 600.0


def loop(over: Event) -> None:
    """Number and sign until told to stop; what the last leader left unnumbered comes first."""
    whole_at = -WHOLE_EVERY_S
    while not over.is_set():
        whole = time.monotonic() - whole_at >= WHOLE_EVERY_S
        sequence.sequence(whole=whole)
        whole_at = time.monotonic() if whole else whole_at
        over.wait(TICK_S)
