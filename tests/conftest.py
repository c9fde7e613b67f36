"""What every test may ask for: a clean database, and raw connections to it as the application's roles."""

from collections.abc import Callable, Iterator, Sequence

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection
from psycopg import sql
from pytest_django import DjangoDbBlocker

ROLES = ("kfm_web", "kfm_control", "kfm_promoter")

Raw = psycopg.Connection[tuple[object, ...]]
ConnectAs = Callable[[str], Raw]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:  # noqa: ARG001  # goes first
    """Make the schema as its owner, then give the application's roles their grants, as `manage.py up` does."""
    with django_db_blocker.unblock():
        with connection.cursor() as cursor:
            for role in ROLES:
                cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
                if cursor.fetchone() is None:
                    cursor.execute(f"CREATE ROLE {role} LOGIN")
        call_command("grant_roles", verbosity=0)
        flush = connection.ops.execute_sql_flush
        connection.ops.execute_sql_flush = lambda statements: _past_triggers(flush, statements)  # type: ignore[method-assign]  # see there


def _past_triggers(flush: Callable[[Sequence[str]], object], statements: Sequence[str]) -> None:
    """Empty the tables after a transactional test, although triggers forbid it to everybody."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        try:
            flush(statements)
        finally:
            cursor.execute("RESET session_replication_role")


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
