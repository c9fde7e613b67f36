"""Exceptions as reviews meet them: asked for, answered, ended; each settles what relies on it at once."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from kfm_review.accounts.models import User
from kfm_review.errors import NotAllowed, NotPossible
from kfm_review.reviews import actions, rules
from kfm_review.reviews.models import Decision
from kfm_review.reviews.states import Status
from kfm_review.runs.models import Asset, Manifest
from kfm_review.signing.models import Statement
from kfm_review.signing.statements import Signed
from kfm_review.waivers import actions as waivers
from kfm_review.waivers import queries as asked_for
from kfm_review.waivers import rules as waiver_rules
from kfm_review.waivers.models import Request, Waiver
from kfm_review.waivers.rules import Asked


def request(*, review_id: int, manifest: str, asked: Asked, actor: User, now: datetime) -> Request:
    """Ask for an exception of what a review looks at."""
    with transaction.atomic():
        review = actions.seen(review_id, actor=actor, deed="ask for an exception of it", now=now)
        rules.check_same_manifest(shown=manifest, now=review.manifest_id)
        if review.status != Status.OPEN:
            raise NotPossible(
                f"This review is {review.status}.", next_step="Ask where the newer one is, or not at all."
            )
        if _deciders(review.manifest, reach=asked.reach) & {actor.pk}:
            raise NotPossible(
                "You decided on this review.",
                cause="Who asks for an exception, who decides and who signs are different people.",
                next_step="Let the steward or another reviewer ask.",
            )
        return waivers.request(
            manifest=review.manifest, author=review.author, asked=asked, actor=actor, now=now
        )


def prepare(*, request_id: int, decision: str, actor: User, now: datetime) -> Statement:
    """Prepare the statement by which somebody grants or denies an exception."""
    found = asked_for.find(request_id)
    return waivers.prepare(
        request_id=request_id,
        decision=decision,
        deciders=_deciders(found.manifest, reach=found.body["scope"]["reach"]),
        actor=actor,
        now=now,
    )


def why_not(request: Request, *, person: int) -> str:
    """Say why somebody is too near to a request to sign an answer, or nothing."""
    try:
        waiver_rules.check_signer(
            actor=person,
            requester=request.requested_by_id,
            author=request.author_id,
            deciders=_deciders(request.manifest, reach=request.body["scope"]["reach"]),
        )
    except NotAllowed as refused:
        return refused.cause
    return ""


def excuse(*, statement: Statement, signed: Signed, actor: User, now: datetime) -> Request:
    """Take a signature on an exception, and settle what waited for it."""
    with transaction.atomic():
        found = asked_for.find(int(statement.about))
        Asset.objects.select_for_update(no_key=True).get(pk=found.asset_id)  # nobody decides meanwhile
        answered = waivers.accept(
            statement=statement,
            signed=signed,
            deciders=_deciders(found.manifest, reach=found.body["scope"]["reach"]),
            actor=actor,
            now=now,
        )
        actions.settle_concerned(found.manifest, reach=found.body["scope"]["reach"], now=now)
    return answered


def revoke(*, statement: Statement, signed: Signed, actor: User, now: datetime) -> Waiver:
    """End an exception early, and put back what relied on it."""
    with transaction.atomic():
        ended = waivers.revoke(statement=statement, signed=signed, actor=actor, now=now)
        actions.settle_concerned(ended.manifest, reach=ended.reach, now=now)
    return ended


def expire(*, now: datetime) -> int:
    """End every exception whose time is over, and put back what relied on it."""
    over = waivers.over(now=now)
    for waiver in over:
        with transaction.atomic():
            waivers.end(waiver, how="expired", why="Its time is over.", now=now)
            actions.settle_concerned(waiver.manifest, reach=waiver.reach, now=now)
    return len(over)


def _deciders(manifest: Manifest, *, reach: str) -> frozenset[int]:
    """Return who decided on a manifest, or on whatever else of its asset a wider exception would cover."""
    about = Q(review__manifest=manifest)
    if reach == "asset":
        about |= Q(review__asset=manifest.asset_id, review__status__in=actions.LIVE)
    held = Decision.objects.filter(about).exclude(verdict="abstain")
    return frozenset(held.values_list("by", flat=True))
