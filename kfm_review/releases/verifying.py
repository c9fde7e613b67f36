"""The second run of a promotion: asked of the verify pool, heard of again, and kept with its signature."""

import secrets
from datetime import datetime
from typing import Any

from django.db import transaction

from kfm_review.audit import sequence
from kfm_review.audit.record import record
from kfm_review.errors import Invalid, NotPossible
from kfm_review.outbox.post import post
from kfm_review.releases.actions import go_on, hold_by_system, lock, move
from kfm_review.releases.models import Promotion, Verification
from kfm_review.releases.states import Kind, Status
from kfm_review.signing import machines
from kfm_review.signing.machines import Forged
from pipelines import attestation, digest
from pipelines.model import Json
from pipelines.proof.envelope import Statement
from pipelines.proof.roster import VERIFY

TASK, QUEUE = "pipelines.verify", "pool.verify"
TRIES = 10
UNANSWERED = (
    f"The second run was asked for {TRIES} times and never answered: see that the verify process runs, "
    "then promote again."
)
FOUND = "A second run by somebody else did not come to the same: {}"
FIELDS = frozenset(attestation.VERIFICATION_FIELDS)


def ask(promotion_id: int, *, now: datetime) -> Promotion | None:
    """Ask for the second run of what is queued, unless it is over, or waits for a hold to be lifted."""
    with transaction.atomic():
        promotion = lock(promotion_id)
        if promotion is None or promotion.status not in (Status.QUEUED, Status.VERIFYING):
            return None
        if promotion.kind == Kind.PROMOTE and promotion.asset.holds.filter(lifted_at=None).exists():
            return None
        if ready(promotion):
            post("promote", {"promotion": promotion.pk}, at=now)
            return promotion
        if promotion.asked >= TRIES:
            return fail(promotion, why=UNANSWERED, now=now)
        if promotion.status == Status.QUEUED:
            promotion.nonce = secrets.token_hex(16)
            move(promotion, Status.VERIFYING, now=now)
        promotion.asked += 1
        promotion.tried_at = now
        promotion.save(update_fields=["nonce", "asked", "tried_at"])
        sequence.ask()  # of what was decided until now, so that it is signed when the second run is back
        post(QUEUE, {"task": TASK, "order": _order(promotion)}, at=now)
    return promotion


def ready(promotion: Promotion) -> bool:
    """Answer whether a promoter may take it up: it was reproduced, or there is nothing to reproduce."""
    if promotion.kind == Kind.WITHDRAW:
        return True
    if promotion.kind == Kind.ROLLBACK:
        return Verification.objects.filter(manifest=promotion.release.manifest_id, reproduced=True).exists()
    return Verification.objects.filter(promotion=promotion, reproduced=True).exists()


def receive(message: dict[str, Any], *, now: datetime) -> Verification | None:
    """Keep what a second run said; what differs ends the promotion and holds the asset."""
    try:
        with transaction.atomic():
            return _kept(message, now=now)
    except Forged as forged:
        with transaction.atomic():
            promotion = lock(_number(message))
            if promotion is not None:
                _distrust(promotion, why=str(forged), now=now)
        return None


def _kept(message: dict[str, Any], *, now: datetime) -> Verification | None:
    promotion = lock(_number(message))
    if promotion is None or promotion.status != Status.VERIFYING or ready(promotion):
        raise NotPossible("Nothing waits for this second run any more.")
    if message.get("nonce") != promotion.nonce:
        raise NotPossible("A second run that nobody asked for says something: it is not heard.")
    if message.get("broken"):
        promotion.failure = f"The second run broke: {str(message['broken'])[:500]} It is asked for again."
        promotion.save(update_fields=["failure"])
        return None
    envelope = str(message.get("envelope", "")).encode()
    signed = machines.read(envelope, role=VERIFY, now=now)
    said = check(signed.statement, promotion)
    made = Verification.objects.create(
        promotion=promotion,
        manifest=promotion.release.manifest,
        reproduced=said["reproduced"],
        replayed=said["replayed"],
        code_differs=said["code_differs"],
        differences=said["differences"],
        gates=said["gates"],
        envelope=envelope,
        digest=digest.of(envelope),
        key=signed.key,
        at=now,
    )
    record(
        "promotion.verified" if made.reproduced else "promotion.not-reproduced",
        f"promotion:{promotion.pk}",
        actor=None,
        at=now,
        why="; ".join(made.differences)[:2000],
        family=promotion.asset.family,
        asset=promotion.asset.name,
        manifest=made.manifest_id,
        verification=made.digest,
        replayed=made.replayed,
        code_differs=list(made.code_differs),
    )
    if made.reproduced:
        promotion.failure = ""
        promotion.save(update_fields=["failure"])
        post("promote", {"promotion": promotion.pk}, at=now)
    else:
        _distrust(promotion, why=FOUND.format("; ".join(made.differences)[:1000]), now=now)
    return made


def check(statement: Statement, promotion: Promotion) -> Json:
    """Return what a verification says; refuse one of another promotion, order or manifest."""
    if statement.predicate_type != attestation.VERIFICATION:
        raise Forged("What the verify pool signed is no verification.")
    said = statement.predicate
    if set(said) != FIELDS:
        raise Forged("The verification does not say what one must.")
    about = {"manifest": promotion.release.manifest_id}
    order = (promotion.pk, promotion.nonce)
    if (said["promotion"], said["nonce"]) != order or dict(statement.subjects) != about:
        raise Forged("The verification is of another promotion, order or manifest.")
    if said["reproduced"] is not (not said["differences"] and said["gates"] > 0):
        raise Forged("The verification contradicts itself.")
    if promotion.replay and said["reproduced"] and said["replayed"] is not True:
        raise Forged("The run was to be carried out again whole, and only its gates were asked again.")
    return said


def fail(promotion: Promotion, *, why: str, now: datetime) -> Promotion:
    """End a promotion that cannot be verified; what waits behind it goes on."""
    move(promotion, Status.FAILED, now=now, why=why)
    go_on(promotion.asset, now=now)
    return promotion


def _distrust(promotion: Promotion, *, why: str, now: datetime) -> None:
    """End a promotion whose second run cannot be believed or says otherwise, and hold its asset."""
    if promotion.status != Status.VERIFYING:
        return
    hold_by_system(promotion.asset, why=why, now=now)
    fail(promotion, why=why, now=now)


def _order(promotion: Promotion) -> Json:
    return {
        "promotion": promotion.pk,
        "nonce": promotion.nonce,
        "manifest": promotion.release.manifest_id,
        "family": promotion.asset.family,
        "replay": promotion.replay,
    }


def _number(message: dict[str, Any]) -> int:
    number = message.get("promotion")
    if not isinstance(number, int) or isinstance(number, bool) or not 0 < number < 2**63:
        raise Invalid(f"{number!r} is not the number of a promotion.")
    return number
