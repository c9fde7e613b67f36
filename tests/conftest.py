"""What every test may ask for: a clean database, and raw connections to it as the application's roles."""

from collections.abc import Callable, Iterable, Iterator

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection
from hypothesis import HealthCheck, settings
from psycopg import sql
from pytest_django import DjangoDbBlocker

# A busy machine is no fault of what is tried.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")

ROLES = ("kfm_web", "kfm_control", "kfm_promoter")

Raw = psycopg.Connection[tuple[object, ...]]
ConnectAs = Callable[[str], Raw]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:  # noqa: ARG001  # goes first
    """Make the schema as its owner, then give the application's roles their grants, as `up` does."""
    with django_db_blocker.unblock():
        with connection.cursor() as cursor:
            for role in ROLES:
                cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
                if cursor.fetchone() is None:
                    cursor.execute(f"CREATE ROLE {role} LOGIN")
        call_command("grant_roles", verbosity=0)
        _flush_past_triggers()


def _flush_past_triggers() -> None:
    """Let the tables be emptied after a transactional test, although triggers forbid it to everybody."""
    flush = connection.ops.execute_sql_flush

    def flush_as_replica(sql_list: Iterable[str]) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
            try:
                flush(sql_list)
            finally:
                cursor.execute("RESET session_replication_role")

    connection.ops.execute_sql_flush = flush_as_replica  # type: ignore[method-assign]  # in tests only


@pytest.fixture
def connect_as(transactional_db: None) -> Iterator[ConnectAs]:  # noqa: ARG001  # rows must be committed to be seen
    """Open connections that may do what a role of the application may, and no more."""
    opened: list[Raw] = []

    def connect(role: str) -> Raw:
        raw = psycopg.connect(**connection.get_connection_params(), autocommit=True)
        raw.execute(sql.SQL("SET SESSION AUTHORIZATION {}").format(sql.Identifier(role)))
        opened.append(raw)
        return raw

    yield connect
    for raw in opened:
        raw.close()
