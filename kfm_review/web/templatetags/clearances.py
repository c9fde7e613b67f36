"""What is withheld on a page: which clearance it takes, and who grants it."""

from collections.abc import Sequence
from typing import Any

from django import template

from kfm_review.people import clearance
from kfm_review.people.clearance import AUTHORITY, Marked
from kfm_review.people.queries import grantors

register = template.Library()

WORDS = {
    "public": "public",
    "generalized": "generalized",
    "restricted": "restricted",
    "quarantine": "in quarantine",
}


@register.inclusion_tag("parts/_withheld.html")
def withheld(marked: Marked, lacks: Sequence[str]) -> dict[str, Any]:
    """Say why something is withheld, which clearance it takes, and who grants it."""
    return {"marked": marked, "lacks": lacks, "grantors": grantors()}


@register.filter
def label(marked: Marked) -> str:
    """Say how something is marked; what was not assessed says so."""
    if marked.authorities is None or marked.label not in clearance.ORDER:
        return "not assessed"
    return WORDS[marked.label]


@register.filter
def reasons(marked: Marked) -> str:
    """Name the reasons of a label as people say them."""
    return ", ".join(reason.lower().replace("_", " ") for reason in marked.reasons)


@register.filter
def clearances(asked: Sequence[str]) -> str:
    """Name clearances in words."""
    return " and ".join(
        f"the authority of {name.removeprefix(AUTHORITY)}" if name.startswith(AUTHORITY) else name
        for name in asked
    )


@register.filter
def named(marked: Marked) -> str:
    """Name the authorities that are named."""
    return ", ".join(sorted(marked.authorities or ())) or "none"
