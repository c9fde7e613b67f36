"""What the store says of a release before it is published: nothing is believed that is not read again."""

from datetime import datetime

from kfm_review.releases.models import Promotion, StandingUse, Tombstone
from kfm_review.releases.rules import Facts, Proof
from kfm_review.releases.states import Kind, Status
from kfm_review.reviews.models import Decision
from kfm_review.reviews.states import Verdict
from kfm_review.runs.models import Current
from kfm_review.runs.models import Manifest as Made
from kfm_review.runs.reading import broken_rules
from kfm_review.waivers import queries as waivers
from pipelines import digest, manifest
from pipelines.errors import ManifestInvalid, Stopped
from pipelines.manifest import Manifest
from pipelines.model import NO_BASE, Json, Outcome
from pipelines.store import Store

PROV_AT_MOST = 16 * 1024 * 1024


def stored(promotion: Promotion, *, store: Store) -> dict[str, Proof]:
    """Read manifest, artifacts and documents again by digest, and judge each."""
    name = promotion.release.manifest_id
    try:
        content = store.read(name, limit=manifest.READ_AT_MOST)
        told = manifest.parse(content)
    except (Stopped, ManifestInvalid) as cause:
        return {"manifest": Proof(holds=False, evidence=str(cause))}
    if digest.of(content) != name:
        return {"manifest": Proof(holds=False, evidence="Its bytes are not what its name says.")}
    return {
        "manifest": Proof(holds=True, evidence=f"sha256:{name[:8]}, {len(content):,} bytes"),
        "artifacts": _artifacts(told, store),
        "closing": _closing(content, promotion, store),
        "period": _period(told, store),
    }


def recorded(promotion: Promotion, *, now: datetime) -> Facts:
    """Return what the database knows now; call it with the asset locked."""
    release = promotion.release
    made, review = release.manifest, release.review
    current = Current.objects.filter(asset=promotion.asset, channel=promotion.channel).first()
    hold = promotion.asset.holds.filter(lifted_at=None).select_related("set_by").first()
    labels = made.body.get("labels") or {}
    return Facts(
        kind=Kind(promotion.kind),
        manifest=made.digest,
        review_status=review.status,
        review_manifest=review.manifest_id,
        approved_by=approvers(promotion),
        needed=review.needed,
        outcome=made.outcome,
        gates=dict(made.gates.values_list("gate", "outcome")),
        base=made.base,
        current=current.manifest_id if current else NO_BASE,
        held_by=(str(hold.set_by) if hold.set_by else "the system") if hold else "",
        label=labels.get("sensitivity", ""),
        sovereignty_assessed=labels.get("sovereignty") is not None,
        channel=promotion.channel,
        embargo=str(labels.get("embargo_until") or ""),
        today=now.date().isoformat(),
        excused={gate: f"{waiver.pk}" for gate, waiver in waivers.excused(made, at=now).by.items()},
        older=_older(promotion),
        published=release.promotions.filter(kind=Kind.PROMOTE, status=Status.DONE).exists(),
        withdrawn=Tombstone.objects.filter(release=release).exists(),
    )


def approvers(promotion: Promotion) -> tuple[str, ...]:
    """Return the account names of those whose latest decision approves, in a role that counts.

    Where nobody looked, it is whoever signed the standing approval.
    """
    used = StandingUse.objects.filter(review=promotion.release.review_id)
    for use in used.select_related("approval__by"):
        return (use.approval.by.username,)
    return tuple(sorted(one.by.username for one in approvals(promotion)))


def exceptions(made: Made, *, at: datetime) -> tuple[Json, ...]:
    """Return which failing gates of a release stood by which signed statement when it was published."""
    if made.outcome != Outcome.FAIL:
        return ()
    by = waivers.let_stand(made, at=at)
    signed = sorted({waiver.statement_id for waiver in by.values()})
    return tuple(
        {"gates": sorted(gate for gate, waiver in by.items() if waiver.statement_id == one), "statement": one}
        for one in signed
    )


def approvals(promotion: Promotion) -> tuple[Decision, ...]:
    """Return the latest decisions that approve, in a role that counts, by somebody whose own it is not."""
    review = promotion.release.review
    latest = {one.by_id: one for one in review.decisions.select_related("by").order_by("n")}
    own = {review.requested_by_id, review.author_id, *waivers.parties(review.manifest)}
    return tuple(
        said
        for said in latest.values()
        if said.verdict == Verdict.APPROVE and said.role in review.roles and said.by_id not in own
    )


def _older(promotion: Promotion) -> int:
    """Count the other releases that could become current in its place."""
    done = Promotion.objects.filter(asset=promotion.asset, channel=promotion.channel, status=Status.DONE)
    others = done.exclude(release=promotion.release).exclude(release__tombstone__isnull=False)
    return others.values("release").distinct().count()


def _artifacts(told: Manifest, store: Store) -> Proof:
    wrong, read = [], 0
    for artifact in told.artifacts:
        try:
            size = store.verify(artifact.sha256)
        except Stopped as cause:
            wrong.append(f"{artifact.role}: {cause}")
            continue
        read += size
        if size != artifact.size:
            wrong.append(f"{artifact.role}: it has {size} bytes, not {artifact.size}")
    if wrong or not told.artifacts:
        return Proof(holds=False, evidence="; ".join(wrong) or "There is no artifact.")
    return Proof(holds=True, evidence=f"{len(told.artifacts)} artifacts, {read:,} bytes")


def _period(told: Manifest, store: Store) -> Proof:
    """Read from the catalog's bytes of which days the edition speaks."""
    try:
        item = digest.read_json(store.read(told.catalogs.get("stac", ""), limit=PROV_AT_MOST))
        start, end = (str(item["properties"][f"{side}_datetime"]) for side in ("start", "end"))
        ordered = datetime.fromisoformat(start) <= datetime.fromisoformat(end)
    except (Stopped, KeyError, TypeError, ValueError) as cause:
        return Proof(holds=False, evidence=f"The catalog does not say of which days it speaks: {cause}")
    said = f"{start} to {end}, edition {told.edition}"
    if not ordered:
        return Proof(holds=False, evidence=f"It ends before it begins: {said}.")
    return Proof(holds=True, evidence=f"{said} (STAC sha256:{told.catalogs['stac'][:8]})")


def _closing(content: bytes, promotion: Promotion, store: Store) -> Proof:
    name = promotion.release.review.run.prov_digest or ""
    try:
        prov = store.read(name, limit=PROV_AT_MOST)
    except Stopped as cause:
        return Proof(holds=False, evidence=f"PROV: {cause}")
    if broken := broken_rules(content, prov=prov, store=store):
        return Proof(holds=False, evidence="; ".join(broken))
    return Proof(holds=True, evidence=f"PROV sha256:{name[:8]}; no rule broken")
