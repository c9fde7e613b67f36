"""The open reviews by whose turn it is: pages of rows by keyset, with counts for every facet."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, TypedDict

from django.db.models import Case, CharField, Exists, OuterRef, Prefetch, Q, QuerySet, Value, When

from kfm_review.people.clearance import STRICTEST
from kfm_review.people.queries import Viewer
from kfm_review.reviews.models import Decision, Review
from kfm_review.reviews.queries.facets import Choice, Filters, Turn, choices, tallied
from kfm_review.reviews.states import Status
from kfm_review.runs import veil, withheld
from kfm_review.runs.models import Artifact
from kfm_review.runs.withheld import Sight
from kfm_review.waivers import queries as exceptions

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

FAIL = "FAIL"
PAGE = 50
WORDS = 8
SHOWN = (
    *("family", "edition", "outcome", "status", "reasons", "needed", "roles", "opened_at", "stale_at"),
    "manifest__label",
    *("requested_by_id", "author_id", "asset__name", "run__alias", "manifest__digest"),
    *(
        f"manifest__diff__{name}"
        for name in ("state", "why", "after_rows", "added", "removed", "changed", "moved")
    ),
)


class Turned(TypedDict):
    """What a row is annotated with: whose turn it is, and how much of it may be seen."""

    turn: str
    is_cleared: bool
    is_exact: bool
    is_near: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """Where a page of the queue ends: the group, and the last row's place in it."""

    turn: Turn
    opened_at: datetime
    id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The rows of one turn on this page, and how many there are on all pages."""

    turn: Turn
    count: int
    reviews: "tuple[WithAnnotations[Review, Turned], ...]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """One page of the queue, with what stands around it."""

    groups: tuple[Group, ...]
    facets: dict[str, tuple[Choice, ...]]
    counts: dict[Turn, int]
    shown: int
    total: int
    mine: int
    after: Cursor | None

    @property
    def hidden(self) -> int:
        """How many open items the filters leave out."""
        return self.total - self.shown


def queue(*, viewer: Viewer, filters: Filters, after: Cursor | None = None, page: int = PAGE) -> Queue:
    """Return one page of the queue as `viewer` meets it, the oldest of each group first."""
    everything = _open(viewer)
    tally = tallied(_matching(everything, filters.text))
    whole = tallied(everything) if filters.text else tally
    counts = tally.by_turn(filters)
    rows = list(_rows(viewer, filters, after=after, counts=counts, page=page))
    shown = rows[:page]
    _excuse(shown, now=viewer.now)
    return Queue(
        groups=_grouped(shown, counts=counts),
        facets=choices(tally, filters),
        counts=counts,
        shown=sum(counts.values()),
        total=whole.total,
        mine=whole.by_turn(Filters())[Turn.MINE],
        after=_cursor(shown[-1]) if len(rows) > page else None,
    )


def waiting_for(viewer: Viewer) -> int:
    """Return how many open reviews are the viewer's turn."""
    return _open(viewer).filter(turn=Turn.MINE).count()


def _open(viewer: Viewer) -> QuerySet["WithAnnotations[Review, Turned]"]:
    """Return the open reviews, each with whose turn it is for this viewer."""
    decided = Decision.objects.filter(review=OuterRef("pk"), by_id=viewer.id)
    own = Q(requested_by_id=viewer.id) | Q(author_id=viewer.id)
    foreign = Q() if "" in viewer.decides_for else ~Q(family__in=sorted(viewer.decides_for))
    cleared = withheld.seen(viewer, at="manifest__")
    known = withheld.known(viewer, cleared=cleared, family="family")
    marked = Review.objects.filter(known, status=Status.OPEN).annotate(
        is_cleared=withheld.whether(cleared),
        is_exact=withheld.whether(withheld.exact(viewer, at="manifest__")),
        is_near=withheld.whether(exceptions.near(viewer.id)),
    )
    return marked.annotate(
        turn=Case(
            When(own | foreign, then=Value(Turn.BARRED)),
            When(is_cleared=False, then=Value(Turn.BARRED)),
            When(is_near=True, then=Value(Turn.BARRED)),
            When(Q(stale_at__isnull=False) | Exists(decided), then=Value(Turn.OTHERS)),
            default=Value(Turn.MINE),
            output_field=CharField(),
        )
    )


def _matching(
    reviews: QuerySet["WithAnnotations[Review, Turned]"], text: str
) -> QuerySet["WithAnnotations[Review, Turned]"]:
    """Keep what has every word of the query in its asset, edition, run or digest."""
    for word in text.split()[:WORDS]:
        reviews = reviews.filter(
            Q(asset__name__icontains=word)
            | Q(edition__icontains=word)
            | Q(run__alias__icontains=word)
            | Q(manifest__digest__startswith=word.lower().removeprefix("sha256:"))
        )
    return reviews


def _narrowed(viewer: Viewer, filters: Filters) -> QuerySet["WithAnnotations[Review, Turned]"]:
    reviews = _matching(_open(viewer), filters.text)
    for facet in ("outcome", "family", "edition"):
        if chosen := getattr(filters, facet):
            reviews = reviews.filter(**{f"{facet}__in": sorted(chosen)})
    some = Q()
    for gate in sorted(filters.gate):
        some |= Q(reasons__contains=[{"gate": gate}])
    return reviews.filter(some)


def _rows(
    viewer: Viewer, filters: Filters, *, after: Cursor | None, counts: dict[Turn, int], page: int
) -> "Iterator[WithAnnotations[Review, Turned]]":
    """Yield one row more than a page, group by group, each group from an index."""
    left = page + 1
    order = list(Turn)
    for turn in order[order.index(after.turn) if after else 0 :]:
        if not counts[turn]:
            continue
        rows = _narrowed(viewer, filters).filter(turn=turn).order_by("opened_at", "pk")
        if after and after.turn is turn:
            rows = rows.filter(
                Q(opened_at__gt=after.opened_at) | Q(opened_at=after.opened_at, pk__gt=after.id)
            )
        for row in _complete(rows, viewer)[:left]:
            left -= 1
            yield _veiled(row, viewer)
        if not left:
            return


def _complete(
    rows: QuerySet["WithAnnotations[Review, Turned]"], viewer: Viewer
) -> QuerySet["WithAnnotations[Review, Turned]"]:
    """Fetch with the rows all that a line of the queue says, but no map that a guarded run made."""
    refused = Artifact.objects.alias(may=withheld.whether(withheld.exact(viewer, at="manifest__")))
    shared = refused.filter(may=False, sha256=OuterRef("sha256"))
    thumbnails = Artifact.objects.filter(~Exists(shared), role="thumbnail")
    return (
        rows.select_related("asset", "run", "manifest__diff")
        .only(*SHOWN)
        .prefetch_related(
            Prefetch("decisions", queryset=Decision.objects.select_related("by").order_by("at")),
            Prefetch("manifest__artifacts", queryset=thumbnails, to_attr="thumbnails"),
        )
    )


def _excuse(rows: "list[WithAnnotations[Review, Turned]]", *, now: datetime) -> None:
    """Tell rows, in memory, which of their gates stand by a live exception."""
    failing = {row.manifest_id: row.asset_id for row in rows if row.outcome == FAIL}
    found = exceptions.among(failing, at=now) if failing else {}
    asked = exceptions.unanswered(failing) if failing else frozenset()
    for row in rows:
        row.excused = found.get(row.manifest_id, frozenset())
        row.asks = row.manifest_id in asked


def _veiled(row: "WithAnnotations[Review, Turned]", viewer: Viewer) -> "WithAnnotations[Review, Turned]":
    """Take from a row, in memory, what its viewer may not see of it."""
    sight = Sight.EXACT if row.is_exact else Sight.FIGURES if row.is_cleared else Sight.OUTLINE
    veil.figures(row.manifest, sight)
    row.reasons = veil.reasons(row.reasons, sight)
    row.veiled = sight < Sight.EXACT
    row.parties = frozenset({viewer.id}) if row.is_near else frozenset()
    if sight < Sight.FIGURES:
        label = row.manifest.label or STRICTEST
        row.lacks = ("its authority" if label in viewer.labels else label,)
    return row


def _grouped(rows: "list[WithAnnotations[Review, Turned]]", *, counts: dict[Turn, int]) -> tuple[Group, ...]:
    return tuple(
        Group(turn=turn, count=counts[turn], reviews=found)
        for turn in Turn
        if (found := tuple(row for row in rows if row.turn == turn))
    )


def _cursor(row: "WithAnnotations[Review, Turned]") -> Cursor:
    return Cursor(turn=Turn(row.turn), opened_at=row.opened_at, id=row.pk)
