"""Where a run came from, as a picture: the places of things, of the activity, and of who ran it for whom."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django import template

from kfm_review.runs.queries import Origin, Thing

register = template.Library()

LEFT, RIGHT, WIDTH = 6, 322, 144
RUN_FROM, RUN_TO = 214, 294
TOP, LINE, SPREAD = 12, 46, 9
MOST = 4
LONGEST = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A thing at its place."""

    x: int
    y: int
    thing: Thing

    @property
    def middle(self) -> int:
        return self.x + WIDTH // 2

    @property
    def name(self) -> str:
        return self.thing.name if len(self.thing.name) <= LONGEST else f"{self.thing.name[: LONGEST - 1]}…"

    @property
    def lines(self) -> tuple[int, int]:
        return self.y + 16, self.y + 29


@register.inclusion_tag("parts/_provenance.html")
def provenance(origin: Origin) -> dict[str, Any]:
    """Draw what a run used, what it made, and who ran it for whom."""
    used, made = _boxes(origin.used, x=LEFT), _boxes(origin.made, x=RIGHT)
    level = TOP + max(len(used), len(made), 3) * LINE // 2
    below = 2 * level - TOP + 26
    return {
        "origin": origin,
        "boxes": (*used, *made),
        "links": (*_links(used, x=LEFT + WIDTH + 2, level=level), *_links(made, x=RIGHT, level=level)),
        "level": level,
        "below": below,
        "height": below + 74,
    }


@register.filter
def moved(value: int, by: int) -> int:
    """Shift a place of the picture."""
    return value + by


def _boxes(things: Sequence[Thing], *, x: int) -> tuple[Box, ...]:
    shown = list(things)
    if len(shown) > MOST:
        shown = [*shown[: MOST - 1], Thing(name=f"and {len(shown) - MOST + 1} more", digest="")]
    return tuple(Box(x=x, y=TOP + index * LINE, thing=thing) for index, thing in enumerate(shown))


def _links(boxes: Sequence[Box], *, x: int, level: int) -> Iterator[str]:
    """Yield the path of every arrow: from the run to what it used, from what it made to the run."""
    for index, box in enumerate(boxes):
        at_run = level + round((index - (len(boxes) - 1) / 2) * SPREAD)
        thing, left = (x, box.y + 18), x < RUN_FROM
        run = (RUN_FROM if left else RUN_TO + 2, at_run)
        start, end = (run, thing) if left else (thing, run)
        bend = (start[0] + end[0]) // 2
        yield f"M{start[0]} {start[1]}C{bend} {start[1]} {bend} {end[1]} {end[0]} {end[1]}"
