"""What is left of a run's words and figures for who sees only its outline, or figures but no place."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Prefetch

from kfm_review.runs.models import Attempt, Diff, Finding, GateResult, Manifest, Run
from kfm_review.runs.withheld import Sight

WITHHELD = "withheld"  # stands for every word, and for the state of a comparison, that is not shown
FIGURES = ("added", "removed", "changed", "moved", "decimals_only", "before_rows", "after_rows")


def word(said: str) -> str:
    """Return the word that stands for a text; nothing stands for nothing."""
    return WITHHELD if said else ""


def gates(manifest: Manifest, sight: Sight) -> tuple[GateResult, ...]:
    """Return what the gates said, as far as it may be seen; findings name keys and places."""
    told = Finding.objects.order_by("position") if sight is Sight.EXACT else Finding.objects.none()
    found = manifest.gates.order_by("position").prefetch_related(Prefetch("findings", queryset=told))
    return tuple(gate(one, sight) for one in found)


def gate(said: GateResult, sight: Sight) -> GateResult:
    """Leave of one gate its name and outcome, with the figures where they may be seen."""
    if sight < Sight.EXACT:
        said.evidence = ""
    if sight < Sight.FIGURES:
        said.measured = said.limit = said.remedy = ""
        said.value = said.bound = said.score = None
    return said


def figures(manifest: Manifest, sight: Sight) -> None:
    """Take the counts and the score from a manifest that is only outlined."""
    if sight >= Sight.FIGURES:
        return
    manifest.score = None
    if hasattr(manifest, "diff"):
        diff(manifest.diff, sight)


def diff(counted: Diff, sight: Sight) -> None:
    """Take every count from a comparison; that it is withheld is its state."""
    if sight >= Sight.FIGURES:
        return
    counted.state, counted.why, counted.artifact = WITHHELD, "", None
    for name in FIGURES:
        setattr(counted, name, None)


def run(told: Run, sight: Sight) -> None:
    """Take from a run the words that may name a place."""
    if sight < Sight.EXACT and told.failure:
        told.failure = f"{WITHHELD.capitalize()}."
    if sight < Sight.FIGURES:
        told.why, told.unchanged_why = word(told.why), word(told.unchanged_why)


def attempts(made: Iterable[Attempt], sight: Sight) -> tuple[Attempt, ...]:
    """Take from attempts why they ended."""
    found = tuple(made)
    for attempt in found:
        if sight < Sight.EXACT and attempt.why:
            attempt.why = WITHHELD
    return found


def reasons(told: list[dict[str, Any]], sight: Sight) -> list[dict[str, Any]]:
    """Leave of the reasons of a review what may be seen: a run's own reason is its failure."""
    if sight is Sight.EXACT:
        return told
    keep = sight >= Sight.FIGURES
    return [one if keep and one["gate"] != "run" else {**one, "measured": "", "limit": ""} for one in told]
