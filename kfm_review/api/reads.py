"""What somebody may read through the API: everything within his clearances, once he holds a role."""

from datetime import date

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from kfm_review.accounts.models import Clearance, User
from kfm_review.downloads import Download
from kfm_review.errors import Missing
from kfm_review.releases.models import Release
from kfm_review.reviews.models import Review
from kfm_review.runs.models import Artifact, Current, Document, GateResult, Run

UNLABELLED = ""
PUBLIC = "public"
DOCUMENT_TYPES = {"stac": "application/geo+json", "dcat": "application/ld+json", "prov": "application/ld+json"}


def labels(user: User, *, today: date) -> tuple[str, ...]:
    """Return the labels whose content `user` may see."""
    cleared = Clearance.objects.filter(user=user, ended_at=None, until__gte=today)
    return (PUBLIC, UNLABELLED, *cleared.values_list("label", flat=True))


def runs(user: User, *, today: date) -> QuerySet[Run]:
    """Return the runs `user` may see; one that made nothing hides nothing."""
    within = Q(manifest=None) | Q(manifest__label__in=labels(user, today=today))
    return Run.objects.filter(within).select_related("asset", "requested_by", "author")


def runs_in_full(user: User, *, today: date) -> QuerySet[Run]:
    """Return the same runs with all that a run's page shows."""
    gates = GateResult.objects.order_by("position").prefetch_related("findings")
    return (
        runs(user, today=today)
        .select_related("manifest", "manifest__diff")
        .prefetch_related(
            "attempts", "documents", "manifest__artifacts", Prefetch("manifest__gates", queryset=gates)
        )
    )


def reviews(user: User, *, today: date) -> QuerySet[Review]:
    """Return the reviews `user` may see, with their decisions."""
    seen = Review.objects.filter(manifest__label__in=labels(user, today=today))
    return seen.select_related("asset", "requested_by", "author").prefetch_related("decisions__by")


def releases(user: User, *, today: date) -> QuerySet[Release]:
    """Return the releases `user` may see, with every try to publish them and which is current."""
    current = Current.objects.filter(
        asset=OuterRef("asset"), channel=OuterRef("channel"), release_number=OuterRef("number")
    )
    seen = Release.objects.filter(manifest__label__in=labels(user, today=today))
    return (
        seen.annotate(is_current=Exists(current))
        .select_related("asset", "by")
        .prefetch_related("promotions__requested_by")
    )


def download(sha256: str, user: User, *, today: date) -> Download:
    """Return what bytes are called and of which type, for somebody who may see a manifest that names them."""
    seen = Q(manifest__label__in=labels(user, today=today))
    artifact = Artifact.objects.filter(seen, sha256=sha256).select_related("manifest__asset").first()
    if artifact is not None:
        name = _filename(artifact.manifest.asset.name, artifact.manifest.edition, artifact.role)
        return Download(sha256=sha256, media_type=artifact.media_type, filename=name)
    document = Document.objects.filter(seen, sha256=sha256).select_related("manifest__asset").first()
    if document is not None:
        name = _filename(document.manifest.asset.name, document.manifest.edition, document.kind)
        return Download(sha256=sha256, media_type=DOCUMENT_TYPES[document.kind], filename=name)
    raise Missing(
        "There are no such bytes.",
        cause="No manifest that you may see names this digest.",
        next_step="Take the digest from a run or a release.",
    )


def _filename(asset: str, edition: str, what: str) -> str:
    words = f"{asset}-{edition}-{what}"
    return "".join(letter if letter.isalnum() or letter in "-_." else "-" for letter in words)
