"""What a signature brings about, by the kind of statement: one line for each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from kfm_review.accounts.models import User
from kfm_review.errors import NotAllowed
from kfm_review.people import rosters
from kfm_review.people.queries import Viewer
from kfm_review.people.rules import Deed as Permit
from kfm_review.releases import standing
from kfm_review.reviews import excusing
from kfm_review.runs import withheld
from kfm_review.runs.models import Manifest
from kfm_review.runs.withheld import Sight
from kfm_review.signing import statements
from kfm_review.signing.models import Statement
from kfm_review.signing.statements import Signed
from kfm_review.waivers import areas
from kfm_review.waivers import queries as exceptions
from kfm_review.waivers import rules as waivers
from kfm_review.web.exceptions import could_sign

GUARDED = "It is about a guarded run: it takes clearance, and the exact places revealed on its desk."
Act = Callable[[Statement, Signed, User, datetime], str]


def withheld_from(viewer: Viewer, statement: Statement) -> str:
    """Say why somebody may not read what is said of a guarded run, keys and places with it, or nothing."""
    about = Manifest.objects.filter(pk__in=statements.read(statement).subjects.values())
    may = withheld.whether(withheld.exact(viewer))
    if not about.alias(may=may).filter(may=False).exists():
        return ""
    return GUARDED


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """What signing one kind of statement does, in a sentence, and the action that does it.

    `act` verifies what only its domain knows, keeps the signature by `statements.keep` in its own
    transaction, and returns the address to go to. `hidden` says why a viewer may not read it, `own` why he
    is too near to it to sign, or nothing; `others` names who could, `changes` says what it would change,
    `way` names the pages that lead to it.
    The page tells all that; `act` decides.
    """

    title: str
    consequence: str
    act: Act
    hidden: Callable[[Viewer, Statement], str] = withheld_from
    own: Callable[[Viewer, Statement], str] = lambda _viewer, _statement: ""
    others: Callable[[Statement, datetime], tuple[str, ...]] = lambda _statement, _now: ()
    changes: Callable[[Statement], tuple[str, ...]] = lambda _statement: ()
    here: str = "keys"
    way: Callable[[Statement], tuple[tuple[str, str], ...]] = lambda _statement: (("Keys", reverse("keys")),)

    def barred(self, viewer: Viewer) -> str:
        """Say why this viewer may not sign, or nothing when he may."""
        return "" if viewer.may(Permit.SIGN_EXCEPTION, "") else "It takes the role of governance."


def _roster(statement: Statement, signed: Signed, actor: User, now: datetime) -> str:
    rosters.adopt(statement, signed, actor=actor, now=now)
    return reverse("roster")


def _own_roster(viewer: Viewer, statement: Statement) -> str:
    changing = rosters.changing(statement)
    mine = User.objects.filter(pk=viewer.id, username__in=changing).exists()
    return "A key of yours changes in it, and nobody brings himself into power." if mine else ""


def _other_signers(statement: Statement, now: datetime) -> tuple[str, ...]:
    return rosters.signers(now=now, changing=rosters.changing(statement))


def _standing(statement: Statement, signed: Signed, actor: User, now: datetime) -> str:
    made = standing.grant(statement, signed, actor, now)
    return reverse("asset", args=[made.asset.name])


def _exception(statement: Statement, signed: Signed, actor: User, now: datetime) -> str:
    answered = excusing.excuse(statement=statement, signed=signed, actor=actor, now=now)
    return reverse("exception", args=[answered.pk])


def _way_to_exception(statement: Statement) -> tuple[tuple[str, str], ...]:
    number = exceptions.request_of(statement)
    return ("Exceptions", reverse("exceptions")), (str(number), reverse("exception", args=[number]))


def _own_exception(viewer: Viewer, statement: Statement) -> str:
    request, told = exceptions.find(int(statement.about)), statements.read(statement).predicate
    if exceptions.state(request, at=viewer.now) != "waiting":
        return "The request is answered already."
    if why := excusing.why_not(request, person=viewer.id):
        return why
    mine = str(User.objects.filter(pk=viewer.id).values_list("username", flat=True).first())
    try:
        waivers.check_named(told, actor=mine, given=exceptions.given(statement))
    except NotAllowed as refused:
        return f"{refused.cause} {refused.next_step}"
    return ""


def _who_answers(statement: Statement, _now: datetime) -> tuple[str, ...]:
    """Name whose answer it is, and after that person the others, where it takes a second."""
    named = statements.read(statement).predicate["approver"]["name"]
    if named not in exceptions.given(statement):
        return (named,)
    able = could_sign(exceptions.find(int(statement.about)))
    return tuple(one.username for one in able)


def _told_exception(statement: Statement) -> tuple[str, ...]:
    told = statements.read(statement).predicate
    gates = ", ".join(one["gate"] for one in told["excuses"])
    if told["decision"] == "deny":
        return (f"Denies that {gates} of {told['asset']}, edition {told['edition']}, may stand.",)
    reach = (
        "this manifest alone" if told["scope"]["reach"] == "manifest" else f"every edition of {told['asset']}"
    )
    until = told["expires_at"][:10]
    lets = f"Lets {gates} of {told['asset']}, edition {told['edition']}, stand: {reach}, until {until}."
    area = areas.words(told["scope"])
    within = (f"Only in the area {area}: the keys that lie in it count, each named below.",) if area else ()
    return (lets, *within)


def _revocation(statement: Statement, signed: Signed, actor: User, now: datetime) -> str:
    ended = excusing.revoke(statement=statement, signed=signed, actor=actor, now=now)
    return reverse("exception", args=[ended.request_id])


def _withheld(viewer: Viewer, statement: Statement) -> str:
    """Say why a statement about a guarded run is withheld from this viewer, or nothing."""
    manifest = exceptions.manifest_of(statement)
    sight = withheld.sight(withheld.marked(manifest), viewer, manifest=manifest.pk)
    return "" if sight is Sight.EXACT else GUARDED


DEEDS: Mapping[str, Deed] = {
    "standing-approval": Deed(
        title="A standing approval",
        consequence="Clean runs of the asset, all gates passed, are then published without anybody's look.",
        act=_standing,
    ),
    "roster": Deed(
        title="A new version of the roster",
        consequence="From then on the keys it lists count, and no others; you may not hold one that changes.",
        act=_roster,
        own=_own_roster,
        others=_other_signers,
        changes=rosters.changes,
    ),
    "exception": Deed(
        title="An answer to a request for an exception",
        consequence="Approved, the findings named may stand within their scope until it expires, and are "
        "shown as passed by exception; denied, the request is closed for good.",
        act=_exception,
        hidden=_withheld,
        own=_own_exception,
        others=_who_answers,
        changes=_told_exception,
        here="exceptions",
        way=_way_to_exception,
    ),
    "revocation": Deed(
        title="The end of an exception",
        consequence="From then on it covers nothing; what relied on it goes back to the queue.",
        act=_revocation,
        hidden=_withheld,
        here="exceptions",
        way=_way_to_exception,
    ),
}
