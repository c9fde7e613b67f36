"""The bytes of one artifact, to those who may see the manifest it belongs to."""

from functools import lru_cache

from django.conf import settings
from django.http import HttpResponseBase
from django.views.decorators.http import require_safe

from kfm_review import downloads
from kfm_review.downloads import Download
from kfm_review.runs import queries
from kfm_review.web import spreadsheets
from kfm_review.web.requests import Request
from pipelines.store import FileStore, place

SPREADSHEET = "spreadsheet"


@require_safe
def show(request: Request, sha256: str) -> HttpResponseBase:
    """Answer with the artifact, the range of it that was asked for, or a table dressed for spreadsheets."""
    found = queries.download(sha256, viewer=request.viewer)
    if SPREADSHEET in request.GET and found.media_type == spreadsheets.MEDIA_TYPE:
        rows = spreadsheets.rows_of(downloads.verified(_store(), sha256))
        return spreadsheets.attached(rows, filename=f"spreadsheet-{found.filename}")
    wanted = Download(
        sha256=sha256, media_type=found.media_type, filename=found.filename, guarded=found.guarded
    )
    return downloads.respond(request, wanted, store=_store(), inline="inline" in request.GET)


@lru_cache(maxsize=1)
def _store() -> FileStore:
    return FileStore(place(settings.STORE_URL, "candidates"))
