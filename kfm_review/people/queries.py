"""Who somebody is here, and all people with what each may do."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from django.contrib.auth.models import AnonymousUser
from django.db.models import Prefetch, Q, QuerySet

from kfm_review.accounts.models import Clearance, RoleGrant, User
from kfm_review.accounts.roles import ALL_FAMILIES, Held
from kfm_review.audit.models import Event
from kfm_review.people import clearance, rules
from kfm_review.people.clearance import Marked
from kfm_review.people.rules import Deed

MOST = 500
REVEALED = "geometry.revealed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """Who looks at a page: the person, with the roles and clearances of this moment."""

    id: int
    name: str
    roles: Held
    labels: frozenset[str]  # what he may see without asking further
    authorities: frozenset[str] = frozenset()  # whose word cleared him, beside the label
    revealed: frozenset[str] = frozenset()  # manifests whose exact geometry he asked for just now
    today: date = date.max  # on which the clearances of others count
    moment: datetime | None = None  # in which exceptions live or not; without one, the day's last

    def __bool__(self) -> bool:
        """Whether anybody looks: nobody is signed in without an id."""
        return bool(self.id)

    @property
    def now(self) -> datetime:
        """Return the moment of looking; the last of the day where only the day is known."""
        return self.moment or datetime.combine(self.today, time.max, tzinfo=UTC)

    @property
    def roles_in_order(self) -> tuple[tuple[str, str], ...]:
        return tuple(sorted(self.roles))

    @property
    def decides_for(self) -> frozenset[str]:
        """Return the families this person may decide for; "" stands for all."""
        return frozenset(family for role, family in self.roles if role in rules.PERMITS[Deed.DECIDE])

    @property
    def may_request(self) -> bool:
        """Whether this person may ask for a run of any family."""
        return any(rules.may_request(self.roles, family) for _, family in self.roles)

    @property
    def may_read_audit(self) -> bool:
        return rules.may_read_audit(self.roles)

    @property
    def may_read_policy(self) -> bool:
        """Whether he reads the audit record, or decides for any family."""
        return self.may_read_audit or bool(self.decides_for)

    @property
    def may_admit(self) -> bool:
        return rules.may_admit(self.roles)

    @property
    def families(self) -> frozenset[str]:
        """Return the families he may look at, even where he is not cleared; "" stands for all."""
        return frozenset(family for role, family in self.roles if role in rules.PERMITS[Deed.LOOK])

    def lacks(self, marked: Marked) -> tuple[str, ...]:
        """Return the clearances that he would need and does not hold."""
        return clearance.lacking(marked, labels=self.labels, authorities=self.authorities)

    def sees(self, marked: Marked) -> bool:
        """Answer whether he is cleared for what is marked so; exact places, and evidence, ask more."""
        return bool(self.roles) and not self.lacks(marked)

    def may(self, deed: Deed, family: str) -> bool:
        """Answer whether this person may do something for a family."""
        return rules.may(deed, self.roles, family)

    def holds(self, role: str, family: str) -> bool:
        """Answer whether this person holds a role for a family."""
        return bool(self.roles & {(role, family), (role, ALL_FAMILIES)})

    def role_for(self, family: str) -> str:
        """Name the role in which this person decides for a family."""
        return " and ".join(rules.acting_as(Deed.DECIDE, self.roles, family))


def viewer(user: User | AnonymousUser, *, today: date, now: datetime | None = None) -> Viewer:
    """Return the person who looks, with what he holds today; without a moment, nothing is revealed to him."""
    if not isinstance(user, User):
        return Viewer(id=0, name="", roles=frozenset(), labels=frozenset())
    live = Clearance.objects.filter(user=user, ended_at__isnull=True, until__gte=today)
    held = tuple(live.values_list("label", flat=True)) if user.is_active else ()
    return Viewer(
        id=user.pk,
        name=str(user),
        roles=user.roles(),
        labels=clearance.labels(held),
        authorities=clearance.authorities(held),
        revealed=_revealed(user, now=now) if held and now else frozenset(),
        today=today,
        moment=now,
    )


def _revealed(user: User, *, now: datetime) -> frozenset[str]:
    """Return the manifests whose exact geometry this person asked for a short while ago."""
    since = now - clearance.REVEALED_FOR
    asked = Event.objects.filter(actor=user, action=REVEALED, at__gt=since, at__lte=now)
    return frozenset(
        digest for details in asked.values_list("details", flat=True) for digest in details["manifests"]
    )


def approvers(family: str, *, roles: Iterable[str]) -> QuerySet[User]:
    """Return the people whose approval counts for a family that asks for one of these roles."""
    return _holders(family, roles=rules.PERMITS[Deed.DECIDE] & set(roles))


def _holders(family: str, *, roles: Iterable[str]) -> QuerySet[User]:
    grants = RoleGrant.objects.filter(
        Q(family=family) | Q(family=ALL_FAMILIES), role__in=sorted(roles), ended_at__isnull=True
    )
    return User.objects.filter(is_active=True, pk__in=grants.values("user")).order_by("full_name", "username")


def cleared(among: Iterable[User], *, marked: Marked, today: date) -> tuple[User, ...]:
    """Return who of these people is cleared on a day for what is marked so."""
    found = tuple(among)
    if not marked.guarded:
        return found
    held: dict[int, set[str]] = {person.pk: set() for person in found}
    live = Clearance.objects.filter(user__in=held, ended_at__isnull=True, until__gte=today)
    for person, label in live.values_list("user", "label"):
        held[person].add(label)
    return tuple(
        person
        for person in found
        if not clearance.lacking(
            marked,
            labels=clearance.labels(held[person.pk]),
            authorities=clearance.authorities(held[person.pk]),
        )
    )


def grantors() -> tuple[User, ...]:
    """Return who grants clearances now."""
    grants = RoleGrant.objects.filter(role__in=rules.PERMITS[Deed.ADMIT], ended_at__isnull=True)
    found = User.objects.filter(is_active=True, pk__in=grants.values("user"))
    return tuple(found.order_by("full_name", "username"))


def holders(*, today: date) -> QuerySet[Clearance]:
    """Return every clearance that counts on a day, with whose it is and who granted it."""
    live = Clearance.objects.filter(ended_at__isnull=True, until__gte=today, user__is_active=True)
    return live.select_related("user", "granted_by").order_by("label", "user__full_name", "user__username")[
        :MOST
    ]


def governance(family: str) -> QuerySet[User]:
    """Return the people who may sign exceptions for a family."""
    return _holders(family, roles=rules.PERMITS[Deed.SIGN_EXCEPTION])


def people() -> QuerySet[User]:
    """Return everybody with the roles and clearances they hold."""
    grants = RoleGrant.objects.filter(ended_at__isnull=True).select_related("granted_by")
    clearances = Clearance.objects.filter(ended_at__isnull=True)
    return User.objects.order_by("-is_active", "full_name", "username").prefetch_related(
        Prefetch("grants", queryset=grants.order_by("role", "family"), to_attr="live_grants"),
        Prefetch("clearances", queryset=clearances.order_by("until"), to_attr="live_clearances"),
    )[:MOST]
