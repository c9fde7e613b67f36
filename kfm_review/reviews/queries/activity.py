"""One run as its page shows it: attempts, gates by phase, artifacts, where it came from, and its review."""

from collections import Counter
from dataclasses import dataclass
from uuid import UUID

from kfm_review.errors import Missing
from kfm_review.people.clearance import Marked
from kfm_review.people.queries import Viewer
from kfm_review.people.rules import Deed
from kfm_review.reviews.models import Review
from kfm_review.reviews.queries.dossier import latest_of
from kfm_review.runs import veil, withheld
from kfm_review.runs.models import Artifact, Attempt, Current, Document, GateResult, Manifest, Run
from kfm_review.runs.queries import Origin, Trend, origin, trends
from kfm_review.runs.states import ACTIVE, Status
from kfm_review.runs.withheld import Sight

TITLES = {
    "before": "Before the steps",
    "after": "After the steps",
    "policy": "Policy",
    "score": "Score",
    "closing": "Closing check",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """The gates of one phase, in order."""

    title: str
    gates: tuple[GateResult, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """One run with everything it did."""

    run: Run
    attempts: tuple[Attempt, ...]
    gates: tuple[GateResult, ...]
    artifacts: tuple[Artifact, ...]
    documents: tuple[Document, ...]
    trends: dict[str, Trend]
    origin: Origin | None
    review: Review | None
    base: int | None
    may_cancel: bool
    may_retry: bool
    sight: Sight
    marked: Marked
    lacks: tuple[str, ...]  # the clearances it takes and the viewer has not

    @property
    def veiled(self) -> bool:
        """Whether something of it is withheld."""
        return self.sight < Sight.EXACT

    @property
    def active(self) -> bool:
        """Whether it still waits or runs."""
        return self.run.status in ACTIVE

    @property
    def attempt(self) -> Attempt | None:
        """Return the latest attempt."""
        return self.attempts[-1] if self.attempts else None

    @property
    def phases(self) -> tuple[Phase, ...]:
        """Return the gates in the order they ran, by phase."""
        found = {name: tuple(gate for gate in self.gates if gate.phase == name) for name in TITLES}
        return tuple(Phase(title=TITLES[name], gates=gates) for name, gates in found.items() if gates)

    @property
    def said(self) -> str:
        """Count the gates by outcome."""
        counts = Counter(gate.outcome for gate in self.gates)
        each = ", ".join(f"{count} {outcome.replace('_', ' ')}" for outcome, count in sorted(counts.items()))
        return f"{len(self.gates)} gates: {each}" if self.gates else "none has spoken"


def activity(run_id: UUID, *, viewer: Viewer) -> Activity:
    """Return one run, as far as its viewer may see it."""
    known = withheld.known(viewer, cleared=withheld.seen_run(viewer), family="asset__family")
    runs = Run.objects.select_related("asset", "requested_by", "author", "manifest__diff")
    run = runs.filter(known, pk=run_id).first()
    if run is None:
        raise Missing(f"There is no run {run_id}. Look for it among the runs.")
    marked, manifest = withheld.marked_run(run), run.manifest
    sight = withheld.sight(marked, viewer, manifest=run.manifest_id)
    asks, attempts = viewer.may(Deed.REQUEST, run.asset.family), veil.attempts(_attempts(run), sight)
    documents = _documents(run) if sight is Sight.EXACT else ()
    if manifest:
        veil.figures(manifest, sight)
    veil.run(run, sight)
    return Activity(
        run=run,
        attempts=attempts,
        gates=veil.gates(manifest, sight) if manifest else (),
        artifacts=_artifacts(manifest, sight) if manifest else (),
        documents=documents,
        trends=trends(asset=run.asset, upto=manifest, viewer=viewer) if manifest and sight else {},
        origin=origin(run, attempts=attempts, documents=documents)
        if manifest and sight is Sight.EXACT
        else None,
        review=_review(run),
        base=_base(run),
        may_cancel=asks and run.status in ACTIVE,
        may_retry=asks and run.status not in ACTIVE and run.status != Status.CANCELLED,
        sight=sight,
        marked=marked,
        lacks=viewer.lacks(marked),
    )


def _attempts(run: Run) -> tuple[Attempt, ...]:
    return tuple(run.attempts.order_by("number"))


def _documents(run: Run) -> tuple[Document, ...]:
    return tuple(Document.objects.filter(run=run).order_by("kind", "pk"))


def _artifacts(manifest: Manifest, sight: Sight) -> tuple[Artifact, ...]:
    found = manifest.artifacts.order_by("role")
    return tuple(one for one in found if sight is Sight.EXACT or withheld.is_open(one))


def _review(run: Run) -> Review | None:
    """Return the review of a run; of one that brought nothing new, the one that looks at the same."""
    own = Review.objects.filter(run=run).order_by("-pk").first()
    return own or (latest_of(run.manifest_id) if run.unchanged and run.manifest_id else None)


def _base(run: Run) -> int | None:
    """Return the number of the release it was compared with, while that is the current one."""
    now = Current.objects.filter(asset=run.asset, manifest_id=run.base).first()
    return now.release_number if now else None
