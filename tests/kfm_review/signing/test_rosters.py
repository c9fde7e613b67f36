"""What an attacker tries with rosters: an earlier day upon them, and rows that are none."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from io import StringIO

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management import call_command
from django.db import DatabaseError, transaction
from django.test import Client
from pytest_django import Settings

from kfm_review.errors import NotPossible
from kfm_review.signing import rosters
from kfm_review.signing.models import Roster as Row
from pipelines import digest
from pipelines.proof import envelope, keys, roster
from pipelines.proof.roster import Key, Roster
from tests.kfm_review.roles import WEB, working_as
from tests.kfm_review.signing.governed import NOON, Governed

EVE = Ed25519PrivateKey.from_private_bytes(b"e" * 32)
ENDED = NOON - timedelta(days=2)
HOUR = timedelta(hours=1)


def listed(holder: str, private: Ed25519PrivateKey, **more: object) -> Key:
    told = {"name": holder, "kind": "ssh", "roles": ("governance",), "since": ENDED - 9 * HOUR, "until": None}
    return Key(public=keys.ed25519(private.public_key()), holder=holder, **(told | more))  # type: ignore[arg-type]  # a dict of them


def current() -> Roster:
    found = rosters.current()
    assert found is not None
    return found


def refused(signed: bytes, *, now: datetime) -> str:
    with pytest.raises(NotPossible) as why:
        rosters.adopt(signed, now=now)
    return str(why.value.cause)


@pytest.fixture
def old(db: None, settings: Settings) -> Governed:  # noqa: ARG001  # rows are made
    """Return a house whose roster lists Eve's key until it ended, two days ago."""
    settings.KFM_ROOT = ""
    made = Governed(since=ENDED - 3 * HOUR)
    before = current()
    made.adopt(made.version(before, *before.keys, listed("person:eve", EVE, until=ENDED)))
    return made


def backdated(house: Governed, **more: object) -> bytes:
    """Return the roster by which Eve brings somebody else's key, written as before her own ended."""
    before = current()
    told = {"issued_at": ENDED - HOUR} | more
    friend = listed("person:mallory", Ed25519PrivateKey.generate())
    return house.signed(house.version(before, *before.keys, friend, **told), by=EVE)


def test_a_key_that_ended_signs_no_roster_with_an_earlier_day_upon_it(old: Governed) -> None:
    assert "is not valid at" in refused(backdated(old), now=NOON)
    assert rosters.adopt(backdated(old), now=ENDED - HOUR).version == 3  # while it counted


def test_a_roster_is_not_issued_before_the_one_that_it_follows_was_adopted(old: Governed) -> None:
    assert "older than" in refused(backdated(old, issued_at=old.since - HOUR), now=ENDED - HOUR)
    rosters.adopt(
        old.signed(old.version(current(), *current().keys)), now=ENDED - HOUR
    )  # issued at its `since`
    late = backdated(old, issued_at=ENDED - 2 * HOUR)
    assert "before the version that it follows" in refused(late, now=ENDED - HOUR)


@pytest.mark.parametrize(
    ("issued", "why"),
    [(NOON + timedelta(minutes=6), "yet to come"), (NOON - timedelta(days=8), "more than 7 days")],
)
@pytest.mark.django_db
def test_a_roster_is_issued_shortly_before_it_is_adopted(
    issued: datetime, why: str, settings: Settings
) -> None:
    settings.KFM_ROOT = ""
    house = Governed(since=NOON - timedelta(days=20))
    before = current()
    assert why in refused(house.signed(house.version(before, *before.keys, issued_at=issued)), now=NOON)


@pytest.fixture
def web(governed: Governed) -> Iterator[Governed]:
    """Be whoever took over the web process: its role, and no key."""
    with working_as(WEB):
        yield governed


def write(content: bytes, **more: object) -> Row:
    """Write a row by hand, true to its bytes unless something else is said."""
    read = envelope.read(content)
    found = roster.parse(read.payload)
    told = {"version": found.version, "digest": found.digest, "envelope": content, "at": NOON} | more
    return Row.objects.create(**told)


def unsigned(house: Governed) -> bytes:
    """Return a next version that nobody signed who may: well-formed in all else."""
    before = current()
    friend = listed("person:mallory", EVE)
    return house.signed(house.version(before, *before.keys, friend, issued_at=NOON), by=EVE)


def test_what_is_no_roster_is_no_row(web: Governed) -> None:
    sound = unsigned(web)
    first = rosters.envelopes()[0]
    other = web.signed(replace(web.version(current(), *current().keys), previous="0" * 64))
    seventh = web.signed(replace(web.version(current(), *current().keys), version=7))
    for content, more in (
        (sound, {"envelope": b"junk"}),
        (sound, {"envelope": b"\xff"}),
        (sound, {"envelope": b"{}"}),
        (sound, {"envelope": b'{"payload":"e30="}', "digest": digest.of(b"{}")}),
        (sound, {"digest": "0" * 64}),
        (sound, {"version": 3}),
        (sound, {"version": 2_000_000}),
        (first, {"version": 2}),
        (other, {}),
        (seventh, {"version": 2}),
        (sound, {"at": web.since - HOUR}),
    ):
        with pytest.raises(DatabaseError, match=r"oster"), transaction.atomic():
            write(content, **more)
    assert rosters.strays() == ()


def test_a_row_that_nobody_signed_stands_in_nobodys_way(web: Governed) -> None:
    before = current()
    for _ in range(2):
        write(unsigned(web))
    sound = web.signed(web.version(before, *before.keys, issued_at=NOON))
    taken = replace(envelope.read(sound), signatures=envelope.read(unsigned(web)).signatures)
    write(envelope.write(taken))  # under the digest of the version that is to come
    assert current() == before
    assert {stray.version for stray in rosters.strays()} == {2}
    assert all("not on roster 1" in stray.why or "not of" in stray.why for stray in rosters.strays())
    assert rosters.adopt(sound, now=NOON).version == 2
    assert rosters.envelopes()[-1] == sound
    write(sound)  # once more: the same
    assert [one.version for one in rosters.kept()] == [1, 2]


def test_a_first_version_by_another_root_counts_for_nothing(web: Governed, settings: Settings) -> None:
    before = current()
    root = keys.ed25519(EVE.public_key()).fingerprint
    write(web.signed(web.version(None, listed("person:eve", EVE), root=root), by=EVE))
    assert current() == before
    (stray,) = rosters.strays()
    assert "another root" in stray.why
    settings.KFM_ROOT = ""
    with pytest.raises(rosters.Forged) as why:
        rosters.current()  # nobody says which root is the true one
    assert "2 first versions" in str(why.value.cause)


def test_two_versions_that_both_count_let_nothing_count(governed: Governed) -> None:
    before = current()
    for name in ("one", "other"):
        write(
            governed.signed(
                governed.version(before, *before.keys, listed(f"person:{name}", EVE), issued_at=NOON)
            )
        )
    with pytest.raises(rosters.Forged) as why:
        rosters.current()
    assert "2 versions 2 are signed" in str(why.value.cause)


def test_the_page_and_the_command_tell_of_rows_that_are_none(governed: Governed, client: Client) -> None:
    write(unsigned(governed))
    client.force_login(governed.user("ann"))
    page = client.get("/keys/roster/").content.decode()
    assert "is a row that is none" in page
    assert "not on roster 1" in page
    told = StringIO()
    call_command("roster", "show", stdout=told)
    assert "NO ROSTER: version 2, sha256:" in told.getvalue()
