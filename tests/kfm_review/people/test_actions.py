"""People are invited, granted and let go: by administrators only, never by themselves, each time an event."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection

from kfm_review.accounts.models import Clearance, Role, RoleGrant, User
from kfm_review.audit.models import Event
from kfm_review.errors import Invalid, Missing, NotAllowed, NotPossible, Refused
from kfm_review.people import actions, passwords
from tests.kfm_review.journey import events
from tests.kfm_review.world import NOON, person

pytestmark = pytest.mark.django_db
SOON = NOON.date() + timedelta(days=30)


@pytest.fixture
def admin() -> User:
    return person("ada", "admin")


@pytest.fixture
def rita() -> User:
    return person("rita")


def invite(admin: User, **more: str) -> tuple[User, str]:
    asked = {"username": "olaf", "full_name": "Olaf Berg", "email": "", **more}
    return actions.invite(actor=admin, now=NOON, **asked)


def grant(admin: User, somebody: User, role: str = "reviewer", family: str = "") -> RoleGrant:
    return actions.grant(user_id=somebody.pk, role=role, family=family, actor=admin, now=NOON)


def clear(admin: User, somebody: User, **more: Any) -> Clearance:
    asked = {"label": "restricted", "until": SOON, "actor": admin, "now": NOON, **more}
    return actions.grant_clearance(user_id=somebody.pk, **asked)


def last() -> Event:
    return Event.objects.order_by("-pk")[0]


def test_who_is_invited_comes_in_with_the_password_shown_and_holds_no_role(admin: User) -> None:
    made, password = invite(admin, username=" Olaf ", email="olaf@example.org")
    assert (made.username, made.full_name, made.email, made.roles()) == (
        "olaf",
        "Olaf Berg",
        "olaf@example.org",
        frozenset(),
    )
    assert passwords.sign_in(username="olaf", password=password, address="::1", now=NOON) == made
    event = Event.objects.get(action="person.invited")
    assert (event.actor, event.target, event.at) == (admin, "person:olaf", NOON)


def test_first_passwords_differ_and_are_kept_by_their_hash_only(admin: User) -> None:
    (made, one), (_, other) = invite(admin), invite(admin, username="olga")
    assert one != other
    assert len(one) == 24
    assert one not in made.password
    assert one not in str([event.details for event in Event.objects.all()])


@pytest.mark.parametrize(
    "wrong", [{"username": "ada"}, {"username": "a b"}, {"full_name": " "}, {"email": "no address"}]
)
def test_an_account_that_does_not_fit_is_refused(admin: User, wrong: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        invite(admin, **wrong)
    assert events() == []


def test_a_grant_is_held_and_is_an_event(admin: User, rita: User) -> None:
    made = grant(admin, rita, family="ks_airports")
    assert rita.roles() == {("reviewer", "ks_airports")}
    assert (made.granted_by, made.granted_at) == (admin, NOON)
    event = last()
    assert (event.action, event.actor, event.target) == ("role.granted", admin, "person:rita")
    assert (event.family, event.details) == ("ks_airports", {"role": "reviewer"})


def test_a_grant_that_was_ended_is_held_no_more_and_stays_in_the_record(admin: User, rita: User) -> None:
    ended = actions.end_grant(grant_id=grant(admin, rita).pk, actor=admin, now=NOON)
    assert rita.roles() == frozenset()
    assert (ended.ended_at, ended.ended_by) == (NOON, admin)
    assert events("role") == ["role.granted", "role.ended"]
    grant(admin, rita)
    assert rita.roles() == {("reviewer", "")}


@pytest.mark.parametrize(
    ("role", "family"), [("owner", ""), ("reviewer", "ks_nothing"), ("admin", "ks_airports")]
)
def test_what_cannot_be_granted_is_refused(admin: User, rita: User, role: str, family: str) -> None:
    with pytest.raises(Invalid):
        grant(admin, rita, role, family)
    assert not RoleGrant.objects.filter(user=rita).exists()


def test_nothing_is_granted_twice(admin: User, rita: User) -> None:
    grant(admin, rita)
    with pytest.raises(NotPossible):
        grant(admin, rita)


@pytest.mark.parametrize("act", [grant, clear])
def test_an_administrator_grants_himself_nothing(admin: User, act: Callable[[User, User], object]) -> None:
    with pytest.raises(NotAllowed, match="yourself"):
        act(admin, admin)
    assert events() == []


def test_the_database_grants_nobody_by_himself(admin: User) -> None:
    with pytest.raises(IntegrityError, match="nobody_grants_himself"):
        RoleGrant.objects.create(user=admin, role="reviewer", granted_by=admin, granted_at=NOON)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_nobody_but_administrators_changes_people(admin: User, rita: User, role: Role) -> None:
    other, held = person("mallory", role), grant(admin, rita)
    deeds: list[Callable[[], object]] = [
        lambda: invite(other),
        lambda: grant(other, rita, "steward"),
        lambda: actions.end_grant(grant_id=held.pk, actor=other, now=NOON),
        lambda: clear(other, rita),
        lambda: actions.deactivate(user_id=rita.pk, actor=other, now=NOON),
    ]
    before = events()
    for deed in deeds:
        with pytest.raises(NotAllowed, match="role of admin"):
            deed()
    assert events() == before


def test_an_administrator_of_yesterday_changes_nothing(admin: User, rita: User) -> None:
    second = person("bert", "admin")
    actions.deactivate(user_id=admin.pk, actor=second, now=NOON)
    with pytest.raises(NotAllowed):
        grant(admin, rita)


def test_a_clearance_lets_see_until_a_date_and_a_new_one_takes_its_place(admin: User, rita: User) -> None:
    first = clear(admin, rita)
    second = clear(admin, rita, until=NOON.date() + timedelta(days=1))
    first.refresh_from_db()
    assert (first.ended_at, second.ended_at) == (NOON, None)
    assert last().details == {"label": "restricted", "until": "2026-11-25"}


@pytest.mark.parametrize("wrong", [{"label": "public"}, {"until": NOON.date()}])
def test_a_clearance_for_nothing_or_for_ever_is_refused(
    admin: User, rita: User, wrong: dict[str, Any]
) -> None:
    with pytest.raises(Invalid):
        clear(admin, rita, **wrong)


def test_a_closed_account_holds_nothing_and_comes_in_no_more(admin: User) -> None:
    made, password = invite(admin)
    grant(admin, made)
    clear(admin, made)
    actions.deactivate(user_id=made.pk, actor=admin, now=NOON)
    assert made.roles() == frozenset()
    assert not Clearance.objects.filter(ended_at=None).exists()
    assert events()[-2:] == ["role.ended", "person.deactivated"]
    with pytest.raises(NotAllowed, match="not let in"):
        passwords.sign_in(username="olaf", password=password, address="::1", now=NOON)
    for deed in (lambda: grant(admin, made), lambda: clear(admin, made)):
        with pytest.raises(NotPossible, match="closed"):
            deed()


@pytest.mark.parametrize("by_himself", [True, False])
def test_the_last_administrator_stays(admin: User, *, by_himself: bool) -> None:
    actor = admin
    if not by_himself:  # whose own right ends between the question and the deed
        actor = person("bert", "admin")
        actions.deactivate(user_id=actor.pk, actor=admin, now=NOON)
    with pytest.raises(Refused):
        actions.deactivate(user_id=admin.pk, actor=actor, now=NOON)
    with pytest.raises(Refused):
        actions.end_grant(grant_id=admin.grants.get().pk, actor=actor, now=NOON)
    assert admin.roles() == {("admin", "")}


def test_an_administrator_may_go_when_another_stays(admin: User) -> None:
    person("bert", "admin")
    actions.deactivate(user_id=admin.pk, actor=admin, now=NOON)
    assert admin.roles() == frozenset()


@pytest.mark.django_db(transaction=True)
def test_two_administrators_do_not_let_each_other_go_at_once(admin: User) -> None:
    bert = person("bert", "admin")

    def let_go(pair: tuple[User, User]) -> bool:
        try:
            actions.deactivate(user_id=pair[1].pk, actor=pair[0], now=NOON)
        except Refused:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(2) as threads:
        done = list(threads.map(let_go, [(admin, bert), (bert, admin)]))
    assert sorted(done) == [False, True]
    assert User.objects.filter(is_active=True).count() == 1


def test_who_is_not_there_is_missing(admin: User) -> None:
    for deed in (
        lambda: actions.grant(user_id=0, role="reviewer", family="", actor=admin, now=NOON),
        lambda: actions.end_grant(grant_id=0, actor=admin, now=NOON),
        lambda: actions.deactivate(user_id=0, actor=admin, now=NOON),
    ):
        with pytest.raises(Missing):
            deed()


def test_the_first_administrator_is_made_once_and_granted_by_nobody() -> None:
    made, _ = actions.first_admin(username="ada", full_name="Ada", now=NOON)
    assert made.roles() == {("admin", "")}
    assert events() == ["person.invited", "role.granted"]
    assert last().actor is None
    with pytest.raises(NotPossible, match="already"):
        actions.first_admin(username="bert", full_name="Bert", now=NOON)
