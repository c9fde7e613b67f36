"""Small drawings of figures: the trend of a gate, nearness to its limit, and sums of a diff."""

from collections.abc import Mapping
from typing import TypeVar

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from kfm_review.runs.models import Diff, Finding, GateResult
from kfm_review.runs.queries import Trend
from kfm_review.web.sentences import VERBS

register = template.Library()

WIDTH, HEIGHT, EDGE = 72.0, 20.0, 3.0
BAR = 120.0
FEWEST = 2
V = TypeVar("V")


@register.simple_tag
def spark(trend: Trend | None, outcome: str) -> SafeString | str:
    """Draw the last runs' figures of one gate against its limit, this run's last."""
    values = [value for value in trend.values if value is not None] if trend else []
    if trend is None or len(values) < FEWEST:
        return "no earlier runs"
    low, high = min(*values, *_bounds(trend)), max(*values, *_bounds(trend))
    points = [
        (EDGE + index * (WIDTH - 2 * EDGE) / (len(values) - 1), _level(value, low=low, high=high))
        for index, value in enumerate(values)
    ]
    said = f"Last {len(values)} runs: {', '.join(f'{value:g}' for value in values)}"
    return format_html(
        '<svg class="spark" viewBox="0 0 72 20" width="72" height="20" role="img" aria-label="{}">{}'
        '<polyline class="trend" points="{}"/>'
        '<circle class="now" data-outcome="{}" cx="{}" cy="{}" r="2.6"/></svg>',
        said,
        _limit(trend, low=low, high=high),
        " ".join(f"{x:.1f},{y:.1f}" for x, y in points),
        outcome,
        f"{points[-1][0]:.1f}",
        f"{points[-1][1]:.1f}",
    )


@register.simple_tag
def measure(gate: GateResult) -> SafeString | str:
    """Draw how near a gate's figure is to its limit."""
    value, bound = gate.value, gate.bound
    if value is None or bound is None or value < 0 or bound < 0:
        return ""
    whole = max(value, bound) or 1.0
    return format_html(
        '<svg class="measure" viewBox="0 0 120 14" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="track" x="0" y="4" width="120" height="6"/>'
        '<rect class="fill" data-outcome="{}" x="0" y="4" width="{}" height="6"/>'
        '<path class="limit" d="M{} 1v12"/></svg>',
        gate.outcome,
        f"{BAR * value / whole:.1f}",
        f"{min(BAR * bound / whole, BAR - 0.75):.1f}",
    )


@register.filter
def of(found: Mapping[str, V], key: str) -> V | None:
    """Look a key up."""
    return found.get(key)


@register.filter
def minus(value: int | None, less: int | None) -> int | None:
    """Subtract counts; an unknown one stays unknown."""
    return None if value is None else value - (less or 0)


@register.filter
def differences(diff: Diff) -> int:
    """Count all rows that differ in anything."""
    return sum(count or 0 for count in (diff.added, diff.removed, diff.changed, diff.moved))


@register.filter
def unchanged(diff: Diff) -> int | None:
    """Count the rows that are the same in both editions."""
    if diff.after_rows is None:
        return None
    return diff.after_rows - sum(count or 0 for count in (diff.added, diff.changed, diff.moved))


@register.filter
def names_its_place(finding: Finding) -> bool:
    """Answer whether a finding's words begin with the place it is about."""
    return bool(finding.where) and finding.message.startswith(finding.where)


@register.filter
def verb(verdict: str) -> str:
    """Say a verdict as what somebody did."""
    return VERBS[verdict]


def _bounds(trend: Trend) -> tuple[float, ...]:
    return () if trend.bound is None else (trend.bound,)


def _level(value: float, *, low: float, high: float) -> float:
    if high == low:
        return HEIGHT / 2
    return EDGE + (HEIGHT - 2 * EDGE) * (1 - (value - low) / (high - low))


def _limit(trend: Trend, *, low: float, high: float) -> SafeString | str:
    if trend.bound is None:
        return ""
    return format_html('<path class="limit" d="M0 {}h72"/>', f"{_level(trend.bound, low=low, high=high):.1f}")
