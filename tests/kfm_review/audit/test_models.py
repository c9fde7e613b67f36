"""What the database itself refuses of the audit record, to every role and to the owner's own words."""

from collections.abc import Iterator, Mapping
from datetime import timedelta

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from kfm_review.audit import sequence
from kfm_review.audit.models import Event
from kfm_review.audit.record import record
from kfm_review.commands import grants
from pipelines import digest
from pipelines.proof import merkle
from tests.conftest import ROLES, ConnectAs
from tests.kfm_review.audit.seal import Seal
from tests.kfm_review.world import NOON, person

BODY = {
    "schema": "kfm/event/1",
    "at": NOON.isoformat(timespec="microseconds"),
    "actor": "rita",
    "action": "a.b",
    "target": "t",
    "family": "f",
    "why": "w",
    "details": {"n": 1},
}
INSERT = """
INSERT INTO audit_event (at, actor_id, action, target, family, why, details, body, leaf_hash)
VALUES (%(at)s, %(actor)s, %(action)s, %(target)s, %(family)s, %(why)s, %(details)s, %(body)s, %(leaf_hash)s)
"""


def row(**other: object) -> dict[str, object]:
    """Return the columns of an event, some of them lying."""
    body = digest.canonical(BODY)
    actor = person("rita").pk
    honest = {
        "at": NOON,
        "actor": actor,
        "details": '{"n": 1}',
        "body": body,
        "leaf_hash": merkle.leaf_hash(body).hex(),
    }
    return {**{name: BODY[name] for name in ("action", "target", "family", "why")}, **honest, **other}


def insert(values: Mapping[str, object]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(INSERT, values)  # type: ignore[arg-type]  # by name


@pytest.mark.django_db
def test_an_event_that_is_as_its_bytes_say_is_written() -> None:
    insert(row())
    assert Event.objects.count() == 1


LIES = {
    "action": "b.c",
    "target": "u",
    "family": "g",
    "why": "",
    "details": '{"n": 2}',
    "at": NOON + timedelta(microseconds=1),
    "actor": None,
}


@pytest.mark.django_db
@pytest.mark.parametrize("column", LIES)
def test_a_column_that_says_other_than_the_bytes_is_refused(column: str) -> None:
    with pytest.raises(DatabaseError, match="say other things than its body"):
        insert(row(**{column: LIES[column]}))


def forged(**other: object) -> dict[str, object]:
    """Return an event whose bytes are others, under their own hash."""
    body = digest.canonical({**BODY, **other})
    return {"body": body, "leaf_hash": merkle.leaf_hash(body).hex()}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "other", [{"actor": "ada"}, {"schema": "kfm/event/2"}, {"more": 1}, {"at": "2026-11-24T12:00:01+00:00"}]
)
def test_bytes_that_say_other_than_the_columns_are_refused(other: dict[str, object]) -> None:
    with pytest.raises(DatabaseError, match="say other things than its body"):
        insert(row(**forged(**other)))


@pytest.mark.django_db
def test_a_name_that_stands_twice_in_the_bytes_is_refused() -> None:
    body = digest.canonical(BODY).replace(b'{"action"', b'{"action":"x.y","action"')
    with pytest.raises(DatabaseError, match="say other things than its body"):
        insert(row(body=body, leaf_hash=merkle.leaf_hash(body).hex()))


@pytest.mark.django_db
@pytest.mark.parametrize("wrong", ["0" * 64, "", merkle.leaf_hash(b"{}").hex()])
def test_a_forged_hash_is_refused(wrong: str) -> None:
    with pytest.raises(DatabaseError, match="not that of its body"):
        insert(row(leaf_hash=wrong))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("role", ROLES)
def test_each_role_writes_true_events_and_no_others(role: str, connect_as: ConnectAs) -> None:
    raw, values = connect_as(role), row()
    raw.execute(INSERT, values)
    with pytest.raises(psycopg.errors.RaiseException, match="not that of its body"):
        raw.execute(INSERT, {**values, "leaf_hash": "0" * 64})


KEPT = ("audit_event", "audit_leaf", "audit_tile", "audit_checkpoint", "audit_cosignature", "audit_conflict")
WRITTEN = {
    "audit_leaf": "INSERT INTO audit_leaf (number, event_id, hash) VALUES (7, 1, '')",
    "audit_tile": "INSERT INTO audit_tile (level, index, hashes, root) VALUES (0, 0, '', '')",
    "audit_checkpoint": (
        "INSERT INTO audit_checkpoint (size, root, note, key, at) VALUES (0, '', '', '', now())"
    ),
    "audit_cosignature": (
        "INSERT INTO audit_cosignature (checkpoint_id, witness, key, line, at) VALUES (1, '', '', '', now())"
    ),
    "audit_conflict": "INSERT INTO audit_conflict (witness, why, at) VALUES ('', '', now())",
}


def deeds(table: str) -> Iterator[str]:
    column = {"audit_leaf": "number", "audit_event": "why"}.get(table, "id")
    yield f"UPDATE {table} SET {column} = {column}"  # noqa: S608  # of the table above
    yield f"DELETE FROM {table}"  # noqa: S608  # of the table above
    yield f"TRUNCATE {table} CASCADE"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("role", ROLES)
def test_no_role_changes_or_empties_any_of_it_and_only_control_adds(role: str, connect_as: ConnectAs) -> None:
    raw = connect_as(role)
    denied = [deed for table in KEPT for deed in deeds(table)]
    denied += WRITTEN.values() if role != grants.CONTROL else ()
    for statement in denied:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            raw.execute(statement.encode())


@pytest.mark.django_db(transaction=True)
def test_the_owner_s_own_words_change_none_of_it() -> None:
    for number in range(256):
        record("a.b", f"t:{number}", actor=None, at=NOON)
    made = sequence.checkpoint(now=NOON, signer=Seal())
    made.cosignatures.create(witness="w", key="k", line="l", at=NOON)
    sequence.alarm(made, witness="w", why="y", now=NOON)
    for table in KEPT:
        for deed in deeds(table):
            refused(deed, match="append-only")


def refused(statement: str, *, match: str) -> None:
    with (
        pytest.raises(DatabaseError, match=match),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


@pytest.mark.django_db
def test_numbers_have_no_gap_and_hashes_are_those_of_the_events() -> None:
    record("a.b", "t", actor=None, at=NOON)
    leaf = "INSERT INTO audit_leaf (number, event_id, hash) SELECT {}, id, {} FROM audit_event"
    refused(leaf.format(1, "decode(leaf_hash, 'hex')"), match="does not follow the last one")
    refused(leaf.format(0, "sha256('x')"), match="has not the hash of its event")


CHECKPOINT = "INSERT INTO audit_checkpoint (size, root, note, key, at) VALUES ({}, '', '', '', now())"


@pytest.mark.django_db
@pytest.mark.parametrize("size", [0, 1, 3])
def test_a_checkpoint_covers_exactly_what_is_there(size: int) -> None:
    for _ in range(2):
        record("a.b", "t", actor=None, at=NOON)
    sequence.sequence()
    refused(CHECKPOINT.format(size), match="does not fit the tree")


@pytest.mark.django_db
def test_a_checkpoint_is_never_of_fewer_leaves_than_the_last() -> None:
    sequence.checkpoint(now=NOON, signer=Seal())
    refused(CHECKPOINT.format(-1), match="does not fit the tree")
