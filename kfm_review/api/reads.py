"""What somebody may read through the API: everything within his clearances."""

from django.db.models import Case, Exists, OuterRef, Prefetch, Q, QuerySet

from kfm_review.people.queries import Viewer
from kfm_review.releases.models import Release
from kfm_review.reviews.models import Review
from kfm_review.runs import withheld
from kfm_review.runs.models import Current, GateResult, Run
from pipelines import spec


def runs(viewer: Viewer) -> QuerySet[Run]:
    """Return the runs somebody is cleared for, each with whether its exact words may be seen."""
    found = Run.objects.filter(withheld.seen_run(viewer))
    return found.annotate(is_exact=_exact(viewer)).select_related("asset", "requested_by", "author")


def runs_in_full(viewer: Viewer) -> QuerySet[Run]:
    """Return the same runs with all that a run's page shows."""
    gates = GateResult.objects.order_by("position").prefetch_related("findings")
    return (
        runs(viewer)
        .select_related("manifest", "manifest__diff")
        .prefetch_related(
            "attempts", "documents", "manifest__artifacts", Prefetch("manifest__gates", queryset=gates)
        )
    )


def reviews(viewer: Viewer) -> QuerySet[Review]:
    """Return the reviews somebody is cleared for, with their decisions."""
    seen = Review.objects.filter(withheld.seen(viewer, at="manifest__"))
    seen = seen.annotate(is_exact=withheld.whether(withheld.exact(viewer, at="manifest__")))
    return seen.select_related("asset", "requested_by", "author").prefetch_related("decisions__by")


def releases(viewer: Viewer) -> QuerySet[Release]:
    """Return the releases that may be seen, with every try to publish them and which is current."""
    current = Current.objects.filter(
        asset=OuterRef("asset"), channel=OuterRef("channel"), release_number=OuterRef("number")
    )
    seen = Release.objects.filter(withheld.seen(viewer, at="manifest__")).annotate(is_current=Exists(current))
    return seen.select_related("asset", "by").prefetch_related("promotions__requested_by")


def _exact(viewer: Viewer) -> Case:
    """Say of each run whether its exact words may be seen; one that made nothing is as its family is."""
    public = [name for name in spec.names() if not withheld.declared(name).guarded]
    unmade = Q(manifest=None, asset__family__in=public)
    return withheld.whether(unmade | (Q(manifest__isnull=False) & withheld.exact(viewer, at="manifest__")))
