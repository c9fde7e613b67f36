"""The queue: open reviews by whose turn it is."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from kfm_review.reviews.queries.dossier import sent_back
from kfm_review.reviews.queries.queue import queue
from kfm_review.web import addresses
from kfm_review.web.requests import Request

BACK = 10


@require_safe
def home(request: Request) -> HttpResponse:  # noqa: ARG001  # a view's signature
    """Start at the queue."""
    return redirect("queue")


@require_safe
def show(request: Request) -> HttpResponse:
    """Show one page of the queue."""
    filters, after = addresses.queue_filters(request.GET), addresses.queue_cursor(request.GET)
    found = queue(viewer=request.viewer, filters=filters, after=after)
    context = {
        "here": "queue",
        "queue": found,
        "filters": filters,
        "waiting": found.mine,
        "sent_back": sent_back(request.viewer.id)[:BACK] if request.viewer.may_request else (),
        "query": addresses.without(request.GET, "after"),
        "first_page": after is None,
        "next_page": addresses.said(found.after),
    }
    return render(request, "pages/queue.html", context)
