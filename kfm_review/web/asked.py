"""What a session was asked to sign: an answer counts only from whoever was shown the question, and once."""

from datetime import datetime, timedelta

from django.http import HttpRequest

from kfm_review.errors import NotPossible

ASKED = "asked-to-sign"
HOLDS = timedelta(hours=12)  # somebody may carry the bytes to another machine and back
MOST = 20


def ask(request: HttpRequest, digest: str, *, now: datetime) -> None:
    """Note that this session is shown a statement."""
    kept = {name: at for name, at in _asked(request).items() if name != digest}
    newest = [*kept.items(), (digest, now.isoformat())][-MOST:]
    request.session[ASKED] = dict(newest)


def answered(request: HttpRequest, digest: str, *, now: datetime) -> None:
    """Take the question back; refuse an answer to one that this session was never asked."""
    kept = _asked(request)
    at = kept.pop(digest, None)
    request.session[ASKED] = kept
    if at is None or not datetime.fromisoformat(at) <= now < datetime.fromisoformat(at) + HOLDS:
        raise NotPossible(
            "You were not asked to sign this just now.",
            cause="A signature is taken once, and only where its statement was shown before.",
            next_step="Read the statement on this page, then sign it.",
        )


def _asked(request: HttpRequest) -> dict[str, str]:
    return dict(request.session.get(ASKED, {}))
