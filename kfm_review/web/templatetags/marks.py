"""Drawn marks: shapes of outcomes, signs of changes, icons."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

DRAWN = frozenset({"PASS", "REVIEW", "FAIL", "ERROR", "EXCUSED"})
WORDS = {"EXCUSED": "passed by exception"}  # never the word, the shape or the colour of PASS
NOT_DRAWN = "NONE"


@register.simple_tag
def shape(outcome: str) -> SafeString:
    """Draw the shape of one outcome; what was not run gets the empty ring."""
    drawn = outcome if outcome in DRAWN else NOT_DRAWN
    return format_html(
        '<svg class="shape" data-outcome="{}" aria-hidden="true"><use href="#o-{}"/></svg>',
        drawn,
        drawn.lower(),
    )


@register.simple_tag
def outcome(value: str) -> SafeString:
    """Draw the chip of one outcome: word, shape and colour together."""
    drawn = value if value in DRAWN else NOT_DRAWN
    words = str(value).replace("_", " ").lower() if drawn == NOT_DRAWN else WORDS.get(drawn, value)
    return format_html('<span class="outcome" data-outcome="{}">{}{}</span>', drawn, shape(value), words)


@register.filter
def spoken(value: str) -> str:
    """Name an outcome for those who hear the page."""
    return WORDS.get(value, value)


@register.simple_tag
def symbol(kind: str) -> SafeString:
    """Draw the sign of one kind of change."""
    return format_html('<svg class="symbol {}" aria-hidden="true"><use href="#m-{}"/></svg>', kind, kind)


@register.simple_tag
def icon(name: str) -> SafeString:
    """Draw one icon; the words beside it, or its button's label, say what it means."""
    return format_html('<svg class="icon" aria-hidden="true"><use href="#i-{}"/></svg>', name)


@register.filter
def initials(name: str) -> str:
    """Return the one or two letters a person is drawn with."""
    words = str(name).replace(".", " ").replace("_", " ").split()
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()
