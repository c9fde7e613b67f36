"""Everything about one review that a person needs before deciding."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from kfm_review.accounts.models import User
from kfm_review.errors import Missing
from kfm_review.people.clearance import Marked
from kfm_review.people.queries import Viewer, approvers, cleared
from kfm_review.reviews import rules
from kfm_review.reviews.models import Decision, Review
from kfm_review.runs import veil, withheld
from kfm_review.runs.models import Artifact, Current, Document, GateResult, Run
from kfm_review.runs.queries import Trend, trends
from kfm_review.runs.states import ACTIVE
from kfm_review.runs.withheld import Sight
from kfm_review.waivers import queries as exceptions
from kfm_review.waivers.models import Request, Waiver
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
    sight: Sight
    marked: Marked
    lacks: tuple[str, ...]  # the clearances it takes and the viewer has not
    generalized: Artifact | None
    excused: Mapping[str, Waiver]  # by gate: the live exception that lets it stand
    waiting: tuple[Request, ...]  # exceptions that were asked for and not answered
    parties: frozenset[int]  # who asked for one, or signed one

    @property
    def asked(self) -> frozenset[str]:
        """Return the gates for which an exception was asked."""
        return frozenset(one["gate"] for request in self.waiting for one in request.body["excuses"])

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
        """Return the map of what was made, or else of what was read; withheld, the generalized one."""
        if not self.is_exact:
            return self.generalized
        return self.artifacts.get("preview") or self.artifacts.get("input-preview")

    @property
    def is_exact(self) -> bool:
        """Whether everything may be shown."""
        return self.sight is Sight.EXACT

    @property
    def may_reveal(self) -> bool:
        """Whether the exact geometry is shown to this person once he says why."""
        return self.sight is Sight.FIGURES

    @property
    def stopping(self) -> tuple[GateResult, ...]:
        """Return the gates that forbid an approval."""
        failed = (gate for gate in self.gates if gate.outcome in ("FAIL", "ERROR"))
        return tuple(gate for gate in failed if gate.outcome == "ERROR" or gate.gate not in self.excused)

    @property
    def excusable(self) -> bool:
        """Whether an exception could let every failing gate stand: none broke, and none was not reached."""
        heard = {gate.outcome for gate in self.gates}
        return "FAIL" in heard and not heard & {"ERROR", "NOT_RUN"}

    @property
    def approvable(self) -> bool:
        """Whether the content may be approved: nothing failed, or all of it is excused, or asked to be."""
        if self.review.outcome in rules.STANDS:
            return True
        left = {gate.gate for gate in self.stopping}
        return self.excusable and left <= self.asked

    @property
    def remarkable(self) -> tuple[GateResult, ...]:
        """Return the gates that ran and did not pass, the worst first."""
        found = [gate for gate in self.gates if gate.outcome in rules.WORST_FIRST]
        return tuple(sorted(found, key=lambda gate: (rules.WORST_FIRST.index(gate.outcome), gate.position)))


def dossier(review_id: int, *, viewer: Viewer) -> Dossier:
    """Return the dossier of one review, as far as its viewer may see it."""
    known = withheld.known(viewer, cleared=withheld.seen(viewer, at="manifest__"), family="family")
    review = _reviews().filter(known, pk=review_id).first()
    if review is None:
        raise Missing(f"There is no review {review_id}. Look for it in the queue or among the runs.")
    marked = withheld.marked(review.manifest)
    sight = withheld.sight(marked, viewer, manifest=review.manifest_id)
    own = {review.requested_by_id, review.author_id}
    may_approve = cleared(approvers(review.family, roles=review.roles), marked=marked, today=viewer.today)
    trend = trends(asset=review.asset, upto=review.manifest, viewer=viewer) if sight else {}
    artifacts = {artifact.role: artifact for artifact in review.manifest.artifacts.all()}
    parties = review.parties = exceptions.parties(review.manifest)
    documents = Document.objects.filter(run=review.run).order_by("kind", "pk")
    excused = _excused(review, now=viewer.now)
    review.excused = frozenset(excused)
    return Dossier(
        review=_veiled(review, sight, lacks=viewer.lacks(marked)),
        gates=veil.gates(review.manifest, sight),
        artifacts=_shown(artifacts, sight),
        documents=tuple(documents) if sight is Sight.EXACT else (),
        decisions=_decisions(review, sight),
        approvers=tuple(person for person in may_approve if person.pk not in own | parties),
        trends=trend,
        earlier=_earlier(review, viewer=viewer),
        current=Current.objects.filter(asset=review.asset, channel=review.run.channel).first(),
        base_tiles=_tiles_of(review.manifest.base, viewer=viewer) if sight is Sight.EXACT else None,
        kind=_kind(review.family),
        sight=sight,
        marked=marked,
        lacks=viewer.lacks(marked),
        generalized=next(filter(withheld.is_map, artifacts.values()), None),
        excused=excused,
        waiting=exceptions.waiting(review.manifest) if review.outcome == "FAIL" else (),
        parties=parties,
    )


def _excused(review: Review, *, now: datetime) -> Mapping[str, Waiver]:
    return exceptions.excused(review.manifest, at=now).by if review.outcome == "FAIL" else {}


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


def _veiled(review: Review, sight: Sight, *, lacks: tuple[str, ...]) -> Review:
    """Take from a review, in memory, what its viewer may not see of it."""
    veil.figures(review.manifest, sight)
    veil.run(review.run, sight)
    review.reasons = veil.reasons(review.reasons, sight)
    review.veiled, review.lacks = sight < Sight.EXACT, lacks
    return review


def _shown(artifacts: dict[str, Artifact], sight: Sight) -> dict[str, Artifact]:
    return {
        role: artifact
        for role, artifact in artifacts.items()
        if sight is Sight.EXACT or withheld.is_open(artifact)
    }


def _decisions(review: Review, sight: Sight) -> tuple[Decision, ...]:
    """Return the decisions; what people wrote is withheld with the figures."""
    found = tuple(review.decisions.select_related("by").order_by("at", "pk"))
    for decision in found:
        if sight < Sight.FIGURES and decision.reason:
            decision.reason = veil.WITHHELD
    return found


def _tiles_of(manifest: str, *, viewer: Viewer) -> Artifact | None:
    """Return the tiles of the release that is compared with, if their bytes may be had."""
    if manifest == NO_BASE:
        return None
    exact = withheld.exact(viewer, at="manifest__")
    return Artifact.objects.filter(exact, manifest_id=manifest, role=Role.TILES).first()


def _kind(family: str) -> str:
    """Return what kind of layer a family makes; of one that is gone, what most are."""
    return spec.family(family).output.kind if family in spec.names() else "vector"


def _earlier(review: Review, *, viewer: Viewer) -> tuple[Review, ...]:
    """Return the other reviews of the same asset and edition that may be seen, the newest first."""
    seen = withheld.seen(viewer, at="manifest__")
    others = Review.objects.filter(seen, asset=review.asset, edition=review.edition).exclude(pk=review.pk)
    latest = Prefetch("decisions", queryset=Decision.objects.select_related("by").order_by("-at"))
    return tuple(others.select_related("run").prefetch_related(latest).order_by("-pk")[:EARLIER])
