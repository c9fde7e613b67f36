"""The bytes of one artifact, to those who may see the manifest it belongs to."""

from functools import lru_cache

from django.conf import settings
from django.http import HttpResponseBase
from django.views.decorators.http import require_safe

from kfm_review import downloads
from kfm_review.downloads import Download
from kfm_review.runs import queries
from kfm_review.web.requests import Request
from pipelines.store import FileStore, place


@require_safe
def show(request: Request, sha256: str) -> HttpResponseBase:
    """Answer with the artifact, or the range of it that was asked for."""
    found = queries.download(sha256, labels=request.viewer.labels)
    wanted = Download(sha256=sha256, media_type=found.media_type, filename=found.filename)
    return downloads.respond(request, wanted, store=_store(), inline="inline" in request.GET)


@lru_cache(maxsize=1)
def _store() -> FileStore:
    return FileStore(place(settings.STORE_URL, "candidates"))
