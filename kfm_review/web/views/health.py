"""Whether this process lives, and whether the whole house is ready."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from kfm_review.web import readiness


@login_not_required
@require_safe
def alive(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  # a view's signature
    """Say that this process answers."""
    return HttpResponse("alive\n", content_type="text/plain")


@login_not_required
@require_safe
def ready(request: HttpRequest) -> JsonResponse:  # noqa: ARG001  # a view's signature
    """Say whether every process has answered lately, and the history is played."""
    missing = readiness.missing(timezone.now())
    return JsonResponse({"ready": not missing, "missing": missing}, status=503 if missing else 200)
