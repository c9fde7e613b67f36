"""The desk: one review, and the decision on it."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from kfm_review.errors import Refused
from kfm_review.reviews import actions
from kfm_review.reviews.queries import difference
from kfm_review.web import forms
from kfm_review.web.desk import desk
from kfm_review.web.refusals import again
from kfm_review.web.requests import Request


@require_safe
def show(request: Request, review_id: int) -> HttpResponse:
    """Show one review as its viewer meets it."""
    return render(request, "pages/desk.html", _page(request, review_id))


def _refused(request: Request, review_id: int, *, refusal: Refused) -> HttpResponse:
    """Show the desk again: why the decision was not taken, what changed, and what was typed."""
    context = _page(request, review_id) | {
        "refusal": refusal,
        "typed": request.POST,
        "changed": difference.since(
            request.POST.get("manifest", ""), review_id=review_id, viewer=request.viewer
        ),
    }
    return render(request, "pages/desk.html", context, status=refusal.status)


@again(_refused)
@require_POST
def decide(request: Request, review_id: int) -> HttpResponse:
    """Take one person's decision."""
    asked = forms.read(forms.Decide, request.POST)
    actions.decide(review_id=review_id, actor=request.user, now=timezone.now(), **asked)
    return redirect("desk", review_id)


def _unrevealed(request: Request, review_id: int, *, refusal: Refused) -> HttpResponse:
    """Show the desk again: why nothing was revealed."""
    context = _page(request, review_id) | {"deed": "reveal", "reveal_refusal": refusal, "typed": request.POST}
    return render(request, "pages/desk.html", context, status=refusal.status)


@again(_unrevealed)
@require_POST
def reveal(request: Request, review_id: int) -> HttpResponse:
    """Open the exact geometry to one person for a while."""
    asked = forms.read(forms.Reveal, request.POST)
    actions.reveal(review_id=review_id, actor=request.user, now=timezone.now(), **asked)
    return redirect("desk", review_id)


def _page(request: Request, review_id: int) -> dict[str, Any]:
    found = desk(review_id, viewer=request.viewer)
    return {"here": "queue", "desk": found, "waiting": found.queue.mine}
