"""`manage.py people`: list people, make the first administrator or the demo people, mend a lost password."""

from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from kfm_review.accounts.models import Role, User
from kfm_review.accounts.roles import ALL_FAMILIES
from kfm_review.errors import Refused
from kfm_review.people import actions, passwords, queries

DEMO_ONLY = ("local", "test")
SECOND = "governance-2"  # nobody signs for his own key, and some exceptions need two


class Command(BaseCommand):
    help = "List people, make the first administrator or the demo people, mend a lost password."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name what can be done."""
        deeds = parser.add_subparsers(dest="deed", required=True)
        deeds.add_parser("list", help="everybody, with roles")
        first = deeds.add_parser("first-admin", help="the one who invites all others")
        first.add_argument("username")
        first.add_argument("full_name")
        lost = deeds.add_parser("new-password", help="for somebody who lost it")
        lost.add_argument("username")
        deeds.add_parser("demo", help="one person per role, with KFM_ENV=local only")

    def handle(self, *_: Any, **options: Any) -> None:
        """Do what was asked, or say in a sentence why not."""
        deeds: dict[str, Callable[[dict[str, Any]], None]] = {
            "list": self._list,
            "first-admin": self._first_admin,
            "new-password": self._new_password,
            "demo": self._demo,
        }
        try:
            deeds[options["deed"]](options)
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal

    def _list(self, _: dict[str, Any]) -> None:
        for person in queries.people():
            roles = [f"{role} of {family or 'all families'}" for role, family in sorted(person.roles())]
            state = ", ".join(roles) or ("no role" if person.is_active else "closed")
            self.stdout.write(f"{person.username:<12} {person.full_name:<24} {state}")

    def _first_admin(self, asked: dict[str, Any]) -> None:
        person, password = actions.first_admin(
            username=asked["username"], full_name=asked["full_name"], now=timezone.now()
        )
        self._show({person.username: password}, title=f"{person} is administrator")

    def _new_password(self, asked: dict[str, Any]) -> None:
        password = passwords.give(username=asked["username"], now=timezone.now())
        self._show({asked["username"]: password}, title="A new password")

    def _demo(self, _: dict[str, Any]) -> None:
        """Make one person per role, through the same actions as everybody else."""
        if settings.KFM_ENV not in DEMO_ONLY:
            raise CommandError(
                f"Demo people are refused with KFM_ENV={settings.KFM_ENV}: everybody could know them. "
                "Use `people first-admin` and invite people from the page."
            )
        if User.objects.exists():
            self.stdout.write("There are people already; nobody was added.")
            return
        self._show(_demo_people(), title="Demo people, one per role")

    def _show(self, made: dict[str, str], *, title: str) -> None:
        self.stdout.write(f"{title}; what is shown here is shown only now:")
        for username, password in made.items():
            self.stdout.write(f"  {username:<12} {password}")


@transaction.atomic
def _demo_people() -> dict[str, str]:
    """Make all or none: passwords are shown once."""
    now = timezone.now()
    admin, password = actions.first_admin(username=Role.ADMIN, full_name=_name(Role.ADMIN), now=now)
    made = {admin.username: password}
    for role in Role:
        if role is not Role.ADMIN:
            person, made[role] = actions.invite(
                username=role, full_name=_name(role), email="", actor=admin, now=now
            )
            actions.grant(user_id=person.pk, role=role, family=ALL_FAMILIES, actor=admin, now=now)
    second, made[SECOND] = actions.invite(
        username=SECOND, full_name=f"{_name(Role.GOVERNANCE)} 2", email="", actor=admin, now=now
    )
    actions.grant(user_id=second.pk, role=Role.GOVERNANCE, family=ALL_FAMILIES, actor=admin, now=now)
    return made


def _name(role: Role) -> str:
    return f"Demo {role}"
