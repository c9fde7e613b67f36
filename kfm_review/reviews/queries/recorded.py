"""Events as an auditor may read them: about what he is not cleared for, only that they happened."""

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from django.db.models import QuerySet

from kfm_review.audit.models import Event
from kfm_review.people.clearance import NOTHING_KNOWN
from kfm_review.people.queries import Viewer
from kfm_review.reviews.models import Review
from kfm_review.runs import veil, withheld
from kfm_review.runs.models import Manifest, Run

TOGETHER = 1_000
DIGEST = re.compile("[0-9a-f]{64}")
RUN = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
HOUSE = frozenset({"person", "upload", "audit", "roster", "key", "house", "history", "witness", "policy"})


def readable(events: Iterable[Event], *, viewer: Viewer) -> Iterator[Event]:
    """Yield events with why and details only where the viewer is cleared for what they are about."""
    source = iter(events)
    while together := list(islice(source, TOGETHER)):
        about = _About(together, viewer=viewer)
        for event in together:
            if not about.sees(event):
                event.why = veil.word(event.why)
                event.details = {name: told for name, told in event.details.items() if _is_digest(told)}
                event.body = b""
            yield event


class _About:
    """What some events are about, looked up together."""

    def __init__(self, events: list[Event], *, viewer: Viewer) -> None:
        self.viewer = viewer
        named = [_split(event.target) for event in events]
        runs = {key for kind, key in named if kind == "run" and RUN.fullmatch(key)}
        reviews = {int(key) for kind, key in named if kind == "review" and key.isdecimal()}
        self.runs = _keys(Run.objects.filter(withheld.seen_run(viewer), pk__in=runs))
        seen = withheld.seen(viewer, at="manifest__")
        self.reviews = _keys(Review.objects.filter(seen, pk__in=reviews))
        named_by = {word for event in events for word in _digests(event)}
        made = Manifest.objects.filter(pk__in=named_by).annotate(
            is_seen=withheld.whether(withheld.seen(viewer))
        )
        self.manifests = dict(made.filter(pk__in=named_by).values_list("pk", "is_seen"))
        self.families: dict[str, bool] = {}

    def sees(self, event: Event) -> bool:
        """Answer whether the viewer is cleared for all that an event speaks of; of the unknown he is not."""
        kind, key = _split(event.target)
        about = [self.manifests[word] for word in _digests(event) if word in self.manifests]
        if not all(about):
            return False
        if kind in HOUSE:
            return True
        if kind in ("run", "review"):
            return key in (self.runs if kind == "run" else self.reviews)
        if not event.family:
            return bool(about) or self.viewer.sees(NOTHING_KNOWN)
        return self.viewer.sees(withheld.declared(event.family)) if about else self._whole(event.family)

    def _whole(self, family: str) -> bool:
        """Answer whether the viewer is cleared for everything there is of a family."""
        if family not in self.families:
            made = Manifest.objects.alias(is_seen=withheld.whether(withheld.seen(self.viewer)))
            hidden = made.filter(asset__family=family, is_seen=False)
            self.families[family] = self.viewer.sees(withheld.declared(family)) and not hidden.exists()
        return self.families[family]


def _keys(rows: QuerySet[Any]) -> set[str]:
    return {str(key) for key in rows.values_list("pk", flat=True)}


def _split(target: str) -> tuple[str, str]:
    kind, _, key = target.partition(":")
    return kind, key


def _digests(event: Event) -> Iterator[str]:
    """Yield every digest that an event names in its target or its details."""
    for told in (_split(event.target)[1], *event.details.values()):
        yield from (word for word in (told if isinstance(told, list) else [told]) if _is_digest(word))


def _is_digest(told: object) -> bool:
    return isinstance(told, str) and bool(DIGEST.fullmatch(told))
