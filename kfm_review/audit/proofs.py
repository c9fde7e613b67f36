"""Proofs about the tree: that a line is in it, that one checkpoint continues another, who has seen which."""

from dataclasses import dataclass
from itertools import pairwise

from django.db.models import QuerySet

from kfm_review.audit import tiles
from kfm_review.audit.models import Checkpoint, Cosignature, Leaf
from kfm_review.errors import Missing, NotPossible
from pipelines.errors import NotProved
from pipelines.proof import merkle, note
from pipelines.witness import request

PAGE = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Inclusion:
    """One line with the hashes that lead from it to the root of a checkpoint."""

    leaf: Leaf
    checkpoint: Checkpoint
    path: tuple[bytes, ...]
    note: str
    hashed: bytes  # what the bytes of the line come to now
    seen: Cosignature | None

    @property
    def holds(self) -> bool:
        """Answer whether the bytes that are kept now lead to the root that was signed."""
        try:
            merkle.check_inclusion(
                self.hashed,
                index=self.leaf.number,
                size=self.checkpoint.size,
                proof=self.path,
                root=bytes.fromhex(self.checkpoint.root),
            )
        except NotProved:
            return False
        return True

    @property
    def steps(self) -> tuple[str, ...]:
        """Return the hashes upwards as texts."""
        return tuple(one.hex() for one in self.path)

    @property
    def text(self) -> str:
        """Return the proof in the form of C2SP tlog-proof."""
        return note.proof(index=self.leaf.number, path=self.path, checkpoint=self.note)


@dataclass(frozen=True, slots=True, kw_only=True)
class Consistency:
    """Two checkpoints with the hashes that show the newer one to continue the older."""

    old: Checkpoint
    new: Checkpoint
    path: tuple[bytes, ...]

    @property
    def text(self) -> str:
        """Return it as it is shown to a witness: the old size, the hashes, the newer checkpoint."""
        return request.write(old=self.old.size, proof=self.path, checkpoint=noted(self.new)).decode()


def inclusion(event_id: int) -> Inclusion:
    """Return the proof of one line, against the newest checkpoint that a witness has seen, or the newest."""
    leaf = Leaf.objects.select_related("event__actor").filter(event_id=event_id).first()
    if leaf is None:
        raise NotPossible(
            f"Event {event_id} has no place in the tree.",
            cause="Either there is no such event, or the sequencer has not numbered it yet.",
            next_step="It numbers each second what was committed: try again in a moment.",
        )
    checkpoint = covering(leaf.number)
    if checkpoint is None:
        raise NotPossible(
            f"Leaf {leaf.number} is in no checkpoint yet.",
            cause="One is signed each minute.",
            next_step="Try again in a minute; if it stays so, see whether control runs and has its key.",
        )
    path = tiles.kept(checkpoint.size).inclusion(leaf.number, checkpoint.size)
    return Inclusion(
        leaf=leaf,
        checkpoint=checkpoint,
        path=path,
        note=noted(checkpoint),
        hashed=merkle.leaf_hash(bytes(leaf.event.body)),
        seen=checkpoint.cosignatures.order_by("pk").first(),
    )


def covering(number: int) -> Checkpoint | None:
    """Return the newest cosigned checkpoint that covers a leaf, or the newest at all."""
    over = Checkpoint.objects.filter(size__gt=number).order_by("-pk")
    seen = Cosignature.objects.filter(checkpoint__size__gt=number).order_by("-checkpoint_id").first()
    return seen.checkpoint if seen else over.first()


def consistency(old_id: int, new_id: int) -> Consistency:
    """Return the proof that one checkpoint continues another."""
    old, new = checkpoint(old_id), checkpoint(new_id)
    if old.size > new.size:
        old, new = new, old
    return Consistency(old=old, new=new, path=tiles.kept(new.size).consistency(old.size, new.size))


def checkpoint(number: int) -> Checkpoint:
    """Return one checkpoint."""
    found = Checkpoint.objects.filter(pk=number).first()
    if found is None:
        raise Missing(f"There is no checkpoint {number}.", next_step="Choose one from the list.")
    return found


def checkpoints(*, after: int | None = None) -> tuple[list[Checkpoint], int | None]:
    """Return one page of checkpoints, the newest first, and where the next begins."""
    found: QuerySet[Checkpoint] = Checkpoint.objects.prefetch_related("cosignatures", "conflicts")
    found = found.order_by("-pk") if after is None else found.filter(pk__lt=after).order_by("-pk")
    rows = list(found[: PAGE + 1])
    for one, before in pairwise(rows):
        one.before = before.pk  # type: ignore[attr-defined]  # for the page, which links to the proof
    return rows[:PAGE], rows[PAGE - 1].pk if len(rows) > PAGE else None


def noted(of: Checkpoint) -> str:
    """Return the signed note of a checkpoint with the lines of every witness that cosigned it."""
    return of.note + "".join(each.line for each in of.cosignatures.order_by("pk"))
