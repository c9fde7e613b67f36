"""The audit record: filtered, paged, exported; for auditors and administrators."""

import csv
import io
import json
from collections.abc import Iterator

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from kfm_review.audit import queries
from kfm_review.audit.models import Event
from kfm_review.audit.queries import Filters
from kfm_review.web import addresses, forms
from kfm_review.web.permits import check_may_read_audit
from kfm_review.web.requests import Request

COLUMNS = ("id", "at", "actor", "action", "target", "family", "why", "details", "leaf_hash")


@require_safe
def show(request: Request) -> HttpResponse:
    """Show one page of events."""
    check_may_read_audit(request.viewer)
    filters, after = _filters(request), addresses.number_cursor(request.GET)
    page = queries.events(filters, after=after)
    context = {
        "here": "audit",
        "events": page.events,
        "after": str(page.after or ""),
        "filters": filters,
        "actors": queries.actors(),
        "total": queries.estimate(),
        "query": addresses.without(request.GET, "after"),
        "first_page": after is None,
    }
    return render(request, "pages/audit.html", context)


@require_safe
def as_csv(request: Request) -> StreamingHttpResponse:
    """Export what matches as CSV."""
    check_may_read_audit(request.viewer)
    return _export(
        _csv(queries.export(_filters(request))), name="events.csv", media_type="text/csv; charset=utf-8"
    )


@require_safe
def as_json_lines(request: Request) -> StreamingHttpResponse:
    """Export what matches as JSON Lines."""
    check_may_read_audit(request.viewer)
    lines = (
        json.dumps(_plain(event), ensure_ascii=False) + "\n" for event in queries.export(_filters(request))
    )
    return _export(lines, name="events.jsonl", media_type="application/jsonl; charset=utf-8")


def _filters(request: Request) -> Filters:
    return Filters(**forms.read(forms.Events, request.GET))


def _export(lines: Iterator[str], *, name: str, media_type: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(lines, content_type=media_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _csv(events: Iterator[Event]) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(COLUMNS)
    for event in events:
        plain = _plain(event)
        writer.writerow([_harmless(str(plain[column])) for column in COLUMNS])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()


def _harmless(cell: str) -> str:
    """Keep a spreadsheet from taking a cell for a formula."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


def _plain(event: Event) -> dict[str, object]:
    return {
        "id": event.pk,
        "at": event.at.isoformat(),
        "actor": event.actor.username if event.actor else "system",
        "action": event.action,
        "target": event.target,
        "family": event.family,
        "why": event.why,
        "details": json.dumps(event.details, sort_keys=True, ensure_ascii=False),
        "leaf_hash": event.leaf_hash,
    }
