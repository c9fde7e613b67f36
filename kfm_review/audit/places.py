"""What an event proves: its bytes, read without trust, its place in the signed tree, and since when."""

from datetime import timedelta

from kfm_review.audit.models import Checkpoint, Event
from pipelines import digest
from pipelines.errors import NotProved, NotStrict
from pipelines.model import Json
from pipelines.proof import merkle
from pipelines.proof.roster import moment

LAG = timedelta(minutes=5)  # so soon after the moment that it names a change is committed and signed
NOT_YET = "is not under the signed head of the log yet"
TOO_LATE = "came into the log long after the moment that it names"


def told(event: Event) -> Json | None:
    """Return what an event says; None where its bytes are not those of any event, whoever wrote them."""
    try:
        said = digest.read_json(bytes(event.body))
        if not isinstance(said, dict) or not isinstance(said.get("details"), dict):
            return None
        moment(said.get("at"))
    except (NotStrict, NotProved):
        return None
    return said


def under(event: Event, *, size: int) -> bool:
    """Answer whether an event is, by its bytes, one of the first `size` leaves."""
    leaf = getattr(event, "leaf", None)
    return (
        leaf is not None
        and leaf.number < size
        and bytes(leaf.hash).hex() == merkle.leaf_hash(bytes(event.body)).hex() == event.leaf_hash
    )


def wrong(event: Event, *, size: int | None) -> str:
    """Say why an event proves nothing yet, or nothing; without a `size` no tree is signed here."""
    if size is None:
        return ""
    if not under(event, size=size):
        return NOT_YET
    return TOO_LATE if _late(event) else ""


def _late(event: Event) -> bool:
    """Answer whether a checkpoint without it was signed well after the moment that an event names."""
    said = told(event)
    before = Checkpoint.objects.filter(size__lte=event.leaf.number).order_by("-pk").first()
    return said is None or (before is not None and moment(said["at"]) < before.at - LAG)
