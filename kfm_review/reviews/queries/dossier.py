"""Everything about one review that a person needs before deciding."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from kfm_review.accounts.models import User
from kfm_review.errors import Missing
from kfm_review.people.queries import approvers
from kfm_review.reviews.models import Decision, Review
from kfm_review.runs.models import Artifact, Current, Document, Finding, GateResult, Run
from kfm_review.runs.queries import Trend, trends
from kfm_review.runs.states import ACTIVE
from pipelines import spec
from pipelines.model import NO_BASE, Role

EARLIER = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """One review with its evidence, its decisions, and those who may still approve."""

    review: Review
    gates: tuple[GateResult, ...]
    artifacts: dict[str, Artifact]
    documents: tuple[Document, ...]
    decisions: tuple[Decision, ...]
    approvers: tuple[User, ...]
    trends: dict[str, Trend]
    earlier: tuple[Review, ...]
    current: Current | None
    base_tiles: Artifact | None
    kind: str  # of the layer: vector, table or raster

    @property
    def standing(self) -> tuple[Decision, ...]:
        """Return each person's latest decision, in the order they were taken."""
        latest = {decision.by_id: decision for decision in self.decisions}
        return tuple(decision for decision in self.decisions if latest[decision.by_id] is decision)

    @property
    def by_hand(self) -> bool:
        """Whether a publisher must promote it after the approval."""
        return bool(self.review.manifest.body["review"]["promote"] == "by_hand")

    @property
    def unit(self) -> str:
        """Name what is counted."""
        return "cells" if self.kind == "raster" else "rows"

    @property
    def style(self) -> Artifact | None:
        """Return the map of what was made, or else of what was read."""
        return self.artifacts.get("preview") or self.artifacts.get("input-preview")

    @property
    def stopping(self) -> tuple[GateResult, ...]:
        """Return the gates that forbid an approval."""
        return tuple(gate for gate in self.gates if gate.outcome in ("FAIL", "ERROR"))

    @property
    def remarkable(self) -> tuple[GateResult, ...]:
        """Return the gates that ran and did not pass, the worst first."""
        order = ("ERROR", "FAIL", "REVIEW")
        found = [gate for gate in self.gates if gate.outcome in order]
        return tuple(sorted(found, key=lambda gate: (order.index(gate.outcome), gate.position)))


def dossier(review_id: int, *, labels: Iterable[str]) -> Dossier:
    """Return the dossier of one review."""
    review = _reviews().filter(pk=review_id, manifest__label__in=labels).first()
    if review is None:
        raise Missing(f"There is no review {review_id}. Look for it in the queue or among the runs.")
    findings = Prefetch("findings", queryset=Finding.objects.order_by("position"))
    gates = tuple(review.manifest.gates.order_by("position").prefetch_related(findings))
    own = {review.requested_by_id, review.author_id}
    may_approve = approvers(review.family, roles=review.roles)
    return Dossier(
        review=review,
        gates=gates,
        artifacts={artifact.role: artifact for artifact in review.manifest.artifacts.all()},
        documents=tuple(Document.objects.filter(run=review.run).order_by("kind", "pk")),
        decisions=tuple(review.decisions.select_related("by").order_by("at", "pk")),
        approvers=tuple(person for person in may_approve if person.pk not in own),
        trends=trends(asset=review.asset, upto=review.manifest),
        earlier=_earlier(review, labels=labels),
        current=Current.objects.filter(asset=review.asset, channel=review.run.channel).first(),
        base_tiles=_tiles_of(review.manifest.base, labels=labels),
        kind=_kind(review.family),
    )


def latest_of(manifest: str) -> Review | None:
    """Return the newest review of one manifest."""
    return Review.objects.filter(manifest_id=manifest).order_by("-pk").first()


def sent_back(person: int) -> QuerySet[Review]:
    """Return the reviews in which this author was asked for changes and has not answered yet.

    A run that is under way answers too, and one that made what lies before people already.
    """
    answered = Run.objects.filter(Q(unchanged=True) | Q(status__in=ACTIVE), answers=OuterRef("pk"))
    return (
        Review.objects.filter(
            ~Exists(answered), author_id=person, status="returned", answered_by__isnull=True
        )
        .select_related("asset", "run")
        .order_by("settled_at")
    )


def _reviews() -> QuerySet[Review]:
    return Review.objects.select_related(
        "asset", "run", "requested_by", "author", "manifest__diff", "superseded_by__run"
    )


def _tiles_of(manifest: str, *, labels: Iterable[str]) -> Artifact | None:
    """Return the tiles of the release that is compared with, if they may be seen."""
    if manifest == NO_BASE:
        return None
    return Artifact.objects.filter(manifest_id=manifest, role=Role.TILES, manifest__label__in=labels).first()


def _kind(family: str) -> str:
    """Return what kind of layer a family makes; of one that is gone, what most are."""
    return spec.family(family).output.kind if family in spec.names() else "vector"


def _earlier(review: Review, *, labels: Iterable[str]) -> tuple[Review, ...]:
    """Return the other reviews of the same asset and edition that may be seen, the newest first."""
    seen = Review.objects.filter(asset=review.asset, edition=review.edition, manifest__label__in=labels)
    others = seen.exclude(pk=review.pk)
    latest = Prefetch("decisions", queryset=Decision.objects.select_related("by").order_by("-at"))
    return tuple(others.select_related("run").prefetch_related(latest).order_by("-pk")[:EARLIER])
