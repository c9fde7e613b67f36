"""What stands behind the question mark: filters and cursors, read strictly and written back."""

from datetime import UTC, datetime
from uuid import UUID

from django.http import QueryDict

from kfm_review.errors import Invalid
from kfm_review.reviews.queries.facets import FACETS, Filters, Turn
from kfm_review.reviews.queries.queue import Cursor
from kfm_review.runs.queries import Filters as RunFilters

LONGEST = 200
MOST = 50


def queue_filters(given: QueryDict) -> Filters:
    """Read the queue's filters; what is too long or too many is cut."""
    chosen = {
        facet: frozenset(value[:LONGEST] for value in given.getlist(facet)[:MOST] if value)
        for facet in FACETS
    }
    return Filters(**chosen, text=_text(given, "q"))


def queue_cursor(given: QueryDict) -> Cursor | None:
    """Read where a page of the queue begins."""
    if not given.get("after"):
        return None
    try:
        turn, opened_at, number = given.get("after", "").split("~")
        opened = datetime.fromisoformat(opened_at).astimezone(UTC)
        return Cursor(turn=Turn(turn), opened_at=opened, id=int(number))
    except (ValueError, OverflowError) as wrong:
        raise Invalid(
            "The page's address is broken. Start again from the first page of the queue."
        ) from wrong


def said(cursor: Cursor | None) -> str:
    """Write a cursor as it stands in an address."""
    return f"{cursor.turn}~{cursor.opened_at.isoformat()}~{cursor.id}" if cursor else ""


def run_filters(given: QueryDict) -> RunFilters:
    """Read the filters of the list of runs."""
    return RunFilters(**{name: _text(given, name) for name in ("asset", "alias", "status", "outcome")})


def run_cursor(given: QueryDict) -> UUID | None:
    """Read where a page of the runs begins."""
    try:
        after = given.get("after")
        return UUID(after) if after else None
    except ValueError as wrong:
        raise Invalid("The page's address is broken. Start again from the first page of the runs.") from wrong


def number_cursor(given: QueryDict) -> int | None:
    """Read where a page of numbered lines begins."""
    try:
        after = given.get("after")
        return int(after[:20]) if after else None
    except ValueError as wrong:
        raise Invalid("The page's address is broken. Start again from the first page.") from wrong


def without(given: QueryDict, *names: str) -> str:
    """Write what was asked for again, without some names and without empty values."""
    kept = given.copy()
    for name in names:
        kept.pop(name, None)
    for name in list(kept):
        kept.setlist(name, [value for value in kept.getlist(name) if value])
    return kept.urlencode()


def _text(given: QueryDict, name: str) -> str:
    return given.get(name, "").replace("\x00", "").strip()[:LONGEST]
