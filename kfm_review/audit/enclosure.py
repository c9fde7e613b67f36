"""Lines of the audit as evidence encloses them: their bytes, their proofs, and one checkpoint over all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from kfm_review.audit import tiles
from kfm_review.audit.models import Cosignature, Event, Leaf
from kfm_review.errors import NotPossible
from pipelines.proof import note

WAIT = "A checkpoint is signed each minute, and then cosigned: try again in two minutes."
STUCK = "If it stays so, an auditor sees on the audit page whether control and the witness run."


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosure:
    """Lines by their number with their proofs, the checkpoint that covers them, and when it was witnessed."""

    checkpoint: str
    at: datetime
    lines: tuple[tuple[int, bytes, str], ...]


def enclosed(events: Sequence[Event]) -> Enclosure:
    """Return these lines under the first witnessed checkpoint that covers all of them.

    The first one, so that the same lines are the same bytes whenever they are asked for.
    """
    leaves = list(Leaf.objects.filter(event__in=events).select_related("event").order_by("number").iterator())
    if not leaves or len(leaves) != len(events):
        raise NotPossible("Not every line of the audit has its place yet.", cause=WAIT, next_step=STUCK)
    seen = (
        Cosignature.objects.filter(checkpoint__size__gt=leaves[-1].number)
        .select_related("checkpoint")
        .order_by("checkpoint_id", "pk")
        .first()
    )
    if seen is None:
        raise NotPossible("No witness has seen these lines of the audit yet.", cause=WAIT, next_step=STUCK)
    size = seen.checkpoint.size
    signed, tree = seen.checkpoint.note + seen.line, tiles.kept(size)
    lines = tuple(
        (
            leaf.number,
            bytes(leaf.event.body),
            note.proof(index=leaf.number, path=tree.inclusion(leaf.number, size), checkpoint=signed),
        )
        for leaf in leaves
    )
    return Enclosure(checkpoint=signed, at=note.seen_at(note.read(signed).lines[-1].blob), lines=lines)
