"""What an event is about, as a way to it where there is a page for it."""

import re

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

RUN = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
NUMBER = re.compile(r"[1-9][0-9]{0,17}")
NAME = re.compile(r"[a-z0-9_]+(/[A-Za-z0-9_.-]+)?")
PAGES = {"run": (RUN, "run"), "review": (NUMBER, "desk"), "asset": (NAME, "asset")}


@register.simple_tag
def about(target: str) -> SafeString | str:
    """Return the target of an event, with a link to the page of a run, a review or an asset."""
    kind, _, key = target.partition(":")
    shape, page = PAGES.get(kind, (None, ""))
    if shape is None or not shape.fullmatch(key):
        return target
    return format_html('<a href="{}">{}</a>', reverse(page, args=[key]), target)
