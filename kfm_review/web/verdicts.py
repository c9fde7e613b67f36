"""The four decisions as the desk offers them: key, consequence, and the cause when one cannot be taken."""

from dataclasses import dataclass

from kfm_review.people.queries import Viewer
from kfm_review.releases.queries import Publication
from kfm_review.reviews.queries.dossier import Dossier
from kfm_review.web import sentences


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One decision: what it does now, what happens then, whether it may be taken."""

    verdict: str
    label: str
    key: str
    consequence: str
    completes: str
    then: str
    reason_needed: bool
    cause: str = ""
    first: bool = False


def verdicts(dossier: Dossier, publication: Publication, viewer: Viewer) -> tuple[Verdict, ...]:
    """Return the decisions in the order of the bar; one at most is the filled button."""
    closed, given = _closed(dossier, viewer), _given(dossier, viewer)
    unapprovable = closed or _unapprovable(dossier) or _wrong_role(dossier, viewer) or given
    approve = _approve(dossier, publication, cause=unapprovable)
    return (approve, *_others(dossier, cause=closed, first=bool(unapprovable) and not closed and not given))


def _approve(dossier: Dossier, publication: Publication, *, cause: str) -> Verdict:
    review = dossier.review
    number = sentences.approvals(review) + 1
    last = number >= review.needed
    then = _after_approval(dossier, publication) if last else f"{review.needed - number} more to come"
    return Verdict(
        verdict="approve",
        label="Approve",
        key="a",
        consequence=f"Completes {number} of {review.needed}: {then}."
        if last
        else f"Approval {number} of {review.needed}.",
        completes=f"approval {number} of {review.needed}, {' or '.join(review.roles)}",
        then=then,
        reason_needed=review.outcome != "PASS",
        cause=cause,
        first=not cause,
    )


def _others(dossier: Dossier, *, cause: str, first: bool) -> tuple[Verdict, ...]:
    review = dossier.review
    steward = sentences.name(review.author or review.requested_by)
    return (
        Verdict(
            verdict="return",
            label="Request changes",
            key="r",
            consequence=f"back to {steward}",
            completes="this review",
            then=f"{steward} reads your reason and delivers again",
            reason_needed=True,
            cause=cause,
            first=first,
        ),
        Verdict(
            verdict="reject",
            label="Reject",
            key="x",
            consequence="closes this review for good",
            completes="this review",
            then="nothing of it is published; a new run opens a new review",
            reason_needed=True,
            cause=cause,
        ),
        Verdict(
            verdict="abstain",
            label="Abstain",
            key="t",
            consequence="leaves it to the others",
            completes="nothing",
            then="the review stays open; you may still decide otherwise",
            reason_needed=True,
            cause=cause,
        ),
    )


def _closed(dossier: Dossier, viewer: Viewer) -> str:
    """Say why this viewer can decide nothing here, or nothing when he can."""
    review = dossier.review
    if review.status != "open" and not _may_rethink(dossier, viewer):
        return f"this review is {review.status}"
    barred = sentences.why_barred(review, viewer)
    return barred.then if barred else ""


def _may_rethink(dossier: Dossier, viewer: Viewer) -> bool:
    """Answer whether this viewer may still change a decision: until a promotion begins."""
    review = dossier.review
    mine = any(decision.by_id == viewer.id for decision in dossier.standing)
    return review.status == "approved" and review.promoted_at is None and mine


def _given(dossier: Dossier, viewer: Viewer) -> str:
    """Say that this viewer's approval stands already, or nothing."""
    mine = {decision.verdict for decision in dossier.standing if decision.by_id == viewer.id}
    return "you approved it; until publishing begins you may decide otherwise" if "approve" in mine else ""


def _wrong_role(dossier: Dossier, viewer: Viewer) -> str:
    """Say who approves, when this viewer may only request changes or reject."""
    review = dossier.review
    if any(viewer.holds(role, review.family) for role in review.roles):
        return ""
    return f"it takes the approval of a {' or '.join(review.roles)}"


def _unapprovable(dossier: Dossier) -> str:
    """Say why this content can be approved by nobody."""
    if dossier.stopping and not dossier.approvable:
        gate = dossier.stopping[0]
        verb = "ended in an error" if gate.outcome == "ERROR" else "failed"
        otherwise = ", or ask for an exception" if dossier.excusable else ""
        return f"{gate.gate} {verb}: mend it and run again{otherwise}"
    if not dossier.approvable:
        return f"the run is {dossier.review.outcome}: mend it and run again"
    if dossier.review.stale_at:
        return "its base is stale: the new run takes this one's place"
    return ""


def _after_approval(dossier: Dossier, publication: Publication) -> str:
    if publication.hold:
        return f"publishing waits for the hold of {sentences.name(publication.hold.set_by)}"
    if dossier.by_hand:
        return "then a publisher promotes it by hand"
    if dossier.stopping:
        return "it is published once governance has signed the exception"
    number = publication.current.number + 1 if publication.current else 1
    channel = dossier.review.run.channel
    return f"publishes to the {channel} catalog, as release {number} or the next free number"
