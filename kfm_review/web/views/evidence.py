"""Evidence to take away: one archive for a release, or for a review that ended without one."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from kfm_review.releases import bundling
from kfm_review.web.requests import Request

PUBLIC = "public"


@require_safe
def release(request: Request, name: str, number: int) -> HttpResponse:
    """Answer with the evidence of a release."""
    channel = request.GET.get("channel", PUBLIC)
    content = bundling.of_release(name, number, channel=channel, viewer=request.viewer)
    return _attached(content, name=f"evidence-{name.replace('/', '.')}-{number}.zip")


@require_safe
def review(request: Request, review_id: int) -> HttpResponse:
    """Answer with the evidence of a review that was refused."""
    content = bundling.of_review(review_id, viewer=request.viewer)
    return _attached(content, name=f"evidence-review-{review_id}.zip")


def _attached(content: bytes, *, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response
