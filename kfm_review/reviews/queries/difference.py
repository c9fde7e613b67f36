"""What differs between the content a person saw and what stands now."""

import re
from dataclasses import dataclass

from django.db.models import QuerySet

from kfm_review.people.queries import Viewer
from kfm_review.reviews.models import Review
from kfm_review.runs import withheld
from kfm_review.runs.models import Manifest

DIGEST = re.compile("[0-9a-f]{64}")
COUNTS = ("added", "removed", "changed", "moved")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing that is no longer as it was shown."""

    what: str
    shown: str
    now: str


def since(shown: str, *, review_id: int, viewer: Viewer) -> tuple[Line, ...]:
    """Return what changed since somebody saw the manifest `shown` on this desk; nothing when nothing did."""
    review = Review.objects.select_related("superseded_by").filter(pk=review_id).first()
    if review is None or not DIGEST.fullmatch(shown):
        return ()
    seen = Manifest.objects.filter(withheld.seen(viewer), asset=review.asset_id)
    now = _manifest(review.superseded_by.manifest_id if review.superseded_by else review.manifest_id, seen)
    then = _manifest(shown, seen)
    if now is None or then is None or now.digest == then.digest:
        return ()
    return tuple(line for line in (*_facts(then, now), *_gates(then, now)) if line.shown != line.now)


def _manifest(digest: str, seen: QuerySet[Manifest]) -> Manifest | None:
    return seen.select_related("diff").prefetch_related("gates").defer("body").filter(pk=digest).first()


def _facts(then: Manifest, now: Manifest) -> tuple[Line, ...]:
    return (
        Line(what="manifest", shown=then.digest[:8], now=now.digest[:8]),
        Line(what="outcome", shown=then.outcome, now=now.outcome),
        *(
            Line(what=count, shown=str(getattr(then.diff, count)), now=str(getattr(now.diff, count)))
            for count in COUNTS
        ),
    )


def _gates(then: Manifest, now: Manifest) -> tuple[Line, ...]:
    before = {gate.gate: gate for gate in then.gates.all()}
    after = {gate.gate: gate for gate in now.gates.all()}
    return tuple(
        Line(
            what=name,
            shown=f"{before[name].outcome} {before[name].measured}" if name in before else "was not there",
            now=f"{after[name].outcome} {after[name].measured}" if name in after else "is gone",
        )
        for name in sorted(before | after)
    )
