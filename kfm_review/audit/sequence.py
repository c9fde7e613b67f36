"""Number committed events and sign what they come to; one at a time, however many try."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Protocol

from django.db import connection, transaction

from kfm_review.audit import tiles
from kfm_review.audit.models import Checkpoint, Conflict, Leaf
from kfm_review.audit.record import record
from kfm_review.audit.tree import Incomplete

LOCK = (0x4B46, 0x4C4F47)  # our advisory locks, and among them that of the log
BATCH = 2_000
LOOK_BACK = 10_000  # ids below the highest numbered one in which every round looks for late commits
ITSELF = "its own sequencer"

NUMBER = """
INSERT INTO audit_leaf (number, event_id, hash)
SELECT %(next)s + row_number() OVER (ORDER BY id) - 1, id, sha256('\\x00'::bytea || body)
FROM (
    SELECT id, body FROM audit_event event
    WHERE id > %(above)s AND NOT EXISTS (SELECT FROM audit_leaf WHERE event_id = event.id)
    ORDER BY id LIMIT %(batch)s
) AS fresh ORDER BY id
"""


class Signer(Protocol):
    """Whoever holds the sequencer's key."""

    @property
    def fingerprint(self) -> str:
        """Return the fingerprint of its public half."""

    def sign(self, *, size: int, root: bytes) -> str:
        """Return a signed note that says so."""


class LogBroken(Exception):
    """The tree that is kept does not continue what was signed before; nothing more is signed."""


def sequence(*, whole: bool = False) -> int:
    """Give every committed event the next number, and return how many got one.

    A transaction may commit after another that took a higher id. So each round asks which events have
    no number, never which are newer; `whole` asks it of all of them, otherwise of the last ten thousand ids.
    """
    numbered = 0
    while batch := _number(whole=whole):
        numbered += batch
    return numbered


def checkpoint(*, now: datetime, signer: Signer) -> Checkpoint:
    """Sign how many leaves there are and what they come to, after numbering what was committed."""
    sequence()
    broken = ""
    with _alone():
        size = _size()
        tree = tiles.kept(size)
        last = newest()
        try:
            root = tree.root()
            if last and tree.root(last.size).hex() != last.root:
                broken = f"Its first {last.size} leaves no longer come to what checkpoint {last.pk} says."
        except Incomplete as cause:
            broken = str(cause)
        if not broken:
            return Checkpoint.objects.create(
                size=size,
                root=root.hex(),
                note=signer.sign(size=size, root=root),
                key=signer.fingerprint,
                at=now,
            )
    alarm(last, witness=ITSELF, why=broken, now=now)
    raise LogBroken(f"{broken} Nothing is signed until the audit record is as it was; see `audit verify`.")


def alarm(of: Checkpoint | None, *, witness: str, why: str, now: datetime) -> Conflict | None:
    """Write down, once for each checkpoint, that somebody refused a tree."""
    with transaction.atomic():
        if Conflict.objects.filter(checkpoint=of, witness=witness).exists():
            return None
        target = f"audit:{of.pk if of else 0}"
        record("audit.refused", target, actor=None, at=now, why=why, witness=witness)
        return Conflict.objects.create(checkpoint=of, witness=witness, why=why, at=now)


def ask() -> None:
    """Have a checkpoint signed as soon as this transaction is committed."""
    with connection.cursor() as cursor:
        cursor.execute("NOTIFY checkpoint")


def newest() -> Checkpoint | None:
    """Return the checkpoint that was signed last, whatever its clock said."""
    return Checkpoint.objects.order_by("-pk").first()


@contextmanager
def _alone() -> Iterator[None]:
    """Let nobody else number or sign until this transaction ends."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", LOCK)
        yield


def _number(*, whole: bool) -> int:
    with _alone(), connection.cursor() as cursor:
        following = _size()
        above = -1 if whole else _highest() - LOOK_BACK
        cursor.execute(NUMBER, {"next": following, "above": above, "batch": BATCH})
        numbered = int(cursor.rowcount)
        if numbered:
            tiles.finish(following + numbered)
    return numbered


def _size() -> int:
    newest_leaf = Leaf.objects.order_by("-number").first()
    return newest_leaf.number + 1 if newest_leaf else 0


def _highest() -> int:
    newest_leaf = Leaf.objects.order_by("-event_id").first()
    return newest_leaf.event_id if newest_leaf else 0
