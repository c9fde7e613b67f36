"""What the frame of every page needs."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from kfm_review.audit.queries import open_conflict
from kfm_review.reviews.queries.queue import waiting_for


def frame(request: HttpRequest) -> dict[str, Any]:
    """Return the viewer and, when a template asks, how many items wait for him and whether there is alarm."""
    viewer = getattr(request, "viewer", None)
    if not viewer:
        return {"viewer": None, "waiting": 0, "alarm": None}
    return {
        "viewer": viewer,
        "waiting": SimpleLazyObject(lambda: waiting_for(viewer)),
        "alarm": SimpleLazyObject(open_conflict),
    }
