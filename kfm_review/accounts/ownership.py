"""Refuse to start as the owner of the tables: its triggers and grants would bind nobody."""

from django.conf import settings
from django.db import connection

from kfm_review.errors import OwnerRefused

OWNS = """
SELECT count(*) FROM pg_class
WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace
  AND pg_has_role(current_user, relowner, 'MEMBER')
"""
BOUND = ("web", "control", "promoter")


def refuse_owner() -> None:
    """Refuse when this process's role owns a table, may become the owner, or is a superuser."""
    if settings.KFM_PROCESS not in BOUND and settings.KFM_ENV in ("local", "test"):
        return
    with connection.cursor() as cursor:
        cursor.execute(OWNS)
        row = cursor.fetchone()
    connection.close()
    if row is None or row[0]:
        raise OwnerRefused(
            f"The process {settings.KFM_PROCESS or 'without a name'} does not start: its database role owns "
            "the tables, so that no trigger and no grant binds it. Give it a role of its own in DATABASE_URL "
            "(kfm_web, kfm_control or kfm_promoter); the owner's address is for migrations, in "
            "DATABASE_OWNER_URL."
        )
