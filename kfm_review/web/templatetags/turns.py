"""Whose turn it is, in words."""

from collections.abc import Iterable
from typing import Any

from django import template

from kfm_review.people.queries import Viewer
from kfm_review.people.rules import Deed
from kfm_review.reviews.models import Review
from kfm_review.web import sentences

register = template.Library()

HEADINGS = {"mine": "Your turn", "others": "Waiting for others", "barred": "You may not decide"}
PROMISES = {
    "mine": "Oldest first. You may decide all of these.",
    "others": "Nothing for you to do now; you may read.",
    "barred": "The cause stands in each row. The server refuses as well.",
}
SHORT = {"mine": "Mine", "others": "Others", "barred": "Not for me"}
WORST_FIRST = ("ERROR", "FAIL", "REVIEW", "EXCUSED", "NOT_RUN", "PASS")


@register.simple_tag
def turn(review: Review, viewer: Viewer) -> sentences.Said:
    """Say whose turn a row is, and why."""
    return sentences.whose_turn(review, viewer)


@register.filter
def heading(turn: str) -> str:
    """Name a group of the queue."""
    return HEADINGS[turn]


@register.filter
def promise(turn: str) -> str:
    """Say what one may do in a group of the queue."""
    return PROMISES[turn]


@register.filter
def short_turn(turn: str) -> str:
    """Name a group of the queue beside a checkbox."""
    return SHORT[turn]


@register.filter
def worst_first(reasons: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Order the reasons of a review, the worst first."""
    return sorted(reasons, key=lambda reason: WORST_FIRST.index(reason["outcome"]))


@register.filter
def items(count: int) -> str:
    """Count items of the queue."""
    return "1 item" if count == 1 else f"{count:,} items"


@register.filter
def may_hold(viewer: Viewer, family: str) -> bool:
    """Answer whether the viewer may hold an asset of the family."""
    return viewer.may(Deed.HOLD, family)


@register.filter
def may_ask_standing(viewer: Viewer, family: str) -> bool:
    """Answer whether the viewer may have a standing approval of the family prepared."""
    return viewer.may(Deed.ASK_EXCEPTION, family) or viewer.may(Deed.SIGN_EXCEPTION, family)


@register.filter
def may_end_standing(viewer: Viewer, family: str) -> bool:
    """Answer whether the viewer may end a standing approval of the family."""
    return viewer.may(Deed.SIGN_EXCEPTION, family) or viewer.may(Deed.PUBLISH, family)


@register.filter
def may_publish(viewer: Viewer, family: str) -> bool:
    """Answer whether the viewer may promote, roll back or lift a hold of the family."""
    return viewer.may(Deed.PUBLISH, family)
