"""The pages that say what went wrong, why, and what to do next."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from kfm_review.errors import Refused

BAD_REQUEST = (
    "This request cannot be read.",
    "Something in it is missing, malformed or larger than allowed.",
    "Go back, reload the page and try again.",
)
FORGED = (
    "This form is too old or came from elsewhere.",
    "Its token does not belong to your session; perhaps you signed in again meanwhile.",
    "Go back, reload the page and send it again.",
)
NOT_ALLOWED = (
    "You may not see this.",
    "Your roles do not include it.",
    "Ask an administrator for the role you need.",
)
NOT_FOUND = (
    "There is nothing at this address.",
    "It may be mistyped, or what stood here was never recorded.",
    "Start from the queue, the runs or the releases.",
)
FAILED = (
    "This went wrong on our side.",
    "The cause is in the server's log. Nothing was changed: every change is one whole transaction or none.",
    "Try again; if it stays, tell whoever runs this server, with the time.",
)


def refused(request: HttpRequest, refusal: Refused) -> HttpResponse:
    """Show a refusal as a page of its own."""
    return _page(request, refusal.status, (refusal.message, refusal.cause, refusal.next_step))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001  # Django's signature
    """Answer 400."""
    return _page(request, 400, BAD_REQUEST)


def not_allowed(request: HttpRequest, exception: PermissionDenied) -> HttpResponse:  # noqa: ARG001  # Django's signature
    """Answer 403."""
    return _page(request, 403, NOT_ALLOWED)


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001  # Django's signature
    """Answer 403 to a form without its token."""
    return _page(request, 403, FORGED)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001  # Django's signature
    """Answer 404."""
    return _page(request, 404, NOT_FOUND)


def failed(request: HttpRequest) -> HttpResponse:
    """Answer 500 with a page that needs neither database nor session."""
    return _bare(request, 500, FAILED)


def _page(request: HttpRequest, status: int, said: tuple[str, str, str]) -> HttpResponse:
    happened, why, next_step = said
    context = {"status": status, "happened": happened, "why": why, "next_step": next_step}
    return render(request, "errors/reason.html", context, status=status)


def _bare(request: HttpRequest, status: int, said: tuple[str, str, str]) -> HttpResponse:
    happened, why, next_step = said
    context = {"status": status, "happened": happened, "why": why, "next_step": next_step}
    return render(request, "errors/bare.html", context, status=status)
