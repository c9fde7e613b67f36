"""`manage.py grant_roles`: give each process's database role what it needs, and take away all else."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from kfm_review.commands import grants

THERE = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
MISSING = "SELECT name FROM unnest(%s::text[]) AS name WHERE name NOT IN (SELECT rolname FROM pg_roles)"


class Command(BaseCommand):
    help = "Bring the rights of kfm_web, kfm_control and kfm_promoter to what the table of grants says."

    @transaction.atomic
    def handle(self, *_: Any, **options: Any) -> None:
        """Do it in one transaction, so that nobody who works meanwhile finds a right missing."""
        with connection.cursor() as cursor:
            cursor.execute(MISSING, [list(grants.ROLES)])
            if missing := [name for (name,) in cursor.fetchall()]:
                raise CommandError(f"The database has no role {', '.join(missing)}: make it, with LOGIN.")
            cursor.execute(THERE)
            _check_named({name for (name,) in cursor.fetchall()})
            for statement in grants.statements():
                cursor.execute(statement)
        if options["verbosity"]:
            self.stdout.write(f"{len(grants.TABLES)} tables, {len(grants.ROLES)} roles.")


def _check_named(there: set[str]) -> None:
    """Refuse a table that the grants do not name: nobody thought about who may touch it."""
    unnamed, unmade = there - set(grants.TABLES), set(grants.TABLES) - there
    if unnamed:
        raise CommandError(
            f"No grant names {', '.join(sorted(unnamed))}: add it to kfm_review.commands.grants."
        )
    if unmade:
        raise CommandError(f"There is no table {', '.join(sorted(unmade))}: run `manage.py migrate` first.")
