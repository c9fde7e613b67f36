"""Events as the auditor reads them: filtered, paged by key, exported within a bound."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db import connection
from django.db.models import Q, QuerySet

from kfm_review.accounts.models import User
from kfm_review.audit.models import Event

PAGE = 100
EXPORT = 100_000
CHUNK = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Who, what, to what, from when, to when; what is empty narrows nothing."""

    who: str = ""
    what: str = ""
    target: str = ""
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of events, the newest first; `after` is where the next begins."""

    events: tuple[Event, ...]
    after: int | None


def events(filters: Filters, *, after: int | None = None, page: int = PAGE) -> Page:
    """Return one page of the events that match, the newest first."""
    found = _matching(filters).order_by("-pk")
    if after is not None:
        found = found.filter(pk__lt=after)
    rows = tuple(found[: page + 1])
    return Page(events=rows[:page], after=rows[page - 1].pk if len(rows) > page else None)


def export(filters: Filters) -> Iterator[Event]:
    """Yield what matches, the oldest first, up to a bound that the last line of the export states."""
    yield from _matching(filters).order_by("pk")[:EXPORT].iterator(chunk_size=CHUNK)


def estimate() -> int:
    """Return about how many events there are, without counting them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples::bigint FROM pg_class WHERE oid = 'audit_event'::regclass")
        (about,) = cursor.fetchone()
    return Event.objects.count() if about < PAGE * PAGE else int(about)


def actors() -> QuerySet[User]:
    """Return the people an event may be by."""
    return User.objects.order_by("username")[:500]


def _matching(filters: Filters) -> QuerySet[Event]:
    found = Event.objects.select_related("actor")
    if filters.who == "system":
        found = found.filter(actor__isnull=True)
    elif filters.who:
        found = found.filter(actor__username=filters.who)
    if filters.what:
        found = found.filter(action__startswith=filters.what)
    if filters.target:
        found = found.filter(Q(target__icontains=filters.target) | Q(family=filters.target))
    if filters.since:
        found = found.filter(at__gte=_midnight(filters.since))
    if filters.until and filters.until < date.max:
        found = found.filter(at__lt=_midnight(filters.until + timedelta(days=1)))
    return found


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=UTC)
