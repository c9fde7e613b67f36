"""Proofs of the audit record: that a line is in it, and what was signed; for auditors and administrators."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from kfm_review.audit import proofs, queries
from kfm_review.audit.models import Event
from kfm_review.audit.proofs import Inclusion
from kfm_review.errors import NotAllowed
from kfm_review.reviews.queries.recorded import readable
from kfm_review.web import addresses
from kfm_review.web.permits import check_may_read_audit
from kfm_review.web.requests import Request


@require_safe
def line(request: Request, event_id: int) -> HttpResponse:
    """Show how one line is proved to be in the record."""
    check_may_read_audit(request.viewer)
    proof = proofs.inclusion(event_id)
    context = {"here": "audit", "proof": proof, "event": _read(proof, request)}
    return render(request, "pages/proof.html", context)


@require_safe
def as_text(request: Request, event_id: int) -> HttpResponse:
    """Answer with the proof of one line in the form of C2SP tlog-proof."""
    check_may_read_audit(request.viewer)
    return _text(proofs.inclusion(event_id).text, name=f"event-{event_id}.tlog-proof")


@require_safe
def leaf(request: Request, event_id: int) -> HttpResponse:
    """Answer with the bytes of one line, whose hash with a zero byte before it is the leaf."""
    check_may_read_audit(request.viewer)
    body = bytes(_read(proofs.inclusion(event_id), request).body)
    if not body:
        raise NotAllowed("You are not cleared for this line.", next_step="Its proof works without its bytes.")
    response = HttpResponse(body, content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="event-{event_id}.json"'
    return response


def _read(proof: Inclusion, request: Request) -> Event:
    """Return the line as far as this viewer is cleared for it."""
    return next(readable([proof.leaf.event], viewer=request.viewer))


@require_safe
def checkpoints(request: Request) -> HttpResponse:
    """Show what was signed, the newest first, and who has seen it."""
    check_may_read_audit(request.viewer)
    after = addresses.number_cursor(request.GET)
    found, following = proofs.checkpoints(after=after)
    context = {
        "here": "audit",
        "checkpoints": found,
        "head": queries.head(timezone.now()),
        "after": str(following or ""),
        "query": "",
        "first_page": after is None,
    }
    return render(request, "pages/checkpoints.html", context)


@require_safe
def note(request: Request, checkpoint_id: int) -> HttpResponse:
    """Answer with one checkpoint as its signed note, to be kept outside."""
    check_may_read_audit(request.viewer)
    said = proofs.noted(proofs.checkpoint(checkpoint_id))
    return _text(said, name=f"checkpoint-{checkpoint_id}.txt")


@require_safe
def consistency(request: Request, old_id: int, new_id: int) -> HttpResponse:
    """Answer with the proof that one checkpoint continues another, as a witness is shown it."""
    check_may_read_audit(request.viewer)
    return _text(proofs.consistency(old_id, new_id).text, name=f"checkpoints-{old_id}-{new_id}.txt")


def _text(words: str, *, name: str) -> HttpResponse:
    response = HttpResponse(words, content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
