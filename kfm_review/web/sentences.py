"""The state of a review in sentences: whose turn it is, what holds it up, what followed."""

from dataclasses import dataclass

from kfm_review.accounts.models import User
from kfm_review.people.queries import Viewer
from kfm_review.people.rules import Deed
from kfm_review.releases.queries import Publication
from kfm_review.reviews.models import Decision, Review
from kfm_review.reviews.queries.dossier import Dossier

ENDED = {"FAIL": "failed", "ERROR": "ended in an error"}
VERBS = {"approve": "approved", "return": "requested changes", "reject": "rejected", "abstain": "abstained"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A sentence, and the one that explains it."""

    first: str
    then: str = ""


def name(person: User | None) -> str:
    """Return how a person is called; nobody is the system."""
    return str(person) if person else "the system"


def approvals(review: Review) -> int:
    """Count the people whose latest decision approves."""
    latest = {decision.by_id: decision.verdict for decision in review.decisions.all()}
    return sum(verdict == "approve" for verdict in latest.values())


def whose_turn(review: Review, viewer: Viewer) -> Said:
    """Say whose turn an open review is for this viewer, and why."""
    barred = why_barred(review, viewer)
    if barred:
        return barred
    if review.stale_at:
        return Said(first="The next run", then="another release overtook its base")
    mine = [decision for decision in review.decisions.all() if decision.by_id == viewer.id]
    if mine:
        return Said(first="Another reviewer", then=f"you {VERBS[mine[-1].verdict]}")
    return Said(first=f"You, as {viewer.role_for(review.family)}", then=_asked_of_me(review))


def why_barred(review: Review, viewer: Viewer) -> Said | None:
    """Say why this viewer may not decide, or nothing when he may."""
    if review.requested_by_id == viewer.id:
        return Said(first="Not you: own run", then="you requested it; somebody else decides")
    if review.author_id == viewer.id:
        return Said(first="Not you: own edition", then="you delivered it; somebody else decides")
    if review.lacks:
        return Said(
            first="Not you: clearance", then=f"it takes clearance for {' and '.join(review.lacks)} to decide"
        )
    if viewer.id in review.parties:
        return Said(
            first="Not you: exception", then="you asked for an exception of it, or signed one; others decide"
        )
    if not viewer.may(Deed.DECIDE, review.family):
        return Said(first="Not you: role", then=f"a reviewer of {review.family} decides")
    return None


def _asked_of_me(review: Review) -> str:
    if review.outcome == "ERROR":
        return "only a new run mends an ERROR"
    if review.asks:
        return "its exception waits for a signature"
    if review.shown == "FAIL":
        return "cannot pass as it is"
    return f"approval {approvals(review) + 1} of {review.needed}"


def state(dossier: Dossier, publication: Publication, viewer: Viewer) -> Said:
    """Say where a review stands and what that means."""
    review = dossier.review
    match review.status:
        case "approved":
            return Said(first=f"Approved by {_by(dossier, 'approve')}.", then=_published(publication))
        case "returned":
            return Said(
                first=f"{_by(dossier, 'return')} requested changes.",
                then="Deliver the edition again from here.",
            )
        case "rejected":
            return Said(
                first=f"Rejected by {_by(dossier, 'reject')}.", then="This review is closed for good."
            )
        case "superseded":
            what = (
                "A newer run took this one's place."
                if review.superseded_by_id
                else "What it shows is current."
            )
            return Said(first=what, then="Decisions here are closed.")
    return _open(dossier, viewer)


def _open(dossier: Dossier, viewer: Viewer) -> Said:
    review = dossier.review
    if review.stale_at:
        return Said(
            first="Its base is no longer what is published.",
            then="It is compared again by itself; the new run takes this one's place.",
        )
    barred = why_barred(review, viewer)
    who = f"{barred.first}: {barred.then}." if barred else "That is you."
    who = who.replace("Not you: ", "Not you, ") if barred else who
    if review.outcome in ("FAIL", "ERROR") and not dossier.approvable:
        gates = ", ".join(gate.gate for gate in dossier.stopping) or "the run"
        return Said(
            first=f"Cannot be approved: {gates} {ENDED[review.outcome]}. Mend it and run again"
            f"{', or ask for an exception' if dossier.excusable else ''}.",
            then="A reviewer requests changes or rejects it. " + who,
        )
    if dossier.stopping:
        signs = ", ".join(gate.gate for gate in dossier.stopping)
        return Said(
            first=f"Waits for a signature: an exception for {signs} was asked for.",
            then="Governance signs or denies it; approvals may be given meanwhile. " + who,
        )
    given = approvals(review)
    roles = " or ".join(review.roles)
    return Said(
        first=f"Needs {review.needed - given} of {review.needed} approvals: {roles}. {who}",
        then=_looked_at(dossier),
    )


def _looked_at(dossier: Dossier) -> str:
    asked = [gate.gate for gate in dossier.gates if gate.outcome == "REVIEW"]
    if not asked:
        return "All gates passed. Until then nothing is published."
    verb = "asks" if len(asked) == 1 else "ask"
    return f"{' and '.join(asked)} {verb} for a look. Until then nothing is published."


def _published(publication: Publication) -> str:
    promotion, release = publication.promotion, publication.release
    if publication.hold and (promotion is None or promotion.status in ("queued", "verifying")):
        return f"Not published yet: held by {name(publication.hold.set_by)}."
    if promotion is None:
        return "Waits for a publisher to promote it."
    number = f"release {release.number}" if release else "it"
    said = {
        "queued": f"Waits to be published as {number}.",
        "verifying": f"Being verified by a second run, to be published as {number}.",
        "running": f"Being published as {number} now.",
        "done": f"Published as {number}.",
        "failed": f"Publishing {number} stopped: {promotion.failure}",
    }
    return said[promotion.status]


def _by(dossier: Dossier, verdict: str) -> str:
    found: tuple[Decision, ...] = tuple(each for each in dossier.standing if each.verdict == verdict)
    return " and ".join(name(each.by) for each in found) or "nobody"
