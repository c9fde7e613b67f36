"""Whose signature of a statement counts: the right person's, of this very statement, here, now, once."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.db.models import F, Model
from pytest_django import Settings

from kfm_review.accounts.models import RoleGrant
from kfm_review.errors import NotAllowed, NotPossible, Refused
from kfm_review.people import keys as people
from kfm_review.signing import rosters, rules, statements
from kfm_review.signing.models import Key, Retirement, Roster, Signature, Statement
from pipelines.proof import envelope
from tests.kfm_review.signing.governed import LATER, NOON, Governed
from tests.kfm_review.signing.passkey import PRESENT, VERIFIED, Passkey

Sign = Callable[[Governed, Statement], bytes]


def check(governed: Governed, statement: Statement, sig: bytes, *, who: str = "ben", **more: Any) -> Any:
    return statements.check(statement=statement, sig=sig, actor=governed.user(who), **({"now": LATER} | more))


def test_a_signature_by_a_listed_passkey_counts(governed: Governed) -> None:
    statement = governed.statement()
    made = check(governed, statement, governed.sign(statement, "ben"))
    assert (made.holder, made.fingerprint) == ("person:ben", governed.passkeys["ben"].public.fingerprint)
    assert envelope.read(made.envelope).payload == bytes(statement.body)


def _login(governed: Governed, _: Statement) -> bytes:
    """Return what a passkey answered when it was asked something else, such as to sign in."""
    return governed.passkeys["ben"].sign(b"a challenge to sign in", namespace=rules.NAMESPACES["exception"])


def _another(governed: Governed, _: Statement) -> bytes:
    return governed.sign(governed.statement(why="another"), "ben")


def _elsewhere(governed: Governed, statement: Statement) -> bytes:
    away = replace(governed.passkeys["ben"], origin="http://kfm-review.example")
    return away.sign(statements.challenge(statement), namespace=rules.NAMESPACES["exception"])


def _other_place(governed: Governed, statement: Statement) -> bytes:
    away = replace(governed.passkeys["ben"], rp_id="kfm-review.example")
    return away.sign(statements.challenge(statement), namespace=rules.NAMESPACES["exception"])


def _stranger(_: Governed, statement: Statement) -> bytes:
    return Passkey().sign(statements.challenge(statement), namespace=rules.NAMESPACES["exception"])


REFUSED: tuple[tuple[str, Sign, str], ...] = (
    ("a login assertion", _login, "another challenge"),
    ("another statement's signature", _another, "another challenge"),
    ("another origin", _elsewhere, "not on the roster"),
    ("another rpId", _other_place, "not on roster 1"),
    ("a key that nobody listed", _stranger, "not on roster 1"),
    ("a key that its holder enrolled himself", lambda g, s: g.sign(s, "cleo"), "not on roster 1"),
    ("another person's key", lambda g, s: g.sign(s, "ann"), "person:ann's"),
    ("nobody verified", lambda g, s: g.sign(s, "ben", flags=PRESENT), "did not verify"),
    ("nobody present", lambda g, s: g.sign(s, "ben", flags=VERIFIED), "did not verify"),
    ("a new passkey's answer", lambda g, s: g.sign(s, "ben", kind="webauthn.create"), "another type"),
    ("from within a frame", lambda g, s: g.sign(s, "ben", crossOrigin=True), "another site"),
    ("another namespace", lambda g, s: g.sign(s, "ben", namespace=rules.NAMESPACES["roster"]), "not for"),
    ("no signature at all", lambda _, __: b"SSHSIG", "ends too early"),
    ("far too much", lambda _, __: b"SSHSIG" * 10_000, "at most"),
)


@pytest.mark.parametrize(("sign", "why"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_what_is_not_this_persons_signature_of_this_is_refused(
    sign: Sign, why: str, governed: Governed
) -> None:
    statement = governed.statement()
    who = "cleo" if "himself" in why else "ben"
    with pytest.raises(NotAllowed) as refused:
        check(governed, statement, sign(governed, statement), who=who)
    assert why in str(refused.value.cause)


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"retired_at": LATER - timedelta(minutes=1), "retired_why": "Lost."}, "was retired (Lost.)"),
        ({"until": LATER}, "is not valid"),
        ({"since": LATER + timedelta(seconds=1)}, "is not valid"),
        ({"roles": ("publisher",)}, "has not the role governance"),
        ({"roles": ()}, "has not the role governance"),
    ],
)
def test_a_key_counts_only_in_its_time_and_role(told: dict[str, Any], why: str, governed: Governed) -> None:
    statement = governed.statement()
    governed.relist("ben", **told)
    with pytest.raises(NotAllowed) as refused:
        check(governed, statement, governed.sign(statement, "ben"))
    assert why in str(refused.value.cause)


def test_a_key_that_was_retired_here_counts_no_more_before_any_roster_says_so(governed: Governed) -> None:
    statement = governed.statement()
    key = governed.user("ben").keys.get()
    people.retire(key_id=key.pk, actor=governed.user("ben"), why="It was stolen.", now=NOON)
    with pytest.raises(NotAllowed) as refused:
        check(governed, statement, governed.sign(statement, "ben"))
    assert refused.value.cause == "The key is retired."


def test_whoever_left_governance_signs_no_more_although_the_roster_lists_him(governed: Governed) -> None:
    statement = governed.statement()
    RoleGrant.objects.filter(user=governed.user("ben")).update(ended_at=NOON)
    with pytest.raises(NotAllowed, match="You may not sign"):
        check(governed, statement, governed.sign(statement, "ben"))


def test_a_signature_is_taken_once(governed: Governed) -> None:
    statement = governed.statement()
    made = check(governed, statement, governed.sign(statement, "ben"))
    statements.keep(made, by=governed.user("ben"), now=LATER)
    again = check(governed, statement, governed.sign(statement, "ben"))
    with pytest.raises(NotPossible, match="signed this already"):
        statements.keep(again, by=governed.user("ben"), now=LATER)


def test_what_waited_for_over_a_week_is_not_signed(governed: Governed) -> None:
    statement = governed.statement()
    for now in (NOON - timedelta(seconds=1), NOON + rules.SIGNED_WITHIN):
        with pytest.raises(NotPossible, match="too old"):
            check(governed, statement, governed.sign(statement, "ben"), now=now)


def test_every_statement_has_its_own_nonce_and_id(governed: Governed) -> None:
    first, second = (statements.read(governed.statement()).predicate for _ in range(2))
    assert len(first["nonce"]) == 32
    for name in ("id", "nonce"):
        assert first[name] != second[name]


def test_an_altered_statement_is_neither_shown_nor_signed(governed: Governed) -> None:
    statement = governed.statement()
    sig = governed.sign(statement, "ben")
    statement.body = bytes(statement.body).replace(b'"x"', b'"y"')
    for use in (lambda: statements.read(statement), lambda: check(governed, statement, sig)):
        with pytest.raises(NotPossible, match="not what its name says"):
            use()


@pytest.mark.parametrize("kept", [Key, Retirement, Statement, Signature, Roster])
def test_nothing_of_it_is_changed_or_taken_away(kept: type[Model], governed: Governed) -> None:
    statement = governed.statement()
    made = check(governed, statement, governed.sign(statement, "ben"))
    statements.keep(made, by=governed.user("ben"), now=LATER)
    key = governed.user("ben").keys.get()
    people.retire(key_id=key.pk, actor=governed.user("ben"), why="Lost.", now=NOON)
    rows, name = kept._default_manager.all(), kept._meta.pk.name
    delete: Callable[[str], object] = rows._raw_delete  # past what protects rows in Python
    changes: tuple[Callable[[], object], ...] = (
        lambda: rows.update(**{name: F(name)}),
        lambda: delete(rows.db),
    )
    for change in changes:
        with pytest.raises(DatabaseError, match="append"), transaction.atomic():
            change()


def test_without_a_roster_nobodys_key_counts(governed: Governed, monkeypatch: pytest.MonkeyPatch) -> None:
    statement = governed.statement()
    monkeypatch.setattr(rosters, "given", lambda: ())
    with pytest.raises(NotAllowed, match="Nobody's key counts yet"):
        check(governed, statement, governed.sign(statement, "ben"))


def test_without_a_pinned_root_no_roster_counts_outside_ones_own_machine(
    governed: Governed, settings: Settings
) -> None:
    settings.KFM_ROOT = ""
    assert rosters.current() is not None
    settings.KFM_ENV = "production"
    statement = governed.statement()
    with pytest.raises(Refused, match="No root is pinned"):
        check(governed, statement, governed.sign(statement, "ben"))


def test_another_pinned_root_lets_nothing_count(governed: Governed, settings: Settings) -> None:
    settings.KFM_ROOT = governed.passkeys["ben"].public.fingerprint
    with pytest.raises(rosters.Forged, match="cannot be trusted"):
        rosters.current()
