"""What happens to people: invited, granted roles and clearances, let go."""

from collections.abc import Collection
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import connection, transaction

from kfm_review.accounts.models import Clearance, Role, RoleGrant, User
from kfm_review.accounts.roles import ALL_FAMILIES
from kfm_review.audit.record import record
from kfm_review.errors import Invalid, Missing
from kfm_review.people import passwords, rules
from kfm_review.people.rules import Deed
from pipelines import spec

ONE_AT_A_TIME = 0x4B46_50  # the advisory lock of whoever changes what people may do


def first_admin(*, username: str, full_name: str, now: datetime) -> tuple[User, str]:
    """Make the first administrator, by command, and return him with his password; he invites all others."""
    with transaction.atomic():
        _lock()
        rules.check_first(admins=_admins())
        person, password = _make(username, full_name, email="", by=None, now=now)
        _grant(person, Role.ADMIN, family=ALL_FAMILIES, by=None, now=now)
    return person, password


def invite(*, username: str, full_name: str, email: str, actor: User, now: datetime) -> tuple[User, str]:
    """Make an account without any role, and return it with its first password, shown once."""
    with transaction.atomic():
        _admit(actor)
        return _make(username, full_name, email=email, by=actor, now=now)


def grant(*, user_id: int, role: str, family: str, actor: User, now: datetime) -> RoleGrant:
    """Give a person a role, for one family or for all."""
    with transaction.atomic():
        _admit(actor)
        rules.check_not_oneself(actor=actor.pk, subject=user_id)
        wanted = rules.check_role(role)
        rules.check_family(wanted, family, known=spec.names())
        person = _open(user_id)
        rules.check_not_held(wanted, family, held=person.roles(), name=str(person))
        return _grant(person, wanted, family=family, by=actor, now=now)


def end_grant(*, grant_id: int, actor: User, now: datetime) -> RoleGrant:
    """Take a role back."""
    with transaction.atomic():
        _admit(actor)
        held = RoleGrant.objects.select_related("user").filter(pk=grant_id, ended_at=None).first()
        if held is None:
            raise Missing("This role is held no more.", next_step="Reload the page to see who holds what.")
        if held.role == Role.ADMIN:
            rules.check_admin_remains(admins=_admins(), leaves=held.user_id)
        _end(held, by=actor, now=now)
    return held


def grant_clearance(*, user_id: int, label: str, until: date, actor: User, now: datetime) -> Clearance:
    """Let a person see a label until a date; a new date takes the old one's place."""
    with transaction.atomic():
        _admit(actor)
        rules.check_not_oneself(actor=actor.pk, subject=user_id)
        said = rules.check_clearance(label, until=until, today=now.date())
        person = _open(user_id)
        person.clearances.filter(label=said, ended_at=None).update(ended_at=now)
        made = Clearance.objects.create(
            user=person, label=said, until=until, granted_by=actor, granted_at=now
        )
        _note("clearance.granted", person, by=actor, now=now, label=said, until=until.isoformat())
    return made


def end_clearance(*, clearance_id: int, actor: User, now: datetime) -> Clearance:
    """Take a clearance back at once; what was revealed under it closes, too."""
    with transaction.atomic():
        _admit(actor)
        held = Clearance.objects.select_related("user").filter(pk=clearance_id, ended_at=None).first()
        if held is None:
            raise Missing(
                "This clearance is held no more.", next_step="Reload the page to see who holds what."
            )
        held.ended_at = now
        held.save(update_fields=["ended_at"])
        _note("clearance.ended", held.user, by=actor, now=now, label=held.label)
    return held


def deactivate(*, user_id: int, actor: User, now: datetime) -> User:
    """Close an account for good: its sessions end, and so does everything it was granted."""
    with transaction.atomic():
        _admit(actor)
        person = _open(user_id)
        rules.check_admin_remains(admins=_admins(), leaves=person.pk)
        for held in person.grants.filter(ended_at=None).select_related("user").order_by("pk"):
            _end(held, by=actor, now=now)
        person.clearances.filter(ended_at=None).update(ended_at=now)
        person.is_active = False
        person.save(update_fields=["is_active"])
        _note("person.deactivated", person, by=actor, now=now)
    return person


def _admit(actor: User) -> None:
    """Refuse whoever is no administrator now, and let nobody else change people meanwhile."""
    _lock()
    rules.check_may(Deed.ADMIT, actor.roles())


def _lock() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])


def _open(user_id: int) -> User:
    person = User.objects.filter(pk=user_id).first()
    if person is None:
        raise Missing("There is no such person.", next_step="Choose one from the list of people.")
    rules.check_open(active=person.is_active, name=str(person))
    return person


def _admins() -> Collection[int]:
    """Return who may admit people now."""
    live = RoleGrant.objects.filter(role=Role.ADMIN, family=ALL_FAMILIES, ended_at=None)
    return frozenset(live.filter(user__is_active=True).values_list("user", flat=True))


def _make(username: str, full_name: str, *, email: str, by: User | None, now: datetime) -> tuple[User, str]:
    person = User(
        username=rules.check_username(username),
        full_name=rules.check_full_name(full_name),
        email=email.strip(),
        created_at=now,
    )
    password = passwords.invent(person)
    try:
        person.full_clean()
    except ValidationError as wrong:
        raise Invalid(
            "This account cannot be made.",
            cause=" ".join(wrong.messages),
            next_step="Change what is wrong and try again.",
        ) from wrong
    person.save(force_insert=True)
    _note("person.invited", person, by=by, now=now)
    return person, password


def _grant(person: User, role: Role, *, family: str, by: User | None, now: datetime) -> RoleGrant:
    made = RoleGrant.objects.create(user=person, role=role, family=family, granted_by=by, granted_at=now)
    _note("role.granted", person, by=by, now=now, family=family, role=role)
    return made


def _end(held: RoleGrant, *, by: User, now: datetime) -> None:
    held.ended_at, held.ended_by = now, by
    held.save(update_fields=["ended_at", "ended_by"])
    _note("role.ended", held.user, by=by, now=now, family=held.family, role=held.role)


def _note(
    action: str, person: User, *, by: User | None, now: datetime, family: str = "", **details: str
) -> None:
    record(action, f"person:{person.username}", actor=by, at=now, family=family, **details)
