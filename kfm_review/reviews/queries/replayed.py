"""Replays of policy as pages show them: runs that the viewer may not know are only counted."""

from dataclasses import dataclass

from kfm_review.errors import Missing
from kfm_review.people.queries import Viewer
from kfm_review.reviews.models import Replay
from kfm_review.runs import withheld
from kfm_review.runs.models import Manifest
from pipelines.model import Json

MOST = 50
TURNS = {
    "fails": ("FAIL", "would newly fail"),
    "passes": ("PASS", "would newly pass"),
    "broken": ("ERROR", "cannot be judged by it"),
    "without": ("NONE", "kept no judgement"),
    "same": ("NONE", "judged alike"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Turned:
    """One run whose answer another policy turns."""

    shape: str
    word: str
    told: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One replay for one viewer."""

    replay: Replay
    counts: tuple[tuple[str, int], ...]
    turned: tuple[Turned, ...]
    withheld: int


def replays() -> tuple[Replay, ...]:
    """Return the newest replays."""
    return tuple(Replay.objects.order_by("-pk")[:MOST])


def replay(number: int, *, viewer: Viewer) -> Shown:
    """Return one replay with the runs that this viewer is cleared for."""
    found = Replay.objects.filter(pk=number).first()
    if found is None:
        raise Missing("There is no such replay.", cause="", next_step="Look at the list of replays.")
    named = [str(one["manifest"]) for one in found.changed]
    seen = set(Manifest.objects.filter(withheld.seen(viewer), pk__in=named).values_list("pk", flat=True))
    order = list(TURNS)
    turned = tuple(
        Turned(shape=TURNS[one["turn"]][0], word=TURNS[one["turn"]][1], told=one)
        for one in sorted(found.changed, key=lambda one: order.index(one["turn"]))
        if one["manifest"] in seen
    )
    return Shown(
        replay=found,
        counts=tuple((TURNS[turn][1], number) for turn, number in found.counts.items()),
        turned=turned,
        withheld=len(found.changed) - len(turned),
    )
