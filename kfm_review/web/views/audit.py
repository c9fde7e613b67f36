"""The audit record: filtered, paged, exported; for auditors and administrators."""

import json
from collections.abc import Iterator, Sequence

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from kfm_review.audit import queries
from kfm_review.audit.models import Event
from kfm_review.audit.queries import Filters
from kfm_review.reviews.queries.recorded import readable
from kfm_review.web import addresses, forms, spreadsheets
from kfm_review.web.permits import check_may_read_audit
from kfm_review.web.requests import Request

COLUMNS = ("leaf", "id", "at", "actor", "action", "target", "family", "why", "details", "leaf_hash")


@require_safe
def show(request: Request) -> HttpResponse:
    """Show one page of events."""
    check_may_read_audit(request.viewer)
    filters, after = _filters(request), addresses.number_cursor(request.GET)
    page = queries.events(filters, after=after)
    context = {
        "here": "audit",
        "events": tuple(readable(page.events, viewer=request.viewer)),
        "after": str(page.after or ""),
        "filters": filters,
        "actors": queries.actors(),
        "total": queries.estimate(),
        "query": addresses.without(request.GET, "after"),
        "first_page": after is None,
        "head": queries.head(timezone.now()),
    }
    return render(request, "pages/audit.html", context)


@require_safe
def as_csv(request: Request) -> StreamingHttpResponse:
    """Export what matches as CSV."""
    check_may_read_audit(request.viewer)
    return spreadsheets.attached(_rows(_export_of(request)), filename="events.csv")


@require_safe
def as_json_lines(request: Request) -> StreamingHttpResponse:
    """Export what matches as JSON Lines."""
    check_may_read_audit(request.viewer)
    lines = (json.dumps(_plain(event), ensure_ascii=False) + "\n" for event in _export_of(request))
    return _export(lines, name="events.jsonl", media_type="application/jsonl; charset=utf-8")


def _filters(request: Request) -> Filters:
    return Filters(**forms.read(forms.Events, request.GET))


def _export_of(request: Request) -> Iterator[Event]:
    return readable(queries.export(_filters(request)), viewer=request.viewer)


def _export(lines: Iterator[str], *, name: str, media_type: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(lines, content_type=media_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _rows(events: Iterator[Event]) -> Iterator[Sequence[str]]:
    yield COLUMNS
    for event in events:
        plain = _plain(event)
        yield [str(plain[column]) for column in COLUMNS]


def _plain(event: Event) -> dict[str, object]:
    return {
        "leaf": event.leaf.number if hasattr(event, "leaf") else "",
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
