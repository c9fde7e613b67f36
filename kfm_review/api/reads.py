"""What somebody may read through the API: everything within his clearances."""

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from kfm_review.releases.models import Release
from kfm_review.reviews.models import Review
from kfm_review.runs.models import Current, GateResult, Run


def runs(labels: Iterable[str]) -> QuerySet[Run]:
    """Return the runs that may be seen; one that made nothing hides nothing."""
    within = Q(manifest=None) | Q(manifest__label__in=labels)
    return Run.objects.filter(within).select_related("asset", "requested_by", "author")


def runs_in_full(labels: Iterable[str]) -> QuerySet[Run]:
    """Return the same runs with all that a run's page shows."""
    gates = GateResult.objects.order_by("position").prefetch_related("findings")
    return (
        runs(labels)
        .select_related("manifest", "manifest__diff")
        .prefetch_related(
            "attempts", "documents", "manifest__artifacts", Prefetch("manifest__gates", queryset=gates)
        )
    )


def reviews(labels: Iterable[str]) -> QuerySet[Review]:
    """Return the reviews that may be seen, with their decisions."""
    seen = Review.objects.filter(manifest__label__in=labels)
    return seen.select_related("asset", "requested_by", "author").prefetch_related("decisions__by")


def releases(labels: Iterable[str]) -> QuerySet[Release]:
    """Return the releases that may be seen, with every try to publish them and which is current."""
    current = Current.objects.filter(
        asset=OuterRef("asset"), channel=OuterRef("channel"), release_number=OuterRef("number")
    )
    seen = Release.objects.filter(manifest__label__in=labels).annotate(is_current=Exists(current))
    return seen.select_related("asset", "by").prefetch_related("promotions__requested_by")
