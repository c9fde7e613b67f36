"""What the audit record says of those a promotion rests on: who decided or excused, when, in which role."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from kfm_review.audit import places
from kfm_review.audit.models import Event
from kfm_review.people import tenure
from kfm_review.releases.models import Promotion, StandingUse
from kfm_review.releases.rules import Proof
from kfm_review.releases.states import Kind
from kfm_review.reviews.models import Decision
from kfm_review.waivers import queries as waivers
from kfm_review.waivers.models import Waiver
from pipelines.model import Json
from pipelines.proof.roster import moment

DECIDED, GRANTED, USED = "review.decided", "exception.granted", "standing-approval.used"
GONE = "{}: let somebody decide who holds the role, on a new run if this one is final."


def recorded(promotion: Promotion, *, counted: Sequence[Decision], size: int | None, now: datetime) -> Proof:
    """Look for the event of every approval and exception that counts, by its bytes, in the signed tree.

    Whoever decided held his role then, and enough of them hold it now; a way back asks only for then.
    """
    found, gone = [], []
    for decision in counted:
        event = decided(decision)
        why = _wrong(event, f"the approval by {decision.by.username}", size=size)
        if why := why or _lacks(decision, at=decision.at, size=size):
            return Proof(holds=False, evidence=why)
        if promotion.kind != Kind.ROLLBACK and (left := _left(decision, now=now, size=size)):
            gone.append(left)
            continue
        found.append(f"{decision.by.username}, {decision.role}: {_name(event)}")
    if len(found) < max(1, promotion.release.review.needed):
        none = GONE.format("; ".join(gone)) if gone else "There is no approval to look for."
        return Proof(holds=False, evidence=none)
    return _and_excused(found, excusing(promotion, now=now), size=size)


def used(use: StandingUse, *, size: int | None) -> Proof:
    """Look for the event that tells of the use of a standing approval."""
    event = use_event(use)
    if why := _wrong(event, "the use of the standing approval", size=size):
        return Proof(holds=False, evidence=why)
    return Proof(holds=True, evidence=f"used: {_name(event)}")


def excusing(promotion: Promotion, *, now: datetime) -> tuple[Waiver, ...]:
    """Return the exceptions that let gates of a release stand now, each once."""
    by = waivers.excused(promotion.release.manifest, at=now).by
    return tuple({waiver.pk: waiver for waiver in by.values()}.values())


def decided(decision: Decision) -> Event | None:
    """Return the event of exactly this decision."""
    wanted = {
        "verdict": decision.verdict,
        "role": decision.role,
        "n": decision.n,
        "manifest": decision.manifest_id,
    }
    for event, said in _told(DECIDED, f"review:{decision.review_id}"):
        same = (said["actor"], said["why"]) == (decision.by.username, decision.reason)
        if same and said["details"] == wanted and moment(said["at"]) == decision.at:
            return event
    return None


def granted(waiver: Waiver) -> Event | None:
    """Return the event of the moment at which an exception was granted, as its row says."""
    wanted = {"statement": waiver.statement_id, "signed_by": waiver.signed_by, "manifest": waiver.manifest_id}
    for event, said in _told(GRANTED, f"exception:{waiver.request_id}"):
        same = all(said["details"].get(name) == value for name, value in wanted.items())
        if same and moment(said["at"]) == waiver.at:
            return event
    return None


def use_event(use: StandingUse) -> Event | None:
    """Return the event of the use of a standing approval."""
    wanted = {
        "review": use.review_id,
        "manifest": use.review.manifest_id,
        "statement": use.approval.statement_id,
    }
    for event, said in _told(USED, f"asset:{use.approval.asset.name}"):
        same = all(said["details"].get(name) == value for name, value in wanted.items())
        if same and moment(said["at"]) == use.at:
            return event
    return None


def _told(action: str, target: str) -> Iterator[tuple[Event, Json]]:
    """Yield events with what they say; one that says nothing sound proves nothing, and hides no other."""
    for event in Event.objects.filter(action=action, target=target).select_related("leaf").order_by("pk"):
        said = places.told(event)
        if said is not None and (said["action"], said["target"]) == (action, target):
            yield event, said


def _and_excused(found: Sequence[str], excused: Iterable[Waiver], *, size: int | None) -> Proof:
    told = list(found)
    for waiver in excused:
        event = granted(waiver)
        if why := _wrong(event, f"the exception {waiver.pk}", size=size):
            return Proof(holds=False, evidence=why)
        told.append(f"exception {waiver.pk}: {_name(event)}")
    return Proof(holds=True, evidence="; ".join(told))


def _wrong(event: Event | None, what: str, *, size: int | None) -> str:
    if event is None:
        return f"No event tells of {what}."
    why = places.wrong(event, size=size)
    return f"{what[:1].upper()}{what[1:]} {why}." if why else ""


def _lacks(decision: Decision, *, at: datetime, size: int | None) -> str:
    """Say why somebody did not hold at a moment the role in which he decided, or nothing."""
    return tenure.why_not(decision.by, role=decision.role, family=decision.review.family, at=at, size=size)


def _left(decision: Decision, *, now: datetime, size: int | None) -> str:
    if not decision.by.is_active:
        return f"The account of {decision.by.username} is closed"
    return _lacks(decision, at=now, size=size)


def _name(event: Event | None) -> str:
    return f"event {event.leaf_hash[:8]}" if event else ""
