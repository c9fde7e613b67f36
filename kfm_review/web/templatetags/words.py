"""Figures in the words people read: digests, times, spans, sizes."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from kfm_review.releases.closures import Closure, of
from kfm_review.waivers import areas

register = template.Library()

SHORT = 8
MINUTE, HOUR, DAY = 60, 3600, 86400
FEW, THOUSAND = 10, 1000  # below ten, one decimal is shown


@register.filter
def short(digest: str | None) -> str:
    """Return the first signs of a digest, as screens show it beside its name."""
    return (digest or "")[:SHORT]


@register.simple_tag
def digest(value: str | None) -> SafeString | str:
    """Show a digest short, with the way to copy the whole."""
    if not value:
        return "none"
    return format_html(
        '<code class="digest">sha256:{}</code><button class="copy" type="button" data-copy="sha256:{}"'
        ' aria-label="Copy the whole digest"><svg class="icon" aria-hidden="true"><use href="#i-copy"/></svg>'
        "</button>",
        value[:SHORT],
        value,
    )


@register.filter
def area(scope: dict[str, Any] | None) -> str:
    """Say which drawn area an exception is bounded by, or nothing."""
    return areas.words(scope or {})


@register.filter
def closures(checks: list[dict[str, object]] | None) -> tuple[Closure, ...]:
    """Return the seven closures over the checks of a promotion."""
    return of(checks or [])


def span(seconds: float) -> str:
    """Say how long something took or waits, in at most two units."""
    whole = int(seconds)
    if seconds < 1:
        return f"{max(seconds, 0) * 1000:.0f} ms"
    if whole < MINUTE:
        return f"{seconds:.1f} s" if seconds < FEW else f"{whole} s"
    if whole < HOUR:
        return f"{whole // MINUTE} min"
    if whole < DAY:
        return f"{whole // HOUR} h {whole % HOUR // MINUTE} min"
    return f"{whole // DAY} d {whole % DAY // HOUR} h"


@register.filter
def took(start: datetime | None, end: datetime | None) -> str:
    """Say how long something took that has a start and an end."""
    return span((end - start).total_seconds()) if start and end else ""


def _age(moment: datetime | None) -> str:
    """Say how long ago a moment was, without "ago"."""
    if moment is None:
        return ""
    seconds = (timezone.now() - moment).total_seconds()
    return "just now" if seconds < MINUTE else span(seconds)


@register.filter
def ago(moment: datetime) -> str:
    """Say how long ago a moment was."""
    said = _age(moment)
    return said if said == "just now" else f"{said} ago"


@register.simple_tag
def waits(moment: datetime) -> SafeString:
    """Show how long ago a moment was, so that the page can keep it true."""
    utc = moment.astimezone(UTC)
    return format_html(
        '<time data-age datetime="{}" title="since {}">{}</time>',
        utc.isoformat(),
        f"{utc:%Y-%m-%d %H:%M:%S} UTC",
        _age(moment),
    )


@register.simple_tag
def when(moment: datetime | None) -> SafeString | str:
    """Show a moment as people say it, with the exact one at hand."""
    if moment is None:
        return "never"
    utc = moment.astimezone(UTC)
    today = timezone.now().astimezone(UTC).date()
    if utc.date() == today:
        said = f"today {utc:%H:%M}"
    elif utc.date() == today - timedelta(days=1):
        said = f"yesterday {utc:%H:%M}"
    else:
        said = f"{utc.day} {utc:%b %Y}" if utc.year != today.year else f"{utc.day} {utc:%b %H:%M}"
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', utc.isoformat(), f"{utc:%Y-%m-%d %H:%M:%S} UTC", said
    )


@register.filter
def size(count: int | None) -> str:
    """Say a number of bytes."""
    if count is None:
        return ""
    amount = float(count)
    for unit in ("B", "KB", "MB"):
        if amount < THOUSAND:
            return f"{amount:.0f} {unit}" if amount >= FEW or unit == "B" else f"{amount:.1f} {unit}"
        amount /= THOUSAND
    return f"{amount:.1f} GB"


@register.filter
def figure(value: int | None) -> str:
    """Write a count with separators; an unknown one is not zero."""
    return "unknown" if value is None else f"{value:,}"


@register.filter
def words(value: str) -> str:
    """Write a machine's word for people: underscores become spaces."""
    return str(value).replace("_", " ")


@register.filter
def followed_by(start: str, end: object) -> str:
    """Join two pieces of a name."""
    return f"{start}{end}"


@register.filter
def as_text(content: bytes | memoryview) -> str:
    """Return bytes as the text that they are."""
    return bytes(content).decode("utf-8", errors="replace")
