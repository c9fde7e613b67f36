"""What a signature brings about, by the kind of statement: one line for each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from kfm_review.accounts.models import User
from kfm_review.people import rosters
from kfm_review.people.queries import Viewer
from kfm_review.people.rules import Deed as Permit
from kfm_review.releases import standing
from kfm_review.signing.models import Statement
from kfm_review.signing.statements import Signed

Act = Callable[[Statement, Signed, User, datetime], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """What signing one kind of statement does, in a sentence, and the action that does it.

    `act` verifies what only its domain knows, keeps the signature by `statements.keep` in its own
    transaction, and returns the address to go to. `hidden` says why a viewer may not read it, or nothing.
    """

    title: str
    consequence: str
    act: Act
    hidden: Callable[[Viewer, Statement], str] = lambda _viewer, _statement: ""

    def barred(self, viewer: Viewer) -> str:
        """Say why this viewer may not sign, or nothing when he may."""
        return "" if viewer.may(Permit.SIGN_EXCEPTION, "") else "It takes the role of governance."


def _roster(statement: Statement, signed: Signed, actor: User, now: datetime) -> str:
    rosters.adopt(statement, signed, actor=actor, now=now)
    return reverse("roster")


def _standing(statement: Statement, signed: Signed, actor: User, now: datetime) -> str:
    made = standing.grant(statement, signed, actor, now)
    return reverse("asset", args=[made.asset.name])


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
    ),
}
