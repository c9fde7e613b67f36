"""Gather what proves a release, or a review that ended without one, into an evidence bundle."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC

from django.db.models import Q

from kfm_review.audit import enclosure
from kfm_review.audit.enclosure import Enclosure
from kfm_review.audit.models import Event
from kfm_review.errors import Missing, NotPossible
from kfm_review.people import clearance
from kfm_review.people.queries import Viewer
from kfm_review.releases import catalog
from kfm_review.releases.models import Attestation, Promotion, Release, StandingUse, Tombstone, Verification
from kfm_review.releases.states import Kind, Status
from kfm_review.reviews.models import Review
from kfm_review.runs import withheld
from kfm_review.runs.withheld import Sight
from kfm_review.signing import rosters, statements
from kfm_review.waivers.models import Request
from pipelines import digest, policy, rego
from pipelines.bundle import contents, writing
from pipelines.catalog import names
from pipelines.model import Json, Role
from pipelines.store import Documents, FileStore

ENDED = ("rejected", "returned", "superseded")
ENCLOSED = tuple(str(role) for role in (Role.DIFF, Role.LOG_TAIL, Role.JUDGEMENT))
STOOD = ("standing-approval.signed", "standing-approval.ended")
FAIL = "FAIL"
READ_AT_MOST = 16 * 1024 * 1024
Files = dict[str, bytes]


def of_release(asset: str, number: int, *, channel: str, viewer: Viewer) -> bytes:
    """Return the evidence of a release, whole, to whoever may see all of it."""
    found = Release.objects.filter(asset__name=asset, number=number, channel=channel)
    release = found.select_related("manifest", "review__run__asset").first()
    if release is None:
        raise Missing(f"There is no release {number} of {asset}.", next_step="Choose one from its releases.")
    _check_sees(release.review, viewer=viewer)
    flip = release.promotions.filter(kind=Kind.PROMOTE, status=Status.DONE).order_by("pk").first()
    if flip is None:
        raise NotPossible(
            f"Release {number} of {asset} was never published.",
            next_step="Its evidence is there once its promotion has ended well.",
        )
    return _written(_of_run(release.review) | _published(flip), release.review, flip=flip)


def of_review(review_id: int, *, viewer: Viewer) -> bytes:
    """Return the evidence of a review that ended without a release, to whoever may see all of it."""
    review = Review.objects.filter(pk=review_id).select_related("manifest", "run__asset").first()
    if review is None:
        raise Missing(f"There is no review {review_id}.", next_step="Choose one from the queue.")
    _check_sees(review, viewer=viewer)
    if review.status not in ENDED:
        raise NotPossible(
            "This review has not been refused.",
            cause=f"It is {review.status}.",
            next_step="What is published has its evidence on the releases page.",
        )
    return _written(_of_run(review), review, flip=None)


def _check_sees(review: Review, *, viewer: Viewer) -> None:
    """Refuse evidence that tells more than its reader may see; it is the same bytes for everybody."""
    of = withheld.marked(review.manifest)
    if withheld.sight(of, viewer, manifest=review.manifest_id) is not Sight.EXACT:
        raise Missing(
            "There is no evidence of it for you.",
            next_step="It takes clearance, and exact places revealed on the desk.",
        )


def _written(files: Files, review: Review, *, flip: Promotion | None) -> bytes:
    asked = _asked(review, flip)
    lines, adopted = _enclosed(_events(review, asked))
    files |= _audited(lines) | _signed(review, asked, adopted)
    files[contents.ABOUT] = digest.canonical(_about(review, flip))
    return writing.write(files)


def _about(review: Review, flip: Promotion | None) -> Json:
    return {
        "schema": contents.SCHEMA,
        "kind": contents.RELEASE if flip else contents.REVIEW,
        "asset": review.asset.name,
        "channel": review.run.channel,
        "release": flip.release.number if flip else None,
        "promotion": flip.pk if flip else None,
        "review": review.pk,
        "run": str(review.run_id),
        "manifest": review.manifest_id,
    }


def _of_run(review: Review) -> Files:
    """Return what a run left and what was decided on it; data, and what is guarded, by digest only."""
    store, manifest = catalog.candidates(), review.manifest
    files = {
        contents.MANIFEST: store.read(manifest.digest, limit=READ_AT_MOST),
        contents.PROV: store.read(review.run.prov_digest or "", limit=READ_AT_MOST),
        contents.DECISIONS: _decisions(review),
        **_policy(manifest.body["policy_digest"]),
    }
    for kind, name in (("stac", contents.STAC), ("dcat", contents.DCAT)):
        if kind in manifest.body["catalogs"]:
            files[name] = store.read(manifest.body["catalogs"][kind], limit=READ_AT_MOST)
    if not withheld.marked(manifest).guarded:
        files |= dict(_artifacts(review, store))
    attestation = Attestation.objects.filter(run=review.run).order_by("-attempt").first()
    if attestation:
        files[contents.ATTEMPT] = bytes(attestation.envelope)
    return files


def _artifacts(review: Review, store: FileStore) -> Iterator[tuple[str, bytes]]:
    listed = review.manifest.body["artifacts"]
    closed = {one["sha256"] for one in listed if one["label"] not in clearance.OPEN}
    for artifact in review.manifest.artifacts.filter(role__in=ENCLOSED, size__lte=READ_AT_MOST):
        if artifact.sha256 not in closed:
            yield f"artifacts/{artifact.sha256}", store.read(artifact.sha256, limit=READ_AT_MOST)


def _policy(name: str | None) -> Files:
    """Return the policy that a manifest was judged under, as long as it is the one that stands."""
    if name != policy.bundle():
        return {}  # its check says so
    files = (
        *policy.DATA.glob("*.yaml"),
        *(rego.BUNDLE / part for part in (rego.MANIFEST, rego.DATA, rego.WASM)),
    )
    return {f"policy/{file.parent.name}/{file.name}": file.read_bytes() for file in files}


def _decisions(review: Review) -> bytes:
    told = [
        {
            "by": one.by.username,
            "n": one.n,
            "verdict": one.verdict,
            "role": one.role,
            "reason": one.reason,
            "at": one.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "manifest": one.manifest_id,
        }
        for one in review.decisions.select_related("by").order_by("at", "pk")
    ]
    return digest.canonical({"decisions": told})


def _published(flip: Promotion) -> Files:
    """Return what a promotion published, as it was then."""
    facts, written = catalog.as_published(flip)
    act = f"prov-promotion-{flip.pk}.jsonld"
    folder = names.folder(flip.asset.family, facts.latest)
    told = Documents(catalog.root(flip.channel)).read(f"{folder}/{act}")
    files = {
        contents.PUBLISHED_STAC: written[names.STAC],
        contents.PUBLISHED_DCAT: written[names.DCAT],
        contents.PUBLISHED_PROV: written[names.PROV],
        contents.FACTS: digest.canonical(asdict(facts)),
        contents.PROMOTION: told,
    }
    verification = Verification.objects.filter(promotion=flip).first()
    if verification:
        files[contents.VERIFICATION] = bytes(verification.envelope)
    tombstone = Tombstone.objects.filter(release=flip.release).first()
    if tombstone:
        files[contents.TOMBSTONE] = bytes(tombstone.envelope)
    return files


def _events(review: Review, asked: Sequence[Request]) -> list[Event]:
    """Return every line of the audit about this manifest that speaks of its review, promotions or asset.

    With them stand the lines of the exceptions that were asked for it, or let it stand, and when a
    standing approval that was used for it was signed, and ended.
    """
    promotions = Promotion.objects.filter(release__review=review).values_list("pk", flat=True)
    targets = [f"review:{review.pk}", f"asset:{review.asset.name}", *(f"promotion:{pk}" for pk in promotions)]
    mine = Q(target__in=targets, details__manifest=review.manifest_id) & ~Q(action__endswith=".revealed")
    theirs = Q(target__in=[f"exception:{one.pk}" for one in asked]) & ~Q(action="exception.reported")
    used = StandingUse.objects.filter(review=review).values_list("approval__statement_id", flat=True)
    ended = Q(action__in=STOOD, details__statement__in=list(used))
    return list(Event.objects.filter(mine | theirs | ended).order_by("pk"))


def _asked(review: Review, flip: Promotion | None) -> tuple[Request, ...]:
    """Return the requests about a manifest, and those about its asset that lived when it was published.

    What was asked about another manifest that is guarded excuses nothing here, and its words stay there.
    """
    wanted = Q(manifest=review.manifest)
    if flip is not None and review.outcome == FAIL:
        at = flip.started_at
        living = Q(waiver__reach="asset", waiver__not_before__lte=at, waiver__expires_at__gt=at)
        ended = Q(waiver__ending=None) | Q(waiver__ending__at__gt=at)
        wanted |= Q(asset=review.asset, waiver__at__lte=at) & living & ended
    found = Request.objects.filter(wanted).select_related(
        "manifest", "waiver__ending__statement", "denial__statement"
    )
    return tuple(
        one
        for one in found.order_by("pk")
        if one.manifest_id == review.manifest_id or not withheld.marked(one.manifest).guarded
    )


def _audited(lines: Enclosure) -> Files:
    files: Files = {contents.CHECKPOINT: lines.checkpoint.encode()}
    for number, body, proof in lines.lines:
        files[f"audit/events/{number:012d}.json"] = body
        files[f"audit/proofs/{number:012d}.txt"] = proof.encode()
    return files


def _enclosed(events: Sequence[Event]) -> tuple[Enclosure, int]:
    """Return the lines with those by which rosters were adopted until then, and how many rosters there were.

    Their own lines may need a later checkpoint, by which another roster was adopted: so until it stays.
    """
    kept, adopted = rosters.kept(), -1
    lines = enclosure.enclosed(events)
    until = max(one.at for one in events)
    while adopted != (now := sum(one.counts_from <= max(lines.at, until) for one in kept)):
        adopted = now
        names = [one.digest for one in kept[:adopted]]
        of_rosters = Event.objects.filter(action="roster.adopted", details__statement__in=names)
        lines = enclosure.enclosed([*events, *of_rosters.order_by("pk")])
    return lines, adopted


def _signed(review: Review, asked: Sequence[Request], adopted: int) -> Files:
    """Return the rosters up to the checkpoint, and what people signed about this manifest."""
    versions = enumerate(rosters.envelopes()[:adopted], start=1)
    files = {f"roster/{n:05d}.json": content for n, content in versions}
    for request in asked:
        files |= dict(_answered(request))
    for use in StandingUse.objects.filter(review=review).select_related("approval"):
        files[f"{contents.EXCEPTIONS}{use.approval.statement_id}.json"] = bytes(use.approval.envelope)
    return files


def _answered(request: Request) -> Iterator[tuple[str, bytes]]:
    """Yield what was signed in answer to a request, and the PROV of an exception."""
    denial, waiver = getattr(request, "denial", None), getattr(request, "waiver", None)
    if denial is not None:
        yield f"{contents.EXCEPTIONS}{denial.statement_id}.json", statements.whole(denial.statement)
    if waiver is not None:
        yield f"{contents.EXCEPTIONS}{waiver.statement_id}.json", bytes(waiver.envelope)
        yield f"prov/exception-{waiver.statement_id}.jsonld", bytes(waiver.prov)
        ending = getattr(waiver, "ending", None)
        if ending is not None and ending.statement is not None:
            yield f"{contents.EXCEPTIONS}{ending.statement_id}.json", statements.whole(ending.statement)
