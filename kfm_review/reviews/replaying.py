"""Past runs judged again by another policy bundle: which would newly pass or fail, before it is adopted."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from django.db import transaction

from kfm_review.audit.record import record
from kfm_review.reviews.models import Decision, Replay
from kfm_review.runs.models import Manifest
from pipelines import digest
from pipelines.errors import PolicyBroken, Stopped
from pipelines.model import Json
from pipelines.rego import Engine
from pipelines.store import Store

JUDGEMENT = "judgement"
READ_AT_MOST = 8 * 1024 * 1024


def replay(*, engine: Engine, last: int, store: Store, now: datetime) -> Replay:
    """Judge the newest manifests again, and keep how the answers differ with what people had decided."""
    found = list(_judged(engine, last=last, store=store))
    changed = [one for one in found if one["turn"] != "same"]
    with transaction.atomic():
        kept = Replay.objects.create(
            bundle=engine.digest,
            asked=len(found),
            counts=dict(sorted(Counter(str(one["turn"]) for one in found).items())),
            changed=changed,
            at=now,
        )
        record(
            "policy.replayed",
            f"policy:{engine.digest}",
            actor=None,
            at=now,
            replay=kept.pk,
            asked=len(found),
            changed=len(changed),
        )
    return kept


def _judged(engine: Engine, *, last: int, store: Store) -> Iterator[Json]:
    newest = Manifest.objects.select_related("asset").order_by("-recorded_at", "digest")[:last]
    manifests = list(newest.prefetch_related("artifacts"))
    decided = _decided([one.digest for one in manifests])
    for manifest in manifests:
        yield {
            "manifest": manifest.digest,
            "asset": manifest.asset.name,
            "edition": manifest.edition,
            "outcome": manifest.outcome,
            "decisions": decided.get(manifest.digest, []),
            **_answer(engine, manifest, store),
        }


def _answer(engine: Engine, manifest: Manifest, store: Store) -> Json:
    """Return how one answer turns, and by which rules; what cannot be judged is never the same."""
    kept = next((one.sha256 for one in manifest.artifacts.all() if one.role == JUDGEMENT), None)
    if kept is None:
        return {"turn": "without", "rules": [], "why": "The run kept no judgement."}
    try:
        told = digest.read_json(store.read(kept, limit=READ_AT_MOST))
        before = told["judgement"]
        said = engine.judge(before["package"], told["input"])
    except (Stopped, PolicyBroken, KeyError, TypeError) as broken:
        return {"turn": "broken", "rules": [], "why": str(broken)}
    missing = {rule.id for rule in said.missing}
    if said.allowed is bool(before["allowed"]):
        return {"turn": "same", "rules": sorted(missing ^ set(before["missing"])), "why": ""}
    turn = "passes" if said.allowed else "fails"
    return {"turn": turn, "rules": sorted(missing ^ set(before["missing"])), "why": ""}


def _decided(manifests: list[str]) -> dict[str, list[Json]]:
    """Return each person's last word on each manifest."""
    found: dict[str, dict[str, Json]] = {}
    written = Decision.objects.filter(manifest__in=manifests).select_related("by").order_by("pk")
    for one in written:
        found.setdefault(one.manifest_id, {})[one.by.username] = {
            "by": one.by.username,
            "verdict": one.verdict,
        }
    return {name: list(words.values()) for name, words in found.items()}
