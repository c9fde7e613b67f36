"""Events: canonical bytes, a leaf hash that anybody can make again, and nothing outside the transaction."""

import hashlib
import json
from datetime import timedelta, timezone

import pytest
from django.db import transaction

from kfm_review.audit.models import Event
from kfm_review.audit.record import record
from pipelines import digest
from pipelines.errors import NotStrict
from pipelines.proof import merkle
from tests.kfm_review.world import NOON, person

pytestmark = pytest.mark.django_db


def test_an_event_says_who_did_what_to_what_why_and_when() -> None:
    rita = person("rita")
    made = record("review.decided", "review:7", actor=rita, at=NOON, why="Right.", family="ks_airports", n=1)
    made.refresh_from_db()
    assert (made.actor, made.action, made.target, made.why) == (rita, "review.decided", "review:7", "Right.")
    assert (made.at, made.family, made.details) == (NOON, "ks_airports", {"n": 1})


def test_its_bytes_are_canonical_and_say_the_same() -> None:
    made = record(
        "run.requested", "run:1", actor=None, at=NOON, why="Für München", zebra=True, apple=["b", "a"]
    )
    body = bytes(made.body)
    assert body.decode() == (
        '{"action":"run.requested","actor":null,"at":"2026-11-24T12:00:00.000000+00:00",'
        '"details":{"apple":["b","a"],"zebra":true},"family":"","schema":"kfm/event/1","target":"run:1",'
        '"why":"Für München"}'
    )
    assert digest.canonical(json.loads(body)) == body


def test_the_same_moment_in_another_time_zone_makes_the_same_bytes() -> None:
    kansas = NOON.astimezone(timezone(timedelta(hours=-6)))
    one, other = (record("a.b", "t", actor=None, at=at) for at in (NOON, kansas))
    assert bytes(one.body) == bytes(other.body)


def test_the_leaf_hash_is_that_of_rfc_6962() -> None:
    made = record("a.b", "t", actor=None, at=NOON)
    assert made.leaf_hash == hashlib.sha256(b"\x00" + bytes(made.body)).hexdigest()
    assert merkle.leaf_hash(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"


def test_what_has_no_canonical_form_is_no_event() -> None:
    with pytest.raises(NotStrict):
        record("a.b", "t", actor=None, at=NOON, huge=2**60)
    assert not Event.objects.exists()


def test_a_change_that_is_taken_back_leaves_no_event() -> None:
    def change() -> None:
        with transaction.atomic():
            record("a.b", "t", actor=None, at=NOON)
            raise LookupError

    with pytest.raises(LookupError):
        change()
    assert not Event.objects.exists()
