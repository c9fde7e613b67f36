"""Who vouches for a promotion: machines by their signatures, a second run, the audit record."""

from datetime import datetime

from kfm_review.audit import places
from kfm_review.audit import queries as audit
from kfm_review.audit.signatures import KeyOf
from kfm_review.releases import attested, evidence, standing, testimony, verifying
from kfm_review.releases.models import Promotion, StandingUse, Verification
from kfm_review.releases.rules import Proof
from kfm_review.releases.states import Kind
from kfm_review.reviews.models import Decision
from kfm_review.signing import machines
from kfm_review.signing.machines import Forged
from pipelines.proof import roster

NOT_DUE = "no signature is due here"


def proofs(promotion: Promotion, *, counted: tuple[Decision, ...], now: datetime) -> dict[str, Proof]:
    """Judge all that somebody vouches for, as rosters and records stand now."""
    head = audit.head(now, key_of=_key_of())
    strict = machines.due()
    sequenced = head.size if strict else None
    use = _standing(promotion)
    if use is not None:
        return {
            "signature": _signature(promotion, now=now),
            "reproduced": _reproduced(promotion, now=now),
            "review": _covered(promotion, use, now=now),
            "recorded": testimony.used(use, size=sequenced),
            "audit": _audit(head, strict=strict),
        }
    return {
        "signature": _signature(promotion, now=now),
        "reproduced": _reproduced(promotion, now=now),
        "recorded": testimony.recorded(promotion, counted=counted, size=sequenced, now=now),
        "audit": _audit(head, strict=strict),
    }


def awaited(promotion: Promotion, *, now: datetime) -> bool:
    """Answer whether the log only lacks a newer head: its events are written already."""
    head = audit.head(now, key_of=_key_of())
    if not machines.due() or not (head.fresh and head.witnessed and head.consistent):
        return False
    use = _standing(promotion)
    if use is None:
        events = [testimony.decided(decision) for decision in evidence.approvals(promotion)]
        events += [testimony.granted(waiver) for waiver in testimony.excusing(promotion, now=now)]
    else:
        events = [testimony.use_event(use)]
    return any(event is not None and not places.under(event, size=head.size) for event in events)


def _key_of() -> KeyOf | None:
    """Return how keys of the audit record are looked up: on the roster, where there is one."""
    known = machines.current()
    if known is None:
        return None
    return lambda fingerprint, role, at: roster.key_at(known, fingerprint, at=at, role=role).public


def _signature(promotion: Promotion, *, now: datetime) -> Proof:
    try:
        key, name = attested.check(promotion.release.review.run, now=now)
    except Forged as forged:
        return Proof(holds=False, evidence=str(forged))
    said = f"{key}, statement sha256:{name[:8]}" if key else NOT_DUE
    return Proof(holds=True, evidence=said)


def _reproduced(promotion: Promotion, *, now: datetime) -> Proof:
    """Read the second run's statement again; a rollback may rest on that of an earlier promotion."""
    found = Verification.objects.filter(manifest=promotion.release.manifest_id, reproduced=True)
    if promotion.kind != Kind.ROLLBACK:
        found = found.filter(promotion=promotion)
    why = "No second run has reproduced it."
    for kept in found.select_related("promotion__release").order_by("-pk"):
        try:
            envelope = machines.unchanged(kept.envelope, name=kept.digest)
            signed = machines.read(envelope, role=roster.VERIFY, now=now)
            said = verifying.check(signed.statement, kept.promotion)
        except Forged as forged:
            why = str(forged)
            continue
        if said["reproduced"] is True:
            return Proof(holds=True, evidence=_told(kept, signed.key))
    return Proof(holds=False, evidence=why)


def _told(kept: Verification, key: str) -> str:
    how = "carried out again, whole" if kept.replayed else f"{kept.gates} gates asked again"
    differs = f"; {', '.join(kept.code_differs)} differs, contents are the same" if kept.code_differs else ""
    by = f" by {key}" if key else ""
    return f"{how}{by}{differs}; statement sha256:{kept.digest[:8]}"


def _standing(promotion: Promotion) -> StandingUse | None:
    found = StandingUse.objects.filter(review=promotion.release.review_id)
    return found.select_related("approval__by", "approval__asset", "review__manifest").first()


def _covered(promotion: Promotion, use: StandingUse, *, now: datetime) -> Proof:
    """Judge the standing approval a release rests on as it stands now; a way back, as it stood then."""
    review = use.review
    if review.status != "approved" or review.manifest_id != promotion.release.manifest_id:
        return Proof(holds=False, evidence=f"The review is {review.status}.")
    if not standing.clean(review):
        return Proof(holds=False, evidence="A standing approval covers clean, public runs alone.")
    try:
        standing.check(use.approval, at=use.at if promotion.kind == Kind.ROLLBACK else now)
    except Forged as forged:
        return Proof(holds=False, evidence=str(forged))
    by = f"standing approval of {use.approval.by.username}, until {use.approval.until:%Y-%m-%d}"
    name = use.approval.statement_id
    return Proof(holds=True, evidence=f"sha256:{review.manifest_id[:8]}, {by}; statement sha256:{name[:8]}")


def _audit(head: audit.Head, *, strict: bool) -> Proof:
    if head.at is None and not strict:
        return Proof(holds=True, evidence="no head is signed here")
    if head.fresh and head.witnessed and head.consistent:
        return Proof(holds=True, evidence=f"{head.size:,} lines, root {head.root[:8]}, signed and witnessed")
    return Proof(holds=not strict, evidence=" ".join(head.problems) or "Its head cannot be relied upon.")
