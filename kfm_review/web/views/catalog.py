"""The public catalog: static files of the store's public place, for everybody."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe

from kfm_review.web import published


@login_not_required
@require_safe
def show(request: HttpRequest, path: str) -> HttpResponseBase:
    """Answer with one published file."""
    return published.respond(request, path, store_url=settings.STORE_URL)
