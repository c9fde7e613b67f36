"""Passwords: invented, changed, and asked for at the door, where guessing is made slow."""

import ipaddress
import secrets
from datetime import datetime

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet

from kfm_review.accounts.models import SignIn, User
from kfm_review.audit.record import record
from kfm_review.errors import Invalid, Missing, NotAllowed
from kfm_review.people import rules

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none is taken for another
GROUPS, IN_GROUP = 5, 4
OWN_PAGE = "own page"  # where somebody who is signed in says the password once more
NETWORK_BITS = 64  # what one customer is given of an IPv6 address


def sign_in(*, username: str, password: str, address: str, now: datetime) -> User:
    """Return the person of that name and password; every try is kept, and too many are not heard."""
    name = username.strip().lower()
    tried = _try(name, address=_origin(address), now=now)
    person = User.objects.filter(username=name).first()
    right = _fits(password, person)
    if person is None or not person.is_active or not right:
        raise NotAllowed(
            "You are not let in.",
            cause="The name or the password is not right.",
            next_step="Type both again, or ask an administrator.",
        )
    with transaction.atomic():
        _settle(tried)
        record("person.signed-in", f"person:{person.username}", actor=person, at=now)
    return person


def change(*, user: User, old: str, new: str, now: datetime) -> User:
    """Let a person who knows the password in use choose another; other sessions end."""
    tried = _try(user.username, address=OWN_PAGE, now=now)
    if not _fits(old, User.objects.get(pk=user.pk)):
        raise NotAllowed("The password you use now is another one.", next_step="Type it again.")
    _settle(tried)
    with transaction.atomic():
        person = User.objects.select_for_update().get(pk=user.pk)
        _check(new, person, old=old)
        person.set_password(new)
        person.save(update_fields=["password"])
        record("person.password-changed", f"person:{person.username}", actor=person, at=now)
    return person


def give(*, username: str, now: datetime) -> str:
    """Give somebody who lost it a new password, by command, and return it, shown once."""
    with transaction.atomic():
        person = User.objects.select_for_update().filter(username=username).first()
        if person is None:
            raise Missing(f"There is no account {username[:80]!r}.", next_step="List people to see them all.")
        rules.check_open(active=person.is_active, name=str(person))
        password = invent(person)
        person.save(update_fields=["password"])
        record("person.password-given", f"person:{person.username}", actor=None, at=now)
    return password


def invent(person: User) -> str:
    """Put a new password on `person`, to be saved by the caller, and return it."""
    groups = ("".join(secrets.choice(LETTERS) for _ in range(IN_GROUP)) for _ in range(GROUPS))
    password = "-".join(groups)
    person.set_password(password)
    return password


def _try(username: str, *, address: str, now: datetime) -> SignIn:
    """Keep one try before it is judged, so that many at once count as many; refuse it after too many."""
    tried = SignIn.objects.create(username=username[:150], address=address, at=now, ok=False)
    lately = SignIn.objects.filter(ok=False, counted=True, at__gt=now - rules.WINDOW, at__lte=now)
    wrong = lately.exclude(pk=tried.pk)
    until = rules.closed_until(
        of_account=_moments(_since_last_in(wrong.filter(username=tried.username), tried.username)),
        from_address=() if address == OWN_PAGE else _moments(wrong.filter(address=address)),
    )
    if until is not None:
        tried.counted = False  # what was not heard makes the wait no longer
        tried.save(update_fields=["counted"])
        raise rules.too_many(until, now=now)
    return tried


def _settle(tried: SignIn) -> None:
    tried.ok = True
    tried.save(update_fields=["ok"])


def _since_last_in(tries: QuerySet[SignIn], username: str) -> QuerySet[SignIn]:
    last = SignIn.objects.filter(username=username, ok=True).order_by("-pk").first()
    return tries.filter(pk__gt=last.pk) if last else tries


def _moments(tries: QuerySet[SignIn]) -> tuple[datetime, ...]:
    """Return when the latest of these tries were, the newest first."""
    return tuple(tries.order_by("-at", "-pk").values_list("at", flat=True)[: rules.MOST_FROM_ADDRESS])


def _fits(password: str, person: User | None) -> bool:
    """Answer whether this is the person's password; for nobody it takes as long to say no."""
    if person is None:
        make_password(password)
        return False
    return check_password(password, person.password)


def _check(new: str, person: User, *, old: str) -> None:
    """Refuse a password that is no new one, or that others guess."""
    try:
        validate_password(new, person)
    except ValidationError as weak:
        raise Invalid(
            "This password is not taken.", cause=" ".join(weak.messages), next_step="Choose another."
        ) from weak
    if new == old:
        raise Invalid("This is the password you use already.", next_step="Choose another.")


def _origin(address: str) -> str:
    """Return where a try comes from: one address, or the network that one IPv6 customer is given."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(known, ipaddress.IPv4Address):
        return str(known)
    return str(ipaddress.IPv6Network((known.packed, NETWORK_BITS), strict=False))
