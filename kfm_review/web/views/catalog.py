"""The catalogs: static files of the public place for everybody, of the restricted one for who is cleared."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe

from kfm_review.web import cleared, published
from kfm_review.web.requests import Request


@login_not_required
@require_safe
def show(request: HttpRequest, path: str) -> HttpResponseBase:
    """Answer with one published file."""
    return published.respond(request, path, store_url=settings.STORE_URL)


@require_safe
def restricted(request: Request, path: str) -> HttpResponseBase:
    """Answer with one file of the restricted channel; to who is not cleared there is none."""
    if not cleared.may_have(path, viewer=request.viewer):
        raise Http404(path[:200])
    response = published.respond(request, path, store_url=settings.STORE_URL, channel="restricted")
    response["Cache-Control"] = "private, no-store"
    del response["ETag"]
    return response
