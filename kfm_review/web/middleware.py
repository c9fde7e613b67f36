"""What every request passes: who is looking, and how a refusal is answered."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from kfm_review.errors import Refused, TooBig, TooMany
from kfm_review.people.queries import Viewer, viewer
from kfm_review.runs import deliveries
from kfm_review.web.permits import check_holds_a_role
from kfm_review.web.views import errors

Answer = Callable[[HttpRequest], HttpResponse]


class Looking:
    """Put the viewer on the request: the person with the roles of this moment, read when asked for."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.viewer = SimpleLazyObject(lambda: _viewer(request))  # type: ignore[attr-defined]  # ours
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], _args: Any, _kwargs: Any
    ) -> HttpResponse | None:
        """Stop who is signed in and holds no role, except at his own page."""
        public = not getattr(view, "login_required", True)
        if public or getattr(view, "without_role", False) or not request.user.is_authenticated:
            return None
        try:
            check_holds_a_role(request.viewer)  # type: ignore[attr-defined]  # ours
        except Refused as refusal:
            return errors.refused(request, refusal)
        return None


def _viewer(request: HttpRequest) -> Viewer:
    now = timezone.now()
    return viewer(request.user, today=now.date(), now=now)


class Bounded:
    """Refuse a body that is larger than anything asked for here, before a byte of it is kept."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        sent, most = request.META.get("CONTENT_LENGTH") or "0", settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        if sent.isdecimal() and int(sent) <= most:
            return self.get_response(request)
        if request.user.is_authenticated:  # only a file is that large: ask the families
            most += deliveries.most_bytes()
        if sent.isdecimal() and int(sent) <= most:
            return self.get_response(request)
        refusal = TooBig(
            "This is too large to be sent here.",
            cause=f"It has {sent[:20]} bytes; at most {most:,} are read.",
            next_step="Deliver a smaller file.",
        )
        return errors.refused(request, refusal)


class Unkept:
    """Let no browser keep a page that says nothing of it: somebody else may sit there next."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response


class Refusals:
    """Answer a refusal: with the same page and what was typed where a view has one, else with the cause."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer a refusal; leave everything else to Django."""
        if not isinstance(exception, Refused):
            return None
        match = request.resolver_match
        again: Callable[..., HttpResponse] | None = getattr(match.func, "again", None) if match else None
        try:
            if again is None or not match:
                response = errors.refused(request, exception)
            else:
                response = again(request, refusal=exception, **match.kwargs)
        except Refused as refusal:  # the page itself cannot be had
            response = errors.refused(request, refusal)
        if isinstance(exception, TooMany):
            response["Retry-After"] = str(exception.wait_s)
        return response
