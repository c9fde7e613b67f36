"""The application's database and roles, made by their owner before anything else connects."""

from collections.abc import Mapping
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
from psycopg import sql

from kfm_review.local.refusal import NotStarted

ROLES = ("kfm_web", "kfm_control", "kfm_promoter")


def create(server_url: str, *, name: str) -> None:
    """Make a database on a server of our own, unless it is there."""
    with _connect(server_url) as owner:
        if owner.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is None:
            owner.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))


def admit(owner_url: str, *, passwords: Mapping[str, str]) -> None:
    """Let the application's roles log in; what each may do there is the business of `grant_roles`."""
    with _connect(owner_url) as owner:
        for role in ROLES:
            there = owner.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
            verb = "ALTER" if there else "CREATE"
            owner.execute(
                sql.SQL(verb + " ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(role), passwords[role])
            )


def forget_answers(owner_url: str) -> None:
    """Take away what the processes of an earlier stack have answered: these have to answer themselves."""
    with _connect(owner_url) as owner:
        owner.execute("DELETE FROM outbox_pulse")


def address(owner_url: str, *, role: str, password: str) -> str:
    """Return the same database's address for another role."""
    parts = urlsplit(owner_url)
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{quote(role)}:{quote(password)}@{place}"))


def _connect(url: str) -> psycopg.Connection[tuple[object, ...]]:
    try:
        return psycopg.connect(url, autocommit=True)
    except psycopg.Error as cause:
        raise NotStarted(
            f"The database's owner cannot connect: {cause}\nMend DATABASE_OWNER_URL, or unset it."
        ) from cause
