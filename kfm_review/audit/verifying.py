"""The whole audit record derived again from its bytes: lines, numbers, tree, signatures, roles of keys."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from kfm_review.audit import signatures
from kfm_review.audit.models import Checkpoint, Cosignature, Event, Leaf, Tile
from kfm_review.audit.record import SCHEMA
from kfm_review.audit.signatures import KeyOf
from kfm_review.audit.tree import WIDTH, rolled_up
from pipelines import digest
from pipelines.errors import NotProved, NotStrict
from pipelines.proof import merkle, note
from pipelines.proof.keys import PublicKey
from pipelines.witness.request import ORIGIN

TOGETHER = 2_000
LATE = timedelta(minutes=15)  # by then every committed event has its number


class Wrong(Exception):
    """Something of the record is not as it was written; the sentence names the first of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """How much was derived again."""

    lines: int
    waiting: int
    tiles: int
    checkpoints: int
    cosignatures: int
    outside: int


def verify(key_of: KeyOf, *, outside: Sequence[str], outsiders: Sequence[PublicKey]) -> Sum:
    """Derive everything again.

    Args:
        key_of: the key that counted in a role at a moment.
        outside: signed notes of this log that somebody kept elsewhere.
        outsiders: the keys one of which must have signed these.

    Raises:
        Wrong: the first thing that is not as it was written.
    """
    copies = [_copy(words, outsiders) for words in outside]
    sizes = {said.size for said in copies} | set(Checkpoint.objects.values_list("size", flat=True))
    lines, tiles, roots = _lines(sizes)
    checkpoints = _checkpoints(roots, key_of, lines=lines)
    for said in copies:
        _check_copy(said, roots, lines=lines)
    return Sum(
        lines=lines,
        waiting=_waiting(),
        tiles=tiles,
        checkpoints=checkpoints,
        cosignatures=_cosignatures(key_of),
        outside=len(copies),
    )


def _lines(sizes: set[int]) -> tuple[int, int, dict[int, bytes]]:
    """Go through every line in its order; return how many there are, how many tiles, and roots asked for."""
    edge: tuple[bytes, ...] = ()
    roots, row, tiles, count = {0: merkle.EMPTY}, list[bytes](), 0, 0
    numbered = Leaf.objects.select_related("event__actor").order_by("number")
    for leaf in numbered.iterator(chunk_size=TOGETHER):
        if leaf.number != count:
            raise Wrong(f"Leaf {count} is missing: the next one that is there is {leaf.number}.")
        hashed = _line(leaf)
        edge = merkle.appended(edge, hashed, size=count)
        count += 1
        row.append(hashed)
        if len(row) == WIDTH:
            _tile(0, count // WIDTH - 1, row)
            row, tiles = [], tiles + 1
        if count in sizes:
            roots[count] = merkle.edge_root(edge)
    return count, tiles + _upper_tiles(tiles), roots


def _line(leaf: Leaf) -> bytes:
    """Return what one line's bytes come to; refuse it where anything kept of it says something else."""
    event, body = leaf.event, bytes(leaf.event.body)
    hashed = merkle.leaf_hash(body)
    try:
        told = digest.read_json(body)
        canonical = digest.canonical(told) == body
    except NotStrict as cause:
        raise Wrong(f"Leaf {leaf.number} (event {event.pk}) is not JSON: {cause}") from cause
    if not canonical:
        raise Wrong(f"Leaf {leaf.number} (event {event.pk}) is not in canonical form.")
    if (event.leaf_hash, bytes(leaf.hash)) != (hashed.hex(), hashed):
        raise Wrong(f"Leaf {leaf.number} (event {event.pk}) has another hash than its bytes come to.")
    if told != _said(event) or datetime.fromisoformat(told["at"]) != event.at:
        raise Wrong(
            f"Leaf {leaf.number} (event {event.pk}) has columns that say other things than its bytes."
        )
    return hashed


def _said(event: Event) -> dict[str, object]:
    """Return what the columns say, in the words of a body."""
    return {
        "schema": SCHEMA,
        "at": digest.read_json(bytes(event.body)).get("at"),
        "actor": event.actor.username if event.actor else None,
        "action": event.action,
        "target": event.target,
        "family": event.family,
        "why": event.why,
        "details": event.details,
    }


def _tile(level: int, index: int, hashes: Sequence[bytes]) -> None:
    kept = Tile.objects.filter(level=level, index=index).first()
    if kept is None:
        raise Wrong(f"Tile {level}/{index} is missing.")
    if (bytes(kept.hashes), bytes(kept.root)) != (b"".join(hashes), rolled_up(hashes, count=WIDTH)):
        raise Wrong(f"Tile {level}/{index} has other hashes than its leaves come to.")


def _upper_tiles(below: int) -> int:
    """Check every tile above the leaves; return how many there are, and refuse one too many."""
    level, checked, finished = 1, 0, below
    while finished >= WIDTH:
        for index in range(finished // WIDTH):
            under = Tile.objects.filter(
                level=level - 1, index__gte=index * WIDTH, index__lt=(index + 1) * WIDTH
            )
            _tile(level, index, [bytes(one.root) for one in under.order_by("index")])
        level, finished = level + 1, finished // WIDTH
        checked += finished
    if Tile.objects.count() != below + checked:
        raise Wrong(f"There are {Tile.objects.count()} tiles where {below + checked} are due.")
    return checked


def _checkpoints(roots: dict[int, bytes], key_of: KeyOf, *, lines: int) -> int:
    size = count = 0
    for kept in Checkpoint.objects.order_by("pk").iterator(chunk_size=TOGETHER):
        if not size <= kept.size <= lines:
            raise Wrong(
                f"Checkpoint {kept.pk} is of {kept.size} leaves, after {size} and of {lines} that are there."
            )
        if roots[kept.size].hex() != kept.root:
            raise Wrong(f"Checkpoint {kept.pk} says another root than its {kept.size} leaves come to.")
        try:
            signatures.check_checkpoint(kept, key_of)
        except NotProved as cause:
            raise Wrong(f"Checkpoint {kept.pk} is not signed as it must be: {cause}") from cause
        size, count = kept.size, count + 1
    return count


def _cosignatures(key_of: KeyOf) -> int:
    count = 0
    for kept in Cosignature.objects.select_related("checkpoint").order_by("pk").iterator(chunk_size=TOGETHER):
        try:
            signatures.cosigned_at(kept, key_of)
        except NotProved as cause:
            raise Wrong(
                f"The cosignature of checkpoint {kept.checkpoint_id} does not count: {cause}"
            ) from cause
        count += 1
    return count


def _waiting() -> int:
    """Return how many events wait for a number; refuse one that should have had it long ago."""
    waiting = Event.objects.filter(leaf=None).order_by("pk")
    newest = Checkpoint.objects.order_by("-pk").first()
    if newest and (late := waiting.filter(at__lt=newest.at - LATE).first()):
        raise Wrong(f"Event {late.pk} of {late.at:%Y-%m-%d %H:%M:%S} has no number.")
    return waiting.count()


def _copy(words: str, keys: Iterable[PublicKey]) -> note.Checkpoint:
    """Return what a copy from outside says, if a key of this log signed it."""
    try:
        told = note.read(words)
        said = note.checkpoint(told.text)
    except NotProved as cause:
        raise Wrong(f"The copy from outside cannot be read: {cause}") from cause
    for key in keys:
        try:
            note.verify(told, by=note.Verifier(name=ORIGIN, public=key.ed25519()))
        except NotProved:
            continue
        return said
    raise Wrong("The copy from outside is not signed by a key of this log.")


def _check_copy(said: note.Checkpoint, roots: dict[int, bytes], *, lines: int) -> None:
    if said.size > lines:
        raise Wrong(
            f"The copy from outside is of {said.size} leaves, and only {lines} are there: lines are gone."
        )
    if roots[said.size] != said.root:
        raise Wrong(
            f"The first {said.size} leaves come to another root than the copy from outside says: "
            "the record was written anew since."
        )
