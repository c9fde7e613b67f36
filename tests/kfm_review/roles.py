"""Work on Django's own connection with the rights of one of the application's roles."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

WEB, CONTROL, PROMOTER = "kfm_web", "kfm_control", "kfm_promoter"


@contextmanager
def working_as(role: str) -> Iterator[None]:
    """Be that role until the end of the block."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET SESSION AUTHORIZATION {role}")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET SESSION AUTHORIZATION")
