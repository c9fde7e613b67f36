"""What workers signed: checked where a result comes in, kept beside it, checked again at promotion."""

from datetime import datetime
from typing import Any

from django.db import transaction

from kfm_review.audit.record import record
from kfm_review.releases import standing
from kfm_review.releases.actions import hold_by_system
from kfm_review.releases.models import Attestation
from kfm_review.reviews import actions as reviews
from kfm_review.reviews.models import Review
from kfm_review.runs import actions as runs
from kfm_review.runs import attempts
from kfm_review.runs.models import Attempt, Run
from kfm_review.runs.reading import candidates
from kfm_review.signing import machines
from kfm_review.signing.machines import Forged, Signed
from pipelines import attestation, digest
from pipelines.errors import Stopped
from pipelines.model import Json
from pipelines.proof.roster import POOL
from pipelines.store import Store

FORGED = "A result of {} was refused: {} Find out who sent it before the hold is lifted."


def receive(message: dict[str, Any], *, now: datetime) -> Review | None:
    """Take a result in if its worker signed it; one that is forged is refused, and its asset is held."""
    with transaction.atomic():
        run = attempts.lock(message.get("run"))
        heard = attempts.named(message, run)
        if heard.ended_at is not None:
            return reviews.receive(message, now=now)  # which says that it comes too late
        try:
            envelope = _envelope(message, store=candidates())
            signed = _checked(envelope, run=run, number=heard.number, made=message, now=now)
        except Forged as forged:
            _refuse(run, heard, why=str(forged), now=now)
            return None
        review = reviews.receive(message, now=now)
        run.refresh_from_db()
        if signed is not None and run.manifest_id == message["manifest"]:
            _keep(run, heard, envelope, signed, now=now)
        standing.consider(review, now=now)
        return review


def check(run: Run, *, now: datetime) -> tuple[str, str]:
    """Return by which key manifest and PROV of a recorded run are signed, and the digest that proves it.

    Raises:
        Forged: they are not, or not any more by a key that counts.
    """
    kept = Attestation.objects.filter(run=run).order_by("-attempt").first()
    if kept is None:
        if machines.due():
            raise Forged("No worker signed manifest and PROV of this run.")
        return "", ""
    envelope = machines.unchanged(kept.envelope, name=kept.digest)
    made = {"manifest": run.manifest_id, "prov": run.prov_digest}
    _checked(envelope, run=run, number=kept.attempt, made=made, now=now)
    return kept.key, kept.digest


def _envelope(message: dict[str, Any], *, store: Store) -> bytes:
    name = message.get("attestation")
    if name is None:
        return b""
    try:
        return store.read(str(name), limit=attestation.AT_MOST)
    except Stopped as cause:
        raise Forged(f"What its worker signed cannot be read: {cause}") from cause


def _checked(envelope: bytes, *, run: Run, number: int, made: Json, now: datetime) -> Signed | None:
    """Return who signed an attempt's two documents; None where it may come unsigned and does."""
    pool = attempts.pool(run.asset.family)
    if not envelope:
        if machines.due():
            raise Forged("It came without a signature.")
        return None
    signed = machines.read(envelope, role=f"{POOL}{pool}", now=now)
    said = signed.statement.predicate
    fields = set(attestation.ATTEMPT_FIELDS)
    if signed.statement.predicate_type != attestation.ATTEMPT or set(said) != fields:
        raise Forged("What its worker signed does not speak of an attempt.")
    asked = (str(run.pk), number, pool, run.asset.family)
    if tuple(said[name] for name in ("run", "attempt", "pool", "family")) != asked:
        raise Forged("What its worker signed is of another run, attempt or pool.")
    if dict(signed.statement.subjects) != {name: made[name] for name in ("manifest", "prov")}:
        raise Forged("What its worker signed names other bytes than came with it.")
    return signed


def _refuse(run: Run, heard: Attempt, *, why: str, now: datetime) -> None:
    """Say that a result is forged, hold its asset, and have the run done again by somebody else."""
    said = FORGED.format(run.alias, why)
    record(
        "result.forged", f"run:{run.pk}", actor=None, at=now, why=said, family=run.asset.family,
        asset=run.asset.name, attempt=heard.number,
    )  # fmt: skip
    hold_by_system(run.asset, why=said, now=now)
    runs.attempt(run.pk, why=f"Its result was refused: {why}", now=now, number=heard.number)


def _keep(run: Run, heard: Attempt, envelope: bytes, signed: Signed, *, now: datetime) -> None:
    Attestation.objects.create(
        run=run,
        attempt=heard.number,
        envelope=envelope,
        digest=digest.of(envelope),
        key=signed.key,
        at=now,
    )
