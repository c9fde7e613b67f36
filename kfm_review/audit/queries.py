"""What the auditor reads: events, filtered and paged by key; and where their tree stands."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db import connection
from django.db.models import Q, QuerySet

from kfm_review.accounts.models import User
from kfm_review.audit import signatures
from kfm_review.audit.models import Checkpoint, Conflict, Cosignature, Event
from kfm_review.audit.sequence import ITSELF, newest
from kfm_review.audit.signatures import KeyOf
from pipelines import policy
from pipelines.errors import NotProved

PAGE = 100
EXPORT = 100_000
CHUNK = 2_000
SKEW = timedelta(seconds=5)  # between this clock and the sequencer's


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The newest checkpoint, and whether the audit record can be relied upon at a moment."""

    size: int
    root: str
    at: datetime | None
    note: str
    fresh: bool  # signed, no older than policy allows, and not from the future
    witnessed: bool  # a witness has cosigned one that is fresh, and lately by its own clock
    consistent: bool  # nobody refused the tree since
    problems: tuple[str, ...]  # a sentence for each of these that does not hold


def head(now: datetime, *, key_of: KeyOf | None = None) -> Head:
    """Return where the audit record stands; what is missing is never good.

    With `key_of` signatures count only from keys on the roster; without, what the database says is believed.
    """
    last, refused = newest(), open_conflict()
    seen = Cosignature.objects.select_related("checkpoint").order_by("-checkpoint_id").first()
    fresh = last is not None and _fresh(last.at, now) and _holds(last, key_of)
    witnessed = seen is not None and _fresh(seen.checkpoint.at, now) and _witnessed(seen, now, key_of)
    return Head(
        size=last.size if last else 0,
        root=last.root if last else "",
        at=last.at if last else None,
        note=last.note if last else "",
        fresh=fresh,
        witnessed=witnessed,
        consistent=last is not None and refused is None,
        problems=_problems(last, fresh=fresh, witnessed=witnessed, refused=refused),
    )


def _holds(kept: Checkpoint, key_of: KeyOf | None) -> bool:
    """Answer whether a key that counts signed a checkpoint."""
    if key_of is None:
        return True
    try:
        signatures.check_checkpoint(kept, key_of)
    except NotProved:
        return False
    return True


def _witnessed(seen: Cosignature, now: datetime, key_of: KeyOf | None) -> bool:
    """Answer whether a witness lately saw a checkpoint: its row says when, and so does its own signature.

    A checkpoint has no time in it: whoever holds the log's key can date an old one anew, but not the witness.
    """
    if key_of is None:
        return _fresh(seen.at, now)
    try:
        signatures.check_checkpoint(seen.checkpoint, key_of)
        return _fresh(signatures.cosigned_at(seen, key_of), now)
    except NotProved:
        return False


def open_conflict() -> Conflict | None:
    """Return the newest refusal of a tree by somebody who has not signed a later checkpoint since."""
    for conflict in Conflict.objects.order_by("-pk")[:PAGE]:
        later = (
            Checkpoint.objects.filter(pk__gt=conflict.checkpoint_id or 0)
            if conflict.witness == ITSELF
            else Cosignature.objects.filter(
                witness=conflict.witness, checkpoint_id__gt=conflict.checkpoint_id or 0
            )
        )
        if not later.exists():
            return conflict
    return None


def _fresh(at: datetime, now: datetime) -> bool:
    limit = timedelta(seconds=policy.numbers("audit")["head_max_age_s"])
    return now - limit <= at <= now + SKEW


def _problems(
    last: Checkpoint | None, *, fresh: bool, witnessed: bool, refused: Conflict | None
) -> tuple[str, ...]:
    if last is None:
        return ("The audit record has no signed checkpoint: is the control process running, with its key?",)
    said = {
        f"The newest checkpoint of the audit record is of {last.at:%Y-%m-%d %H:%M:%S}: control signs one a "
        "minute, so see whether it runs, whether its key is on the roster and its clock is right.": not fresh,
        "No witness has cosigned a recent checkpoint: see whether the witness runs.": not witnessed,
        f"The audit record was refused by {refused.witness if refused else ''}: "
        f"{refused.why if refused else ''} Run manage.py audit verify.": refused is not None,
    }
    return tuple(sentence for sentence, holds in said.items() if holds)


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
    found = Event.objects.select_related("actor", "leaf")
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
