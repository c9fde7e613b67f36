"""Number what was committed each second; sign each minute what it comes to, also when nothing happened."""

import logging
import time
from datetime import datetime
from pathlib import Path
from threading import Event

from django.conf import settings
from django.db import connection
from django.utils import timezone

from kfm_review.audit import logkey, sequence, witnessing
from kfm_review.audit.logkey import LogKey
from kfm_review.audit.sequence import LogBroken
from kfm_review.audit.witnessing import Witness, WitnessSilent
from kfm_review.signing import rosters
from kfm_review.signing.rosters import Forged
from pipelines.errors import NotProved
from pipelines.proof import keys, roster

log = logging.getLogger(__name__)

TICK_S, PAUSE_S = 1.0, 0.05
SIGN_EVERY_S, AGAIN_S = 60.0, 5.0  # after one that was not witnessed
WHOLE_EVERY_S = 600.0
LONG_AGO = -1e9


def loop(over: Event) -> None:
    """Number, sign and have it witnessed until told to stop; what a promotion needs is signed at once."""
    signer, witness = key(), known_witness()
    whole_at = signed_at = LONG_AGO
    with connection.cursor() as cursor:
        cursor.execute("LISTEN checkpoint")
    asked = False
    while not over.is_set():
        now = time.monotonic()
        whole = now - whole_at >= WHOLE_EVERY_S
        sequence.sequence(whole=whole)
        whole_at = now if whole else whole_at
        if signer and (asked or now - signed_at >= SIGN_EVERY_S):
            done = sign(signer, witness, now=timezone.now())
            signed_at = now if done else now - SIGN_EVERY_S + AGAIN_S
        over.wait(PAUSE_S)
        asked = _asked_for(within_s=TICK_S)


def sign(signer: LogKey, witness: Witness | None, *, now: datetime) -> bool:
    """Sign a checkpoint, show it to the witness, and answer whether that was all heard."""
    try:
        _check_listed(signer.fingerprint, roster.SEQUENCER, now=now)
        made = sequence.checkpoint(now=now, signer=signer)
        if witness:
            _check_listed(witness.public.fingerprint, roster.WITNESS, now=now)
            witnessing.show(made, witness, now=now)
    except LogBroken as broken:
        log.critical("%s", broken)
    except WitnessSilent as silent:
        log.warning("%s", silent)
    except (NotProved, Forged) as why:
        log.critical("No checkpoint is signed or cosigned, so nothing will be promoted: %s", why)
    else:
        return True
    return False


def _check_listed(fingerprint: str, role: str, *, now: datetime) -> None:
    """Refuse a key that the roster does not list in its role, once there is a roster."""
    known = rosters.current()
    if known is not None:
        roster.key_at(known, fingerprint, at=now, role=role)


def key() -> LogKey | None:
    """Return this process's key, or nothing: then events are numbered and nothing is signed."""
    try:
        return logkey.load(Path(settings.KFM_KEY_FILE))
    except (OSError, NotProved) as cause:
        log.warning("No checkpoint is signed, so nothing will be promoted: %s Set KFM_KEY_FILE.", cause)
        return None


def known_witness() -> Witness | None:
    """Return the witness this log is shown to, or nothing: then no checkpoint is cosigned."""
    try:
        line = Path(settings.KFM_WITNESS_KEY).read_text(encoding="utf-8")
        return Witness(address=settings.KFM_WITNESS, public=keys.read_line(line))
    except (OSError, NotProved) as cause:
        log.warning("No witness is known: %s Set KFM_WITNESS and KFM_WITNESS_KEY.", cause)
        return None


def _asked_for(*, within_s: float) -> bool:
    """Wait until a checkpoint is asked for, or for so long; return which it was."""
    return any(True for _ in connection.connection.notifies(timeout=within_s, stop_after=1))
