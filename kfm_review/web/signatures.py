"""What waits for the viewer's own signature, counted for the bar of every page."""

from datetime import datetime

from django.db.models import Exists, OuterRef

from kfm_review.accounts.models import User
from kfm_review.errors import NotPossible
from kfm_review.people import rosters
from kfm_review.people.queries import Viewer
from kfm_review.people.rules import Deed
from kfm_review.reviews.models import Decision
from kfm_review.signing.models import Roster, Statement
from kfm_review.waivers import queries as exceptions
from pipelines.errors import NotProved


def to_answer(viewer: Viewer) -> int:
    """Count the requests for an exception that wait for this viewer; their own pages say it exactly."""
    if not viewer.may(Deed.SIGN_EXCEPTION, ""):
        return 0
    decided = Decision.objects.filter(review__manifest=OuterRef("manifest"), by=viewer.id)
    return exceptions.left_to(viewer.id).exclude(Exists(decided.exclude(verdict="abstain"))).count()


def to_admit(viewer: Viewer, *, now: datetime) -> int:
    """Count the proposed rosters that wait for this viewer: one, at most, can come next."""
    newest = Roster.objects.order_by("-version").first() if viewer.may(Deed.SIGN_EXCEPTION, "") else None
    if newest is None:
        return 0
    fresh = Statement.objects.filter(kind="roster", signatures=None, prepared_at__gt=newest.at)
    proposed = fresh.order_by("-prepared_at").first()
    if proposed is None:
        return 0
    mine = User.objects.filter(pk=viewer.id).values_list("username", flat=True).first()
    try:
        return int(mine in rosters.signers(now=now, changing=rosters.changing(proposed)))
    except (NotPossible, NotProved):  # a chain that does not hold: the page of the roster says so
        return 0
