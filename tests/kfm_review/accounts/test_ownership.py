"""No process of the application starts as the owner of its tables."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import Settings

from kfm_review.accounts import ownership
from kfm_review.celery import _refuse
from kfm_review.errors import OwnerRefused
from tests.conftest import ROLES
from tests.kfm_review.roles import working_as

pytestmark = pytest.mark.django_db(transaction=True)
EVERY_PROCESS = ("web", "control", "promoter")


@pytest.fixture(params=EVERY_PROCESS)
def process(request: pytest.FixtureRequest, settings: Settings) -> str:
    settings.KFM_PROCESS = request.param
    return str(request.param)


@pytest.mark.usefixtures("process")
def test_the_owner_of_the_tables_is_refused() -> None:
    with pytest.raises(
        OwnerRefused, match=r"does not start: its database role owns the tables.*DATABASE_URL"
    ):
        ownership.refuse_owner()


@pytest.mark.usefixtures("process")
@pytest.mark.parametrize("role", ROLES)
def test_the_application_s_roles_are_let_start(role: str) -> None:
    with working_as(role):
        ownership.refuse_owner()


@pytest.mark.parametrize(
    ("gift", "back"),
    [
        ("GRANT {owner} TO kfm_web", "REVOKE {owner} FROM kfm_web"),
        ("ALTER TABLE audit_event OWNER TO kfm_web", "ALTER TABLE audit_event OWNER TO {owner}"),
        ("ALTER ROLE kfm_web SUPERUSER", "ALTER ROLE kfm_web NOSUPERUSER"),
    ],
)
def test_who_could_become_the_owner_is_refused_too(settings: Settings, gift: str, back: str) -> None:
    settings.KFM_PROCESS = "web"
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        (owner,) = cursor.fetchone() or ("",)
        cursor.execute(gift.format(owner=owner))
        try:
            with working_as("kfm_web"), pytest.raises(OwnerRefused):
                ownership.refuse_owner()
        finally:
            with connection.cursor() as afterwards:
                afterwards.execute(back.format(owner=owner))
            call_command("grant_roles", verbosity=0)


def test_a_process_without_a_name_is_refused_outside_of_one_machine(settings: Settings) -> None:
    settings.KFM_PROCESS, settings.KFM_ENV = "", "production"
    with pytest.raises(OwnerRefused, match="without a name"):
        ownership.refuse_owner()
    settings.KFM_ENV = "local"
    ownership.refuse_owner()


def test_control_and_promoter_ask_before_they_begin(settings: Settings) -> None:
    settings.KFM_PROCESS = "control"
    with pytest.raises(CommandError, match="does not start"):
        call_command("control")
    settings.KFM_PROCESS = "promoter"
    with pytest.raises(SystemExit, match="does not start"):
        _refuse()
