"""Where a recorded run goes: to a review of its own, or nowhere because it brings nothing new."""

from datetime import datetime

from django.db.models import QuerySet

from kfm_review.accounts.models import User
from kfm_review.audit.record import record
from kfm_review.errors import NotPossible
from kfm_review.outbox.post import post
from kfm_review.reviews import rules
from kfm_review.reviews.models import Review
from kfm_review.reviews.states import MOVES, Status, check_move
from kfm_review.runs import actions as runs
from kfm_review.runs import attempts, queries
from kfm_review.runs.models import Manifest, Run
from kfm_review.runs.rules import unchanged
from pipelines.model import Outcome

SYSTEM_TURNS = tuple(status for status in Status if Status.SUPERSEDED in MOVES[status])


def route(run: Run, *, now: datetime) -> Review | None:
    """Open a review of what a run made, unless it says nothing new; newer takes the place of older."""
    manifest = run.manifest
    if manifest is None:
        raise NotPossible(f"{run.alias} has no manifest, so there is nothing to look at.")
    nothing_new = _nothing_new(run, manifest)
    if nothing_new:
        runs.call_unchanged(run, why=nothing_new, now=now)
        _end_stale(run, why=nothing_new, now=now)
        return None
    review = open_review(run, manifest, now=now)
    _settle_order(review, now=now)
    current = queries.current(run.asset, channel=run.channel)
    if review.status == Status.OPEN and manifest.base != (current.manifest_id if current else "none"):
        call_stale(review, why="Another release came out while it ran.", now=now)
    return review


def open_review(run: Run, manifest: Manifest, *, now: datetime) -> Review:
    """Open a review with its reasons, by the terms its manifest carries."""
    terms = manifest.body.get("review") or {}
    gates = [
        {"gate": gate.gate, "outcome": gate.outcome, "measured": gate.measured, "limit": gate.limit}
        for gate in manifest.gates.order_by("position")
    ]
    review = Review.objects.create(
        run=run,
        asset=run.asset,
        family=run.asset.family,
        edition=run.edition,
        manifest=manifest,
        outcome=manifest.outcome,
        reasons=rules.reasons(gates, failure=run.failure),
        needed=terms.get("approvals", 1),
        roles=terms.get("roles") or list(rules.ANYBODY),
        requested_by=_asker(run),
        author=run.author,
        opened_at=now,
        answers=Review.objects.filter(pk=run.answers, asset=run.asset).first() if run.answers else None,
    )
    note("review.opened", review, now=now, outcome=review.outcome, pool=attempts.pool(run.asset.family))
    return review


def move(review: Review, status: Status, *, now: datetime, **facts: Review | datetime | str | None) -> None:
    """Let a review go where its table allows."""
    check_move(Status(review.status), status)
    review.status = status
    review.settled_at = None if status is Status.OPEN else now
    for name, value in facts.items():
        setattr(review, name, value)
    review.save(update_fields=["status", "settled_at", *facts])


def call_stale(review: Review, *, why: str, now: datetime) -> None:
    """Say that a review's comparison no longer holds, and have it made again."""
    if review.stale_at is not None:
        return
    review.stale_at, review.stale_why = now, why
    review.save(update_fields=["stale_at", "stale_why"])
    note("review.stale", review, now=now, why=why)
    post("request-again", {"review": review.pk}, at=now)


def note(action: str, review: Review, *, now: datetime, why: str = "", **details: str) -> None:
    """Write an event about a review, as the system."""
    record(
        action,
        f"review:{review.pk}",
        actor=None,
        at=now,
        why=why,
        family=review.family,
        run=str(review.run_id),
        manifest=review.manifest_id,
        **details,
    )


def _asker(run: Run) -> User | None:
    """Return who asked; when the system compares again, still whoever asked for what it compares."""
    if run.requested_by is not None or run.trigger != "stale":
        return run.requested_by
    before = Review.objects.filter(asset_id=run.asset_id, edition=run.edition, run__channel=run.channel)
    last = before.select_related("requested_by").order_by("-pk").first()
    return last.requested_by if last else None


def _nothing_new(run: Run, manifest: Manifest) -> str:
    """Say what stands already that this run only repeats."""
    outcome = Outcome(manifest.outcome)
    said = queries.standing(manifest, name=run.alias, spec_hash=run.spec_hash)
    current = queries.current(run.asset, channel=run.channel)
    if current:
        name = f"release {current.release_number}, which is current"
        why = unchanged(
            said, outcome=outcome, than=queries.standing(current.manifest, name=name, spec_hash=None)
        )
        if why:
            return why
    for review in _live(run).filter(run__spec_hash=run.spec_hash, stale_at=None).exclude(run__spec_hash=None):
        than = queries.standing(
            review.manifest, name=f"the review of {review.run.alias}", spec_hash=run.spec_hash
        )
        why = unchanged(said, outcome=outcome, than=than) if manifest.pk == review.manifest_id else ""
        if why:
            return why
    return ""


def _end_stale(run: Run, *, why: str, now: datetime) -> None:
    """Close the stale reviews of an edition whose new comparison brought nothing that is not current."""
    for review in _live(run).exclude(stale_at=None).select_for_update(of=("self",)):
        move(review, Status.SUPERSEDED, now=now)
        note("review.superseded", review, now=now, why=why)


def _settle_order(review: Review, *, now: datetime) -> None:
    """Let the later request take the earlier ones' place, whichever result came first."""
    others = _live(review.run).exclude(pk=review.pk).order_by("-run__requested_at", "-run_id")
    for other in others.select_for_update(of=("self",)):
        older, newer = sorted((review, other), key=lambda one: (one.run.requested_at, one.run_id))
        if older.status in SYSTEM_TURNS and older.promoted_at is None:
            move(older, Status.SUPERSEDED, now=now, superseded_by=newer)
            note("review.superseded", older, now=now, by=str(newer.pk))
        if review.status == Status.SUPERSEDED:
            return


def _live(run: Run) -> QuerySet[Review]:
    """Return the reviews of the same asset and edition that are not over."""
    found = Review.objects.filter(asset_id=run.asset_id, edition=run.edition, run__channel=run.channel)
    return found.filter(status__in=SYSTEM_TURNS, promoted_at=None).select_related("run", "manifest")
