"""One run: what it did, how far it is, and how it is ended or begun again."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from kfm_review.errors import Refused
from kfm_review.reviews.queries.activity import activity
from kfm_review.runs import actions
from kfm_review.web import forms
from kfm_review.web.exceptions import standing
from kfm_review.web.refusals import again
from kfm_review.web.requests import Request


def _page(request: Request, run_id: UUID, *, refusal: Refused | None = None, **more: Any) -> HttpResponse:
    page = activity(run_id, viewer=request.viewer)
    context = {
        "here": "runs",
        "page": page,
        "excused": standing(page.review, now=timezone.now()) if page.review else {},
        "refusal": refusal,
        **more,
    }
    return render(request, "pages/run.html", context, status=refusal.status if refusal else 200)


@require_safe
def show(request: Request, run_id: UUID) -> HttpResponse:
    """Show one run whole."""
    return _page(request, run_id)


@never_cache
@require_safe
def progress(request: Request, run_id: UUID) -> HttpResponse:
    """Show how far a run is; once it has ended, ask the browser for the whole page."""
    page = activity(run_id, viewer=request.viewer)
    response = render(request, "parts/_progress.html", {"page": page})
    if not page.active:
        response["HX-Refresh"] = "true"
    return response


def _refused(request: Request, run_id: UUID, *, refusal: Refused) -> HttpResponse:
    deed = (request.resolver_match.url_name or "").removeprefix("run-") if request.resolver_match else ""
    return _page(request, run_id, refusal=refusal, typed=request.POST, deed=deed)


@again(_refused)
@require_POST
def cancel(request: Request, run_id: UUID) -> HttpResponse:
    """End a run that waits or runs."""
    asked = forms.read(forms.Reason, request.POST)
    actions.cancel(run_id=run_id, actor=request.user, now=timezone.now(), **asked)
    return redirect("run", run_id)


@again(_refused)
@require_POST
def retry(request: Request, run_id: UUID) -> HttpResponse:
    """Ask for the same edition once more."""
    asked = forms.read(forms.Reason, request.POST)
    run = actions.retry(run_id=run_id, actor=request.user, now=timezone.now(), **asked)
    return redirect("run", run.pk)
