"""`manage.py people`: the first administrator, the demo people, lost passwords."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from kfm_review.accounts.models import Role, User
from kfm_review.people import passwords
from tests.kfm_review.journey import events
from tests.kfm_review.world import NOON, person

pytestmark = pytest.mark.django_db


def people(*words: str) -> str:
    said = StringIO()
    call_command("people", *words, stdout=said)
    return said.getvalue()


def shown(said: str) -> dict[str, str]:
    """Return the passwords that were shown, by account name."""
    return dict(line.split() for line in said.splitlines()[1:])


def test_demo_makes_somebody_for_every_role_who_can_come_in() -> None:
    made = shown(people("demo"))
    assert set(made) == {*Role, "governance-2"}  # nobody signs for his own key
    for name, password in made.items():
        demo = passwords.sign_in(username=name, password=password, address="::1", now=NOON)
        assert demo.roles() == {(name.removesuffix("-2"), "")}


def test_demo_people_are_granted_by_their_administrator_as_everybody_is() -> None:
    people("demo")
    assert events().count("role.granted") == len(Role) + 1
    assert User.objects.get(username="reviewer").grants.get().granted_by == User.objects.get(username="admin")


def test_a_second_demo_makes_nobody_and_shows_nothing() -> None:
    people("demo")
    before = events()
    assert people("demo") == "There are people already; nobody was added.\n"
    assert events() == before


@pytest.mark.parametrize("where", ["production", "stage", ""])
def test_demo_people_are_refused_wherever_others_could_reach_them(settings: Settings, where: str) -> None:
    settings.KFM_ENV = where
    with pytest.raises(CommandError, match="refused with KFM_ENV"):
        people("demo")
    assert not User.objects.exists()


def test_the_first_administrator_is_shown_a_password_once() -> None:
    made = shown(people("first-admin", "ada", "Ada Lovelace"))
    assert (
        passwords.sign_in(username="ada", password=made["ada"], address="::1", now=NOON).full_name
        == "Ada Lovelace"
    )
    with pytest.raises(CommandError, match="There is an administrator already"):
        people("first-admin", "bert", "Bert")


def test_a_lost_password_is_mended() -> None:
    person("rita")
    made = shown(people("new-password", "rita"))
    assert passwords.sign_in(username="rita", password=made["rita"], address="::1", now=NOON)


def test_everybody_is_listed_with_what_he_holds() -> None:
    person("rita", "reviewer", "steward", family="ks_airports")
    person("nils")
    User.objects.filter(username="nils").update(is_active=False)
    rita, nils = people("list").splitlines()
    assert "reviewer of ks_airports, steward of ks_airports" in rita
    assert nils.endswith("closed")
