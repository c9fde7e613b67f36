"""Every committed event gets one number, without a gap, whoever counts and however late it was committed."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, connections, transaction

from kfm_review.audit import queries, sequence, tiles
from kfm_review.audit.models import Checkpoint, Conflict, Event, Leaf, Tile
from kfm_review.audit.record import record
from kfm_review.audit.sequence import LogBroken
from tests.kfm_review.audit.seal import Seal
from tests.kfm_review.roles import CONTROL, working_as
from tests.kfm_review.world import NOON


def written(count: int) -> None:
    for number in range(count):
        record("a.b", f"t:{number}", actor=None, at=NOON)


def numbers() -> list[int]:
    return list(Leaf.objects.order_by("number").values_list("number", flat=True))


@pytest.mark.django_db
def test_events_are_numbered_from_nought_in_the_order_in_which_they_are_found() -> None:
    written(3)
    with working_as(CONTROL):
        assert sequence.sequence() == 3
        assert sequence.sequence() == 0
    leaves = Leaf.objects.select_related("event").order_by("number")
    assert [(leaf.number, leaf.event.target) for leaf in leaves] == [(0, "t:0"), (1, "t:1"), (2, "t:2")]
    assert all(bytes(leaf.hash).hex() == leaf.event.leaf_hash for leaf in leaves)


@pytest.mark.django_db(transaction=True)
def test_an_event_committed_after_a_higher_id_is_not_lost() -> None:
    def late() -> int:
        try:
            with transaction.atomic():
                made = record("late", "t", actor=None, at=NOON)
                written_meanwhile()
                return made.pk
        finally:
            connections.close_all()

    def written_meanwhile() -> None:
        with ThreadPoolExecutor(1) as others:
            others.submit(other).result()

    def other() -> None:
        try:
            record("early", "t", actor=None, at=NOON)
            assert sequence.sequence() == 1
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as one:
        low = one.submit(late).result()
    assert low < Event.objects.get(action="early").pk
    assert sequence.sequence() == 1
    assert [leaf.event.action for leaf in Leaf.objects.order_by("number")] == ["early", "late"]


@pytest.mark.django_db
def test_what_lies_far_below_is_found_by_the_whole_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sequence, "LOOK_BACK", 1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('audit_event_id_seq')")
        low = cursor.fetchone()[0]
    written(3)
    assert sequence.sequence() == 3
    made = Event.objects.latest("pk")
    Event.objects.create(**{**fields(made), "id": low})
    assert sequence.sequence() == 0
    assert sequence.sequence(whole=True) == 1
    assert numbers() == [0, 1, 2, 3]


def fields(event: Event) -> dict[str, object]:
    names = ("at", "actor", "action", "target", "family", "why", "details", "body", "leaf_hash")
    return {name: getattr(event, name) for name in names}


@pytest.mark.django_db(transaction=True)
def test_two_who_number_at_once_number_everything_once() -> None:
    written(300)

    def one(_: int) -> int:
        try:
            return sequence.sequence()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as many:
        assert sum(many.map(one, range(4))) == 300
    assert numbers() == list(range(300))
    assert Tile.objects.count() == 1


@pytest.mark.django_db
def test_the_tree_is_that_of_rfc_6962_and_tiles_keep_it() -> None:
    written(515)
    sequence.sequence()
    leaves = [bytes(leaf.hash) for leaf in Leaf.objects.order_by("number")]
    for size in (0, 1, 2, 255, 256, 257, 512, 515):
        assert tiles.kept(size).root() == by_definition(leaves[:size])
    assert [(tile.level, tile.index) for tile in Tile.objects.order_by("index")] == [(0, 0), (0, 1)]


def by_definition(leaves: list[bytes]) -> bytes:
    if len(leaves) < 2:
        return leaves[0] if leaves else hashlib.sha256(b"").digest()
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return hashlib.sha256(b"\x01" + by_definition(leaves[:half]) + by_definition(leaves[half:])).digest()


@pytest.mark.django_db
def test_a_checkpoint_is_signed_also_when_nothing_happened() -> None:
    with working_as(CONTROL):
        first = sequence.checkpoint(now=NOON, signer=Seal())
        again = sequence.checkpoint(now=NOON + timedelta(minutes=1), signer=Seal())
    assert (first.size, first.root) == (0, hashlib.sha256(b"").hexdigest())
    assert (again.size, again.root) == (first.size, first.root)


@pytest.mark.django_db
def test_a_tree_that_does_not_continue_is_not_signed_and_one_alarm_is_raised() -> None:
    written(3)
    sequence.checkpoint(now=NOON, signer=Seal())
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE audit_leaf SET hash = sha256('forged') WHERE number = 1")
        cursor.execute("RESET session_replication_role")
    for minute in (1, 2):
        with pytest.raises(LogBroken, match="first 3 leaves no longer"):
            sequence.checkpoint(now=NOON + timedelta(minutes=minute), signer=Seal())
    assert Checkpoint.objects.count() == 1
    assert Conflict.objects.count() == Event.objects.filter(action="audit.refused").count() == 1
    assert not queries.head(NOON).consistent


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("seconds", "fresh"), [(0, True), (180, True), (181, False), (-5, True), (-6, False)]
)
def test_a_head_is_fresh_within_what_policy_allows(seconds: int, fresh: bool) -> None:  # noqa: FBT001  # a table
    sequence.checkpoint(now=NOON, signer=Seal())
    found = queries.head(NOON + timedelta(seconds=seconds))
    assert (found.fresh, found.witnessed, found.consistent) == (fresh, False, True)


@pytest.mark.django_db
def test_without_any_checkpoint_nothing_is_good() -> None:
    found = queries.head(NOON)
    assert (found.fresh, found.witnessed, found.consistent, len(found.problems)) == (False, False, False, 1)


@pytest.mark.django_db
def test_a_clock_that_was_set_back_makes_the_newest_checkpoint_an_old_one() -> None:
    sequence.checkpoint(now=NOON, signer=Seal())
    sequence.checkpoint(now=NOON - timedelta(hours=1), signer=Seal())
    assert not queries.head(NOON).fresh
    sequence.checkpoint(now=NOON, signer=Seal())
    assert queries.head(NOON).fresh
