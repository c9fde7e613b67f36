"""One promotion carried out: all checked again, objects and documents put in place, the pointer flipped.

It may be begun again after a crash at any point; what was done is found done.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta

from django.db import transaction

from kfm_review.audit import sequence
from kfm_review.audit.record import record
from kfm_review.outbox.post import post
from kfm_review.people import rosters
from kfm_review.releases import catalog, evidence, judging, rules, verifying, vouching, withdrawing
from kfm_review.releases.actions import go_on, lock, move
from kfm_review.releases.models import Promotion
from kfm_review.releases.rules import Check, Proof
from kfm_review.releases.states import ACTIVE, Kind, Status
from kfm_review.reviews import actions as reviews
from kfm_review.runs import actions as runs
from pipelines.errors import Stopped

Clock = Callable[[], datetime]
NOT_WRITTEN = "The public catalog cannot be written ({}): make room, or mend its disk; it is tried again."
HEAD_WITHIN = timedelta(seconds=0.5)  # a checkpoint that is asked for is signed by then
NOT_SAID = "The promoter's log says how."


def carry_out(promotion_id: int, *, now: Clock) -> Promotion | None:
    """Carry out one queued promotion, or go on with one that a crash left; return it when it is done."""
    promotion = _begin(promotion_id, now=now)
    if promotion is None:
        return None
    try:
        if promotion.kind == Kind.WITHDRAW:
            return withdrawing.carry_out(promotion, now=now)
        return _carried_out(promotion, now=now)
    except OSError as broke:
        _excuse(promotion, why=NOT_WRITTEN.format(broke.strerror or broke))
        raise
    except Stopped as damaged:  # it is current already; only its indexes cannot be written
        _excuse(promotion, why=str(damaged))
        raise


def _carried_out(promotion: Promotion, *, now: Clock) -> Promotion | None:
    if not promotion.documents:
        proofs = evidence.stored(promotion, store=catalog.candidates())
        refused = _refused(promotion, proofs, now=now)
        if refused:
            return None
        try:
            documents = catalog.publish_release(promotion, ended=now())
        except Stopped as damaged:
            _stop(promotion, why=str(damaged), now=now)
            return None
        if not _flip(promotion, proofs, documents, now=now):
            return None
    with transaction.atomic():
        catalog.index()
    return _finish(promotion, now=now)


def _begin(promotion_id: int, *, now: Clock) -> Promotion | None:
    """Take a promotion up under a new fence, unless it is over, or waits for a hold to be lifted."""
    with transaction.atomic():
        promotion = lock(promotion_id)
        if promotion is None or promotion.status not in ACTIVE:
            return None
        at = now()
        held = promotion.asset.holds.filter(lifted_at=None).exists()
        if promotion.status != Status.RUNNING and (
            not verifying.ready(promotion) or (held and promotion.kind == Kind.PROMOTE)
        ):
            return None
        if promotion.status != Status.RUNNING and vouching.awaited(promotion, now=at):
            sequence.ask()
            post("promote", {"promotion": promotion.pk}, at=at, due=at + HEAD_WITHIN)
            return None
        promotion.fence += 1
        promotion.tried_at = at
        promotion.save(update_fields=["fence", "tried_at"])
        if promotion.status != Status.RUNNING:
            move(promotion, Status.RUNNING, now=at)
        if promotion.fence > rules.TRIES and not promotion.documents:  # flipped, it only lacks its indexes
            why = f"It broke {rules.TRIES} times. {promotion.failure or NOT_SAID}"
            _fail(promotion, (), why=why, now=at)
            return None
        return promotion


def _refused(promotion: Promotion, proofs: Mapping[str, Proof], *, now: Clock) -> bool:
    """Judge before anything is written; make the approval final when it holds."""
    with transaction.atomic():
        locked = _mine(promotion)
        made = _judged(locked, proofs, moment="before", now=now())
        against = rules.unproved(made)
        if against:
            _fail(locked, made, why=_said(against), now=now())
            return True
        if locked.kind == Kind.PROMOTE:
            reviews.begin_promotion(locked.release.review_id, now=now())
        _keep(locked, made)
    return False


def _flip(
    promotion: Promotion, proofs: Mapping[str, Proof], documents: dict[str, str], *, now: Clock
) -> bool:
    """Judge once more with the asset locked, and make the release current in the same transaction."""
    with transaction.atomic():
        rosters.hold_still()
        locked = _mine(promotion)
        made = _judged(locked, proofs, moment="flip", now=now())
        against = rules.unproved(made)
        if against:
            _fail(locked, made, why=_said(against), now=now())
            return False
        at, release = now(), locked.release
        runs.point(
            locked.asset,
            channel=locked.channel,
            manifest=release.manifest,
            release_number=release.number,
            now=at,
        )
        locked.documents = documents
        locked.save(update_fields=["documents"])
        _keep(locked, made)
        record(
            "release.rolled-back" if locked.kind == Kind.ROLLBACK else "release.published",
            f"asset:{locked.asset.name}",
            actor=locked.requested_by,
            at=at,
            why=locked.why,
            family=locked.asset.family,
            number=release.number,
            manifest=release.manifest_id,
            promotion=locked.pk,
            documents=[f"{name} sha256:{sha256}" for name, sha256 in sorted(documents.items())],
        )
        why = f"Release {release.number} became current."
        reviews.overtake(locked.asset, channel=locked.channel, base=release.manifest_id, why=why, now=at)
    return True


def _judged(
    promotion: Promotion, proofs: Mapping[str, Proof], *, moment: str, now: datetime
) -> tuple[Check, ...]:
    """Judge what the store proved together with what rows, rosters and records say now; keep the answer."""
    facts = evidence.recorded(promotion, now=now)
    counted = evidence.approvals(promotion)
    vouched = vouching.proofs(promotion, counted=counted, now=now)
    known = {**proofs, **rules.recorded(facts), **vouched}
    allowed, told = judging.judge(facts, known)
    made = rules.checks({**known, judging.CHECK: allowed})
    judging.keep(promotion, told=told, made=made, moment=moment, now=now)
    return made


def _stop(promotion: Promotion, *, why: str, now: Clock) -> None:
    """End a promotion that found a store damaged while it published, and keep the checks it had passed."""
    with transaction.atomic():
        locked = _mine(promotion)
        move(locked, Status.FAILED, now=now(), why=why)
        go_on(locked.asset, now=now())


def _excuse(promotion: Promotion, *, why: str) -> None:
    """Say on a promotion that goes on why it has not come further yet."""
    mine = Promotion.objects.filter(pk=promotion.pk, fence=promotion.fence, status=Status.RUNNING)
    mine.update(failure=why)


def _finish(promotion: Promotion, *, now: Clock) -> Promotion:
    with transaction.atomic():
        locked = _mine(promotion)
        move(locked, Status.DONE, now=now())
        go_on(locked.asset, now=now())
    return locked


def _fail(promotion: Promotion, made: tuple[Check, ...], *, why: str, now: datetime) -> None:
    _keep(promotion, made)
    move(promotion, Status.FAILED, now=now, why=why)
    if promotion.kind == Kind.PROMOTE:
        reviews.settle_again(reviews.lock(promotion.release.review_id), now=now)
    go_on(promotion.asset, now=now)


def _keep(promotion: Promotion, made: tuple[Check, ...]) -> None:
    promotion.checks = [asdict(check) for check in made]
    promotion.save(update_fields=["checks"])


def _said(against: tuple[Check, ...]) -> str:
    """Say what stands against it; policy alone, where it is the only one that refuses."""
    own = [check for check in against if check.id != judging.CHECK] or against
    return " ".join(f"{check.title}: {check.evidence}" for check in own)


def _mine(promotion: Promotion) -> Promotion:
    """Return the promotion as it stands, locked; refuse to go on when another promoter has taken it up."""
    locked = lock(promotion.pk)
    if locked is None or locked.fence != promotion.fence or locked.status != Status.RUNNING:
        raise catalog.Overtaken(f"Promotion {promotion.pk} was taken up by another promoter.")
    return locked
