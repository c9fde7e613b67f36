"""How a roster comes to be: nobody brings himself into power, and no version is forked, skipped or forged."""

from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kfm_review.accounts.models import RoleGrant
from kfm_review.audit.models import Event
from kfm_review.commands.rosters import by_root
from kfm_review.errors import NotAllowed, NotPossible
from kfm_review.outbox.models import Message
from kfm_review.people import keys as people_keys
from kfm_review.people import rosters as people
from kfm_review.signing import rosters, statements
from kfm_review.signing.models import Roster as Row
from kfm_review.signing.models import Statement
from pipelines.errors import NotProved
from tests.kfm_review.signing.governed import LATER, NOON, Governed
from tests.kfm_review.world import person


@pytest.fixture
def proposed(governed: Governed) -> Statement:
    """Return version 2, in which Cleo's key comes."""
    governed.enrol("cleo")
    return people.propose(actor=governed.user("cleo"), now=NOON)


def adopt(governed: Governed, statement: Statement, who: str) -> None:
    sig = governed.sign(statement, who)
    made = statements.check(statement=statement, sig=sig, actor=governed.user(who), now=LATER)
    people.adopt(statement, made, actor=governed.user(who), now=LATER)


def test_another_person_signs_and_then_the_key_counts(governed: Governed, proposed: Statement) -> None:
    adopt(governed, proposed, "ann")
    current = rosters.current()
    assert current is not None
    assert current.version == 2
    assert current.find(governed.passkeys["cleo"].public.fingerprint)
    assert people.pending(current) == ()
    said = Event.objects.get(action="roster.adopted")
    assert (said.actor, said.details["signed_by"]) == (
        governed.user("ann"),
        governed.passkeys["ann"].public.fingerprint,
    )
    statement = governed.statement()
    statements.check(
        statement=statement, sig=governed.sign(statement, "cleo"), actor=governed.user("cleo"), now=LATER
    )


def test_nobody_enrols_himself_into_power(governed: Governed, proposed: Statement) -> None:
    with pytest.raises(NotAllowed, match="not on roster 1"):
        adopt(governed, proposed, "cleo")


def test_whoever_holds_a_key_that_changes_does_not_sign(governed: Governed) -> None:
    key = governed.user("ben").keys.get()
    people_keys.retire(key_id=key.pk, actor=governed.user("ben"), why="A new one.", now=NOON)
    governed.enrol("cleo")
    ben = governed.user("ben")
    statement = people.propose(actor=ben, now=NOON)
    made = statements.signed(statement, governed.sign(statement, "ben"), holder="person:ben")
    with pytest.raises(NotPossible) as refused:
        people.adopt(statement, made, actor=ben, now=LATER)
    assert "another must sign it" in str(refused.value.cause)
    assert people.changing(statement) == {"ben", "cleo"}
    assert people.signers(now=LATER, changing=people.changing(statement)) == ("ann",)


def test_a_lost_key_is_retired_by_the_next_roster(governed: Governed) -> None:
    key = governed.user("ben").keys.get()
    people_keys.retire(key_id=key.pk, actor=governed.user("ben"), why="Lost.", now=NOON)
    adopt(governed, people.propose(actor=governed.user("ben"), now=NOON), "ann")
    current = rosters.current()
    assert current is not None
    found = current.find(key.fingerprint)
    assert found is not None
    assert (found.retired_at, found.retired_why, found.live(LATER)) == (NOON, "Lost.", False)


def test_only_governance_of_the_whole_house_proposes_and_adopts(
    governed: Governed, proposed: Statement
) -> None:
    with pytest.raises(NotAllowed):
        people.propose(actor=person("dora", "reviewer", "publisher", "admin"), now=NOON)
    RoleGrant.objects.filter(user=governed.user("ann")).update(family="ks_airports")
    with pytest.raises(NotAllowed):
        adopt(governed, proposed, "ann")


def test_nothing_is_proposed_when_nothing_waits(governed: Governed) -> None:
    with pytest.raises(NotPossible, match="No key waits"):
        people.propose(actor=governed.user("ann"), now=NOON)


def test_a_version_that_was_overtaken_counts_no_more(governed: Governed, proposed: Statement) -> None:
    governed.relist("ben", name="Renamed")
    with pytest.raises(NotPossible) as refused:
        adopt(governed, proposed, "ann")
    assert "does not follow" in str(refused.value.cause)


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"version": 1, "previous": None}, "does not follow"),
        ({"version": 3}, "does not follow"),
        ({"previous": "0" * 64}, "does not follow"),
        ({"root": "SHA256:" + "A" * 43}, "another root"),
    ],
)
def test_a_forked_or_rolled_back_version_is_refused(
    more: dict[str, object], why: str, governed: Governed
) -> None:
    before = rosters.current()
    assert before is not None
    with pytest.raises(NotPossible) as refused:
        people.bring(governed.signed(governed.version(before, *before.keys, **more)), now=NOON)
    assert why in str(refused.value.cause)


def test_a_version_signed_by_nobody_known_or_that_loses_a_key_is_refused(governed: Governed) -> None:
    before = rosters.current()
    assert before is not None
    whole, less = (governed.version(before, *before.keys[:many]) for many in (2, 1))
    forged = governed.signed(whole, by=Ed25519PrivateKey.generate())
    for signed, why in ((forged, "not on roster 1"), (governed.signed(less), "A key left")):
        with pytest.raises(NotPossible) as refused:
            people.bring(signed, now=NOON)
        assert why in str(refused.value.cause)


def test_a_version_brought_by_hand_is_on_record(governed: Governed) -> None:
    before = rosters.current()
    assert before is not None
    found = people.bring(governed.signed(governed.version(before, *before.keys)), now=NOON)
    said = Event.objects.get(action="roster.adopted")
    assert (said.actor, said.target, said.details["signed_by"]) == (None, "roster:2", governed.root_key)
    assert Row.objects.get(version=found.version).digest == found.digest


def test_a_roster_changed_in_the_database_lets_nothing_count(
    governed: Governed, monkeypatch: pytest.MonkeyPatch
) -> None:
    (kept,) = rosters.given()
    broken = replace(kept, envelope=kept.envelope.replace(b'"sig":"U', b'"sig":"V', 1))
    monkeypatch.setattr(rosters, "given", lambda: (broken,))
    with pytest.raises(rosters.Forged):
        rosters.current()
    assert governed.root_key


def test_the_root_signs_only_the_first_keys_of_people(governed: Governed, proposed: Statement) -> None:
    for use in (
        lambda: people.ask_demo_root(statement=proposed, actor=governed.user("cleo"), now=NOON),
        lambda: people.sign_as_root(statement=proposed, private=governed.root, now=NOON),
    ):
        with pytest.raises(NotPossible, match="only the first keys"):
            use()
    assert not Message.objects.exists()


def test_the_root_signs_what_is_lost_away_from_the_server(governed: Governed, proposed: Statement) -> None:
    pae = statements.pae(proposed)
    for content, root in (
        (pae, Ed25519PrivateKey.generate()),
        (pae + b" ", governed.root),
        (b"", governed.root),
    ):
        with pytest.raises(NotProved):
            by_root(content, root=root)
    found = people.bring(by_root(pae, root=governed.root), now=LATER)
    assert (found.version, found.signed_by) == (2, governed.root_key)


def test_the_root_is_asked_while_no_person_has_a_key(governed: Governed) -> None:
    for name in ("ann", "ben"):
        governed.relist(name, retired_at=NOON - timedelta(hours=1), retired_why="Lost.")
    governed.enrol("cleo")
    statement = people.propose(actor=governed.user("cleo"), now=NOON)
    people.ask_demo_root(statement=statement, actor=governed.user("cleo"), now=NOON)
    assert Message.objects.get(queue=people.DEMO_ROOT).body == {"statement": statement.digest}
    found = people.sign_as_root(statement=statement, private=governed.root, now=NOON)
    assert found.find(governed.passkeys["cleo"].public.fingerprint)
