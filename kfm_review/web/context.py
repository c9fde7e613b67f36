"""What the frame of every page needs."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from kfm_review.audit.queries import open_conflict
from kfm_review.reviews.queries.queue import waiting_for
from kfm_review.web import signatures


def frame(request: HttpRequest) -> dict[str, Any]:
    """Return the viewer and, when a template asks, what waits for him and whether there is alarm."""
    viewer = getattr(request, "viewer", None)
    if not viewer:
        return {"viewer": None, "waiting": 0, "to_answer": 0, "to_admit": 0, "alarm": None}
    return {
        "viewer": viewer,
        "waiting": SimpleLazyObject(lambda: waiting_for(viewer)),
        "to_answer": SimpleLazyObject(lambda: signatures.to_answer(viewer)),
        "to_admit": SimpleLazyObject(lambda: signatures.to_admit(viewer, now=viewer.now)),
        "alarm": SimpleLazyObject(open_conflict),
    }
