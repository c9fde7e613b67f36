"""What a review still lacks before its data are published, and who can supply it now."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse

from kfm_review.people.queries import Viewer
from kfm_review.releases.queries import Publication
from kfm_review.reviews.queries.dossier import Dossier
from kfm_review.runs.models import GateResult
from kfm_review.web import sentences
from pipelines.sensitivity import CHANNELS

NAMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One requirement: met or open, in which state, and who supplies it."""

    what: str
    state: str
    outcome: str = "NONE"
    who: str = ""
    met: bool = False
    mine: bool = False
    link: str = ""


def needs(dossier: Dossier, publication: Publication, viewer: Viewer) -> tuple[Need, ...]:
    """Return every requirement, the open ones first, mine before the others'."""
    found = (
        *_approvals(dossier, viewer),
        *_gates(dossier),
        _base(dossier, publication),
        _label(dossier),
        _promotion(dossier, publication),
    )
    return tuple(sorted(found, key=lambda need: (need.met, not need.mine)))


def _approvals(dossier: Dossier, viewer: Viewer) -> Iterator[Need]:
    review = dossier.review
    given = [decision for decision in dossier.standing if decision.verdict == "approve"]
    for number in range(1, review.needed + 1):
        what = f"Approval {number} of {review.needed}: {' or '.join(review.roles)}"
        if number <= len(given):
            by = given[number - 1].by
            yield Need(what=what, state="given", outcome="PASS", met=True, who=f"by {sentences.name(by)}")
        elif review.status != "open":
            yield Need(what=what, state=f"review is {review.status}", outcome="NONE")
        elif (
            sentences.why_barred(review, viewer) is None
            and not _decided(dossier, viewer)
            and dossier.approvable
            and viewer.id not in dossier.parties
            and any(viewer.holds(role, review.family) for role in review.roles)
        ):
            yield Need(what=what, state="you can give it now", mine=True, who=_others(dossier, viewer))
        else:
            yield Need(what=what, state="open", who=_others(dossier, viewer))


def _decided(dossier: Dossier, viewer: Viewer) -> bool:
    return any(decision.by_id == viewer.id for decision in dossier.standing)


def _others(dossier: Dossier, viewer: Viewer) -> str:
    """Name who else could supply an approval now."""
    people = [sentences.name(person) for person in dossier.approvers if person.pk != viewer.id]
    if not people:
        needed = "the role and the clearance" if dossier.marked.guarded else "the role"
        return f"nobody else can supply it: an administrator grants {needed}"
    more = f" and {len(people) - NAMED} more" if len(people) > NAMED else ""
    return f"{', '.join(people[:NAMED])}{more} can supply it; not the requester, not the author"


def _gates(dossier: Dossier) -> Iterator[Need]:
    if failure := dossier.review.run.failure:
        yield Need(what="A run that ends well", state="ended in an error", outcome="ERROR", who=failure)
    steward = sentences.name(dossier.review.author or dossier.review.requested_by)
    for gate in dossier.stopping:
        yield _stopping(dossier, gate, steward=steward)
    for name, waiver in dossier.excused.items():
        until = f"until {waiver.expires_at:%Y-%m-%d}, signed by {' and '.join(waiver.signed_by)}"
        link = reverse("exception", args=[waiver.request_id])
        yield Need(what=f"{name} passed by exception", state=until, outcome="EXCUSED", met=True, link=link)
    silent = [gate for gate in dossier.gates if gate.outcome == "NOT_RUN"]
    if silent:
        yield Need(
            what=f"{len(silent)} gates were not reached", state="never a pass", who="a run that gets that far"
        )
    passed = [gate for gate in dossier.gates if gate.outcome in ("PASS", "REVIEW")]
    if passed:
        yield Need(
            what="Gates that may stand",
            state=f"{len(passed)} of {len(dossier.gates)}",
            outcome="PASS",
            met=True,
        )


def _stopping(dossier: Dossier, gate: GateResult, *, steward: str) -> Need:
    """Say what a failing gate waits for: mending, or somebody's signature."""
    asked = next((one for one in dossier.waiting if gate.gate in dossier.asked), None)
    if gate.outcome == "ERROR":
        who = "only a new run mends an ERROR"
    elif asked is not None:
        who = f"{sentences.name(asked.requested_by)} asked for an exception: governance signs or denies it"
    elif dossier.excusable:
        who = f"{steward} mends the edition and runs again, or somebody asks for an exception"
    else:
        who = f"{steward} mends the edition and runs again"
    link = reverse("exception", args=[asked.pk]) if asked is not None else ""
    return Need(what=f"{gate.gate} must pass", state=gate.measured, outcome=gate.outcome, who=who, link=link)


def _base(dossier: Dossier, publication: Publication) -> Need:
    base = dossier.review.manifest.base
    if base == "none":
        said = "first edition: nothing published yet"
    else:
        said = (
            f"release {publication.base.number}" if publication.base else "a release that is no longer listed"
        )
    if dossier.review.stale_at and dossier.review.status == "open":
        return Need(
            what="Compared with what is published now",
            state="no longer",
            outcome="REVIEW",
            who="a new run comes by itself",
        )
    return Need(what="Compared with what was published", state=said, outcome="PASS", met=True)


def _label(dossier: Dossier) -> Need:
    label, channel = dossier.review.manifest.label, dossier.review.run.channel
    assessed = dossier.marked.authorities is not None
    if assessed and CHANNELS.get(label) == channel:
        return Need(what="Label", state=f"{label}, so the {channel} channel", outcome="PASS", met=True)
    return Need(
        what="A label that may be published, and sovereignty assessed",
        state=label if assessed and label else "not assessed",
        outcome="ERROR",
        who="only a new run mends it",
    )


def _promotion(dossier: Dossier, publication: Publication) -> Need:
    if publication.published and publication.release:
        return Need(
            what="Published",
            state=f"as release {publication.release.number}",
            outcome="PASS",
            met=True,
            who="its place among the releases",
            link=reverse("asset", args=[dossier.review.asset.name]),
        )
    if publication.hold:
        by = sentences.name(publication.hold.set_by)
        return Need(what="No hold on the asset", state="held", who=f"set by {by}; a publisher lifts it")
    if dossier.by_hand:
        return Need(what="Promotion by hand", state="after approval", who="a publisher promotes it")
    return Need(what="No hold on the asset", state="none", outcome="PASS", met=True)
