"""The database's own catalog says of every right what the table of grants says, and nothing beyond."""

from collections.abc import Iterator

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from kfm_review.commands import grants
from tests.conftest import ROLES

pytestmark = pytest.mark.django_db


def rights() -> set[tuple[str, str, str, str]]:
    """Return what the catalog says: role, table, deed, column."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT grantee, table_name, privilege_type, column_name FROM information_schema.column_privileges
            WHERE table_schema = 'public' AND grantee = ANY (%s)
            UNION ALL
            SELECT grantee, table_name, privilege_type, '' FROM information_schema.table_privileges
            WHERE table_schema = 'public' AND grantee = ANY (%s)
              AND privilege_type NOT IN ('SELECT', 'INSERT', 'UPDATE')
            """,
            [[*ROLES, "PUBLIC"]] * 2,
        )
        return set(cursor.fetchall())


def columns(table: str) -> list[str]:
    with connection.cursor() as cursor:
        return [each.name for each in connection.introspection.get_table_description(cursor, table)]


def wanted() -> Iterator[tuple[str, str, str, str]]:
    """Yield the table of grants in the same words."""
    for table, admitted in grants.TABLES.items():
        for role, may in admitted.items():
            if may.select is not None:
                yield from ((role, table, "SELECT", column) for column in may.select or columns(table))
            if may.insert:
                yield from ((role, table, "INSERT", column) for column in columns(table))
            yield from ((role, table, "UPDATE", column) for column in may.update or ())
            if may.delete:
                yield role, table, "DELETE", ""


def test_the_database_grants_what_the_table_says_and_nothing_beyond() -> None:
    assert rights() == set(wanted())


def test_granting_again_changes_nothing_and_takes_back_what_was_added() -> None:
    before = rights()
    with connection.cursor() as cursor:
        cursor.execute("GRANT DELETE, TRUNCATE ON audit_event TO kfm_web, PUBLIC")
        cursor.execute("GRANT UPDATE (action) ON audit_event TO kfm_control")
    assert rights() != before
    call_command("grant_roles", verbosity=0)
    assert rights() == before


def test_a_table_that_nobody_thought_about_is_refused() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE newcomer (id int)")
    with pytest.raises(CommandError, match="No grant names newcomer"):
        call_command("grant_roles", verbosity=0)


def test_a_database_without_the_roles_is_refused() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER ROLE kfm_promoter RENAME TO kfm_else")
    with pytest.raises(CommandError, match="no role kfm_promoter"):
        call_command("grant_roles", verbosity=0)


def test_only_sessions_may_be_deleted() -> None:
    assert [table for table, may in grants.TABLES.items() if any(one.delete for one in may.values())] == [
        "django_session"
    ]
