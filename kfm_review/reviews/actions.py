"""What happens to reviews: results come in, people decide, releases overtake."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from kfm_review.accounts.models import User
from kfm_review.accounts.roles import ALL_FAMILIES
from kfm_review.audit.models import Event
from kfm_review.audit.reasons import check_why
from kfm_review.audit.record import record
from kfm_review.errors import Invalid, Missing
from kfm_review.outbox.post import post
from kfm_review.people import rules as people
from kfm_review.people.queries import REVEALED, viewer
from kfm_review.people.rules import Deed
from kfm_review.reviews import routing, rules
from kfm_review.reviews.models import Decision, Review
from kfm_review.reviews.routing import call_stale, move, note
from kfm_review.reviews.rules import Case, Vote
from kfm_review.reviews.states import Status, Verdict
from kfm_review.runs import actions as runs
from kfm_review.runs import withheld
from kfm_review.runs.models import Asset, Manifest, Run
from kfm_review.runs.reading import NotKept
from kfm_review.waivers import actions as exceptions
from kfm_review.waivers import queries as waivers
from pipelines.model import NO_BASE

LIVE = (Status.OPEN, Status.APPROVED)


def receive(message: dict[str, Any], *, now: datetime) -> Review | None:
    """Keep what an attempt reports and put it before people; what is not whole is tried again."""
    try:
        with transaction.atomic():
            review = routing.route(runs.keep(message, now=now), now=now)
            if review is not None:
                for waiver in exceptions.report(review.manifest, now=now):
                    settle_concerned(waiver.manifest, reach=waiver.reach, now=now)
            return review
    except NotKept as cause:
        why = f"Its result was refused: {cause}"
        runs.attempt(message["run"], why=why, now=now, number=message["attempt"])
        return None


def decide(  # a decision names all of these
    *, review_id: int, manifest: str, verdict: str, reason: str, actor: User, now: datetime
) -> Decision:
    """Write down one person's decision, once, and move the review if that settles it."""
    with transaction.atomic():
        review = seen(review_id, actor=actor, deed="decide on this", now=now)
        settle_again(review, now=now)
        wanted, case = _verdict(verdict), _case(review, now=now)
        people.check_may(Deed.DECIDE, actor.roles(), review.family)
        rules.check_not_own(case, actor=actor.pk)
        rules.check_no_party(case, actor=actor.pk)
        rules.check_open(case, actor=actor.pk, settled_by=_settled_by(review))
        rules.check_same_manifest(shown=manifest, now=review.manifest_id)
        if wanted is Verdict.APPROVE:
            rules.check_approvable(case)
        role = rules.check_role(
            case, verdict=wanted, held=people.acting_as(Deed.DECIDE, actor.roles(), review.family)
        )
        said = rules.check_reason(reason, verdict=wanted, outcome=review.outcome)
        last = review.decisions.filter(by=actor).order_by("-n").first()
        if last and (last.verdict, last.reason) == (wanted, said):
            return last  # sent once more by somebody who had no answer, or pressed twice
        decision = Decision.objects.create(
            review=review,
            manifest_id=review.manifest_id,
            by=actor,
            n=1 + (last.n if last else 0),
            verdict=wanted,
            role=role,
            reason=said,
            at=now,
        )
        record(
            "review.decided",
            f"review:{review.pk}",
            actor=actor,
            at=now,
            why=said,
            family=review.family,
            verdict=wanted,
            role=role,
            n=decision.n,
            manifest=review.manifest_id,
        )
        settle(review, now=now)
    return decision


def reveal(*, review_id: int, manifest: str, why: str, actor: User, now: datetime) -> Event:
    """Open the exact geometry of a guarded manifest to a cleared person for a while; that is on record."""
    with transaction.atomic():
        review = seen(review_id, actor=actor, deed="see its exact geometry", now=now)
        people.check_may(Deed.LOOK, actor.roles(), review.family)
        rules.check_same_manifest(shown=manifest, now=review.manifest_id)
        rules.check_guarded(guarded=withheld.marked(review.manifest).guarded)
        said = check_why(why)
        return record(
            REVEALED,
            f"review:{review.pk}",
            actor=actor,
            at=now,
            why=said,
            family=review.family,
            run=str(review.run_id),
            manifests=[digest for digest in (review.manifest_id, review.manifest.base) if digest != NO_BASE],
        )


def request_again(*, review_id: int, now: datetime) -> Run | None:
    """Ask for the run of a stale review again; the new review takes its place."""
    with transaction.atomic():
        review = lock(review_id)
        if review.status != Status.OPEN or review.stale_at is None:
            return None
        return runs.compare_again(review.run, why=f"{review.stale_why} Compared again.", now=now)


def overtake(asset: Asset, *, channel: str, base: str, why: str, now: datetime) -> None:
    """Call every review of an asset stale whose base a release has just overtaken."""
    waiting = Review.objects.filter(
        asset=asset, run__channel=channel, status__in=routing.SYSTEM_TURNS, promoted_at=None, stale_at=None
    )
    for review in waiting.exclude(manifest__base=base).select_related("run").select_for_update(of=("self",)):
        if review.status == Status.APPROVED:
            move(review, Status.OPEN, now=now)
            note("review.reopened", review, now=now, why=why)
        call_stale(review, why=why, now=now)


def begin_promotion(review_id: int, *, now: datetime) -> Review:
    """Make an approval final, within the transaction in which its promotion begins."""
    review = lock(review_id)
    if review.promoted_at is None:
        review.promoted_at = now
        review.save(update_fields=["promoted_at"])
    return review


def settle_again(review: Review, *, now: datetime) -> None:
    """Put back what people approved, and no promotion began with, if one of them may decide no more."""
    begun = review.promoted_at is not None
    if review.status == Status.APPROVED and not begun and review.decisions.exists():
        settle(review, now=now)


def settle_concerned(manifest: Manifest, *, reach: str, now: datetime) -> None:
    """Settle every review that an exception of a manifest, or of its asset, concerns."""
    concerned = Q(manifest=manifest) | Q(asset=manifest.asset) if reach == "asset" else Q(manifest=manifest)
    found = Review.objects.filter(concerned, status__in=LIVE, promoted_at=None).order_by("pk")
    for review_id in found.values_list("pk", flat=True):
        settle(lock(review_id), now=now)


def settle(review: Review, *, now: datetime) -> None:
    """Move the review to where the latest verdicts leave it."""
    case = _case(review, now=now)
    status = rules.standing(case.votes, needed=case.needed, roles=case.roles, unexcused=rules.unexcused(case))
    if status is case.status:
        return
    if case.status is Status.APPROVED and status is not Status.OPEN:
        move(review, Status.OPEN, now=now)
    move(review, status, now=now)
    note("review.reopened" if status is Status.OPEN else f"review.{status}", review, now=now)
    if status is Status.APPROVED:
        post("review-approved", {"review": review.pk}, at=now)


def seen(review_id: int, *, actor: User, deed: str, now: datetime) -> Review:
    """Return a review that `actor` is cleared for, locked after its asset."""
    who = viewer(actor, today=now.date())
    known = withheld.known(who, cleared=withheld.seen(who, at="manifest__"), family="family")
    found = Review.objects.filter(known, pk=review_id).select_related("manifest").first()
    if found is None:
        raise _missing(review_id)
    people.check_cleared(who.lacks(withheld.marked(found.manifest)), deed=deed)
    return lock(review_id)


def lock(review_id: int) -> Review:
    """Return a review, locked after its asset, as every action locks them."""
    asset = Asset.objects.filter(reviews__pk=review_id).select_for_update(no_key=True).first()
    if asset is None:
        raise _missing(review_id)
    found = Review.objects.select_related("run__asset", "manifest")
    return found.select_for_update(of=("self",), no_key=True).get(pk=review_id)


def _case(review: Review, *, now: datetime) -> Case:
    latest = {one.by_id: one for one in review.decisions.select_related("by").order_by("n")}
    votes = (
        Vote(by=one.by_id, verdict=Verdict(one.verdict), role=one.role)
        for one in latest.values()
        if one.verdict != Verdict.APPROVE or _holds(one, family=review.family)
    )
    return Case(
        status=Status(review.status),
        outcome=review.outcome,
        needed=review.needed,
        roles=review.roles,
        requester=review.requested_by_id,
        author=review.author_id,
        stale=review.stale_at is not None,
        promoted=review.promoted_at is not None,
        votes=tuple(votes),
        **_exceptions(review, now=now),
    )


def _holds(decision: Decision, *, family: str) -> bool:
    """Answer whether somebody still holds the role in which he decided."""
    return any(
        role == decision.role and limit in (ALL_FAMILIES, family) for role, limit in decision.by.roles()
    )


def _exceptions(review: Review, *, now: datetime) -> dict[str, Any]:
    """Return what exceptions say of a review; none is looked for where nothing failed."""
    manifest = review.manifest
    parties = waivers.parties(manifest)
    if review.outcome in rules.STANDS:
        return {"parties": parties}
    outcomes = [(gate["gate"], gate["outcome"]) for gate in manifest.body.get("gates", ())]
    return {
        "failing": frozenset(gate for gate, said in outcomes if said == "FAIL"),
        "excused": frozenset(waivers.excused(manifest, at=now).by),
        "asked": waivers.asked_gates(manifest),
        "broken": any(said not in (*rules.STANDS, "FAIL") for _, said in outcomes),
        "parties": parties,
    }


def _settled_by(review: Review) -> str:
    last = review.decisions.order_by("-at", "-pk").select_related("by").first()
    return str(last.by) if last else ""


def _verdict(word: str) -> Verdict:
    try:
        return Verdict(word)
    except ValueError as unknown:
        raise Invalid(
            f"{word[:40]!r} is no decision.", next_step=f"Choose one of {', '.join(Verdict)}."
        ) from unknown


def _missing(review_id: int) -> Missing:
    return Missing(
        f"There is no review {review_id}.", next_step="Look for it in the queue or among the runs."
    )
