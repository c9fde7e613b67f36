"""One withdrawal carried out: a signed tombstone written down, published, and the bytes taken away."""

from collections.abc import Callable
from datetime import UTC, datetime

from django.db import transaction

from kfm_review.audit.record import record
from kfm_review.people import rules as people
from kfm_review.people.rules import Deed
from kfm_review.releases import catalog
from kfm_review.releases.actions import go_on, lock, move
from kfm_review.releases.models import Promotion, Tombstone
from kfm_review.releases.states import Status
from kfm_review.signing import machines
from pipelines import attestation, digest
from pipelines.model import Json
from pipelines.proof.roster import PROMOTER

NOBODY = "Nobody who may publish asked for this withdrawal, so nothing was withdrawn."
UNSIGNED = (
    "The promoter has no key of its own on the roster, so it cannot sign a tombstone: give it KFM_KEY_FILE, "
    "then withdraw again. Nothing was withdrawn."
)


def carry_out(promotion: Promotion, *, now: Callable[[], datetime]) -> Promotion | None:
    """Withdraw a release; begun again after a crash, what was done is found done."""
    if not Tombstone.objects.filter(promotion=promotion).exists():
        by = promotion.requested_by
        if by is None or not people.may(Deed.PUBLISH, by.roles(), promotion.asset.family):
            _stop(promotion, why=NOBODY, at=now())
            return None
        try:
            _bury(promotion, at=now())
        except machines.Forged as forged:
            _stop(promotion, why=f"{UNSIGNED} {forged}", at=now())
            return None
    with transaction.atomic():
        catalog.index()
    catalog.take_away(promotion.release)
    return _finish(promotion, at=now())


def _bury(promotion: Promotion, *, at: datetime) -> Tombstone:
    """Write the tombstone down with the promoter's signature, and say so, in one transaction."""
    release = promotion.release
    item_id, catalogs = catalog.item_id(release), release.manifest.body["catalogs"]
    payload = attestation.statement(
        attestation.TOMBSTONE,
        subjects={"manifest": release.manifest_id, **{kind: catalogs[kind] for kind in ("stac", "dcat")}},
        predicate=_predicate(promotion, item_id, at=at),
    )
    envelope = attestation.sealed(payload, key=attestation.own_key())
    machines.read(envelope, role=PROMOTER, now=at)  # nobody publishes what nobody would believe
    with transaction.atomic():
        made = Tombstone.objects.create(
            release=release,
            promotion=promotion,
            successor=promotion.successor,
            reason=promotion.why,
            item_id=item_id,
            envelope=envelope,
            digest=digest.of(envelope),
            at=at,
        )
        told = catalog.withdrawal(promotion, made, ended=at)
        locked = _mine(promotion)
        locked.documents = told
        locked.save(update_fields=["documents"])
        record(
            "release.withdrawn",
            f"asset:{promotion.asset.name}",
            actor=promotion.requested_by,
            at=at,
            why=promotion.why,
            family=promotion.asset.family,
            number=release.number,
            manifest=release.manifest_id,
            successor=promotion.successor.number if promotion.successor else None,
            tombstone=made.digest,
            promotion=promotion.pk,
        )
    return made


def _predicate(promotion: Promotion, item_id: str, *, at: datetime) -> Json:
    release, successor = promotion.release, promotion.successor
    return {
        "asset": promotion.asset.name,
        "channel": promotion.channel,
        "release": release.number,
        "item": item_id,
        "reason": promotion.why,
        "successor": successor.number if successor else None,
        "requested_by": promotion.requested_by.username if promotion.requested_by else "",
        "unpublished": at.astimezone(UTC).isoformat(timespec="microseconds"),
    }


def _stop(promotion: Promotion, *, why: str, at: datetime) -> None:
    with transaction.atomic():
        move(_mine(promotion), Status.FAILED, now=at, why=why)
        go_on(promotion.asset, now=at)


def _finish(promotion: Promotion, *, at: datetime) -> Promotion:
    with transaction.atomic():
        locked = _mine(promotion)
        move(locked, Status.DONE, now=at)
        go_on(locked.asset, now=at)
    return locked


def _mine(promotion: Promotion) -> Promotion:
    locked = lock(promotion.pk)
    if locked is None or locked.fence != promotion.fence or locked.status != Status.RUNNING:
        raise catalog.Overtaken(f"Promotion {promotion.pk} was taken up by another promoter.")
    return locked
