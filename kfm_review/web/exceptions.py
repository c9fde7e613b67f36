"""Exceptions as pages show them: how each stands, whose turn it is, and what relies on it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kfm_review.accounts.models import User
from kfm_review.errors import Missing
from kfm_review.people.queries import Viewer, approvers, governance
from kfm_review.people.rules import Deed
from kfm_review.releases.queries import published_at
from kfm_review.reviews import excusing
from kfm_review.reviews.models import FAIL, Review
from kfm_review.reviews.queries.dossier import latest_of
from kfm_review.reviews.states import Status
from kfm_review.runs import withheld
from kfm_review.runs.withheld import Sight
from kfm_review.signing.models import Statement
from kfm_review.waivers import queries
from kfm_review.waivers.models import Need, Request, Waiver

WITHHELD = "withheld: it takes clearance for {}"
NAMED = 4
UNREVEALED = "withheld: it names keys and places; reveal the exact geometry on the desk first"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One exception: the request, its state, who acts next, who may do it, and what relies on it."""

    request: Request
    state: str
    turn: str
    may_answer: bool
    why_not: str
    may_revoke: bool
    withheld: str
    review: Review | None
    relying: tuple[Review, ...]
    needs: tuple[Need, ...]
    pending: Statement | None
    next: str

    @property
    def waiver_id(self) -> int:
        waiver = getattr(self.request, "waiver", None)
        if waiver is None:
            raise Missing("This exception was not granted.", next_step="There is nothing to revoke.")
        return int(waiver.pk)

    @property
    def body(self) -> dict[str, Any]:
        """Return what was asked, word for word; of a guarded run it names keys and places."""
        return {} if self.withheld else dict(self.request.body)

    @property
    def gates(self) -> str:
        return ", ".join(one["gate"] for one in self.request.body["excuses"])

    @property
    def word(self) -> str:
        """Return the last word of a later run about it."""
        return self.needs[-1].said if self.needs else ""


def standing(review: Review, *, now: datetime) -> Mapping[str, Waiver]:
    """Return, by gate, what lets the failing gates of a review stand; of a release, what did so then."""
    if review.outcome != FAIL:
        return {}
    at = published_at(review)
    found = queries.let_stand(review.manifest, at=at) if at else queries.excused(review.manifest, at=now).by
    review.excused = frozenset(found)
    return found


def entries(*, viewer: Viewer, now: datetime) -> tuple[Entry, ...]:
    """Return every exception that concerns what this viewer may know of, what waits first."""
    found = (_entry(one, viewer=viewer, now=now) for one in queries.dashboard(at=now))
    return tuple(one for one in found if viewer.may(Deed.LOOK, one.request.asset.family))


def entry(request_id: int, *, viewer: Viewer, now: datetime) -> Entry:
    """Return one exception; without clearance it says only that it is there."""
    found = _entry(queries.find(request_id), viewer=viewer, now=now)
    if not viewer.may(Deed.LOOK, found.request.asset.family):
        raise Missing("There is no such exception.", next_step="Look for it on the page of exceptions.")
    return found


def _entry(request: Request, *, viewer: Viewer, now: datetime) -> Entry:
    state = queries.state(request, at=now)
    hidden, review = _withheld(request, viewer), latest_of(request.manifest_id)
    why = _barred(request, viewer, withheld=hidden) if state == "waiting" else f"it is {state}"
    return Entry(
        request=request,
        state=state,
        turn=_turn(request, state, viewer),
        may_answer=not why,
        why_not=why,
        may_revoke=viewer.may(Deed.SIGN_EXCEPTION, request.asset.family),
        withheld=hidden,
        review=review,
        next=_next(review, request, state),
        relying=_relying(request) if state == "live" else (),
        needs=tuple(request.waiver.needs.order_by("pk")) if hasattr(request, "waiver") else (),
        pending=_pending(request) if state == "waiting" else None,
    )


def _withheld(request: Request, viewer: Viewer) -> str:
    """Say what a viewer lacks to read what was asked about a guarded run, or nothing."""
    marked = withheld.marked(request.manifest)
    if lacks := viewer.lacks(marked):
        return WITHHELD.format(" and ".join(lacks))
    sight = withheld.sight(marked, viewer, manifest=request.manifest_id)
    return "" if sight is Sight.EXACT else UNREVEALED


def _barred(request: Request, viewer: Viewer, *, withheld: str) -> str:
    if withheld:
        return withheld
    if not viewer.may(Deed.SIGN_EXCEPTION, request.asset.family):
        return "governance signs"
    if viewer.id in queries.signers(request):
        return "you have signed it; it takes a second person"
    why = excusing.why_not(request, person=viewer.id)
    return f"{why[:1].lower()}{why[1:].removesuffix('.')}"


def could_sign(request: Request) -> tuple[User, ...]:
    """Return who of governance may still answer a request: near to it is nobody of them."""
    given = queries.signers(request)
    people = (one for one in governance(request.asset.family) if one.pk not in given)
    return tuple(one for one in people if not excusing.why_not(request, person=one.pk))


def _turn(request: Request, state: str, viewer: Viewer) -> str:
    """Say who acts next: as many as still have to sign, the reader first."""
    if state != "waiting":
        return ""
    able = could_sign(request)
    names = ["you"] * any(one.pk == viewer.id for one in able)
    names += [str(one) for one in able if one.pk != viewer.id]
    needed = queries.terms()[request.kind].signers - len(queries.signers(request))
    if len(names) < needed:
        granted = "an administrator grants the role of governance"
        return f"{' and '.join(names)} and one more: {granted}" if names else f"nobody: {granted}"
    if needed > 1:
        return " and ".join(names) if len(names) == needed else f"{needed} of {', '.join(names[:NAMED])}"
    return " or ".join(names[:NAMED])


def _next(review: Review | None, request: Request, state: str) -> str:
    """Say who takes a live exception further, or nothing where its review is decided."""
    if state != "live" or review is None or review.status != Status.OPEN:
        return ""
    barred = queries.parties(request.manifest) | {review.requested_by_id, review.author_id}
    decided = set(review.decisions.values_list("by", flat=True))
    able = approvers(review.family, roles=review.roles)
    names = [str(one) for one in able if one.pk not in barred | decided]
    return " or ".join(names[:NAMED]) or "nobody yet: an administrator grants the role"


def _relying(request: Request) -> tuple[Review, ...]:
    found = Review.objects.filter(outcome="FAIL", status__in=("open", "approved"))
    waiver = request.waiver
    about = (
        found.filter(asset=request.asset)
        if waiver.reach == "asset"
        else found.filter(manifest=request.manifest)
    )
    return tuple(about.select_related("run", "asset").order_by("-pk")[:20])


def _pending(request: Request) -> Statement | None:
    """Return the answer that one person has signed and that waits for a second."""
    half = Statement.objects.filter(kind="exception", about=str(request.pk), signatures__isnull=False)
    return half.order_by("-prepared_at").first()
