"""Gate: not more changed than usual. Score: 1 less the share of the base's rows that really changed."""

from pipelines.diff.changes import Diff
from pipelines.model import Finding, GateResult, Json, Outcome, Phase, worst
from pipelines.subject import Subject

_REMEDY = "Look at the changes on the map: if the world changed, say so; if not, have the edition made again."
_MEND = "Mend what stands in the way of a comparison, and deliver the edition again."
_KINDS = ("added", "removed", "moved", "changed", "decimals_only")
_WORDS = {"decimals_only": "changed in decimals only"}


def check(subject: Subject) -> GateResult:
    """REVIEW or FAIL each kind of change beyond its limit; changes in decimals only are counted apart."""
    made, said = subject.product, subject.family.expectations["drift"]
    if made.diff_failed:
        finding = Finding(rule="drift.not_comparable", message=made.diff_failed, remedy=_MEND)
        return _answer(Outcome.FAIL, "nothing could be compared", "", None, (finding,))
    diff = made.changes
    if diff is None:
        wrong = "There is nothing to compare with: this is the first edition."
        finding = Finding(rule="drift.first", message=wrong, remedy="Look at the map and the counts.")
        return _answer(Outcome.REVIEW, "nothing to compare with", "", None, (finding,))
    counts = _counts(diff)
    rows = max(diff.before_rows, 1)
    judged = {kind: _judged(count / rows, said[kind]) for kind, count in counts.items()}
    findings = tuple(
        _finding(kind, counts[kind], rows, said[kind]) for kind in _KINDS if judged[kind] is not Outcome.PASS
    )
    real = (rows - sum(counts[kind] for kind in _KINDS if kind != "decimals_only")) / rows
    measured = ", ".join(f"{counts[kind]:,} {_WORDS.get(kind, kind)}" for kind in _KINDS)
    limits = ", ".join(f"{_WORDS.get(kind, kind)} {said[kind]['review']:.0%}" for kind in _KINDS)
    return _answer(worst(judged.values()), f"{measured}, of {rows:,}", limits, max(0.0, real), findings)


def _counts(diff: Diff) -> dict[str, int]:
    return {
        "added": diff.added,
        "removed": diff.removed,
        "moved": diff.moved,
        "changed": diff.changed - diff.decimals_only,
        "decimals_only": diff.decimals_only,
    }


def _judged(share: float, limits: Json) -> Outcome:
    if limits["fail"] is not None and share > limits["fail"]:
        return Outcome.FAIL
    return Outcome.REVIEW if share > limits["review"] else Outcome.PASS


def _finding(kind: str, count: int, rows: int, limits: Json) -> Finding:
    what = f"{count:,} of {rows:,} features ({count / rows:.1%}) {_WORDS.get(kind, kind)}"
    wrong = f"{what}; up to {limits['review']:.0%} is usual."
    return Finding(rule=f"drift.{kind}", message=wrong, remedy=_REMEDY)


def _answer(
    outcome: Outcome, measured: str, limits: str, score: float | None, findings: tuple[Finding, ...]
) -> GateResult:
    return GateResult(
        gate="drift",
        phase=Phase.AFTER,
        outcome=outcome,
        measured=measured,
        limit=f"usual: {limits}" if limits else "a comparison with the current release",
        value=None if score is None else 1 - score,
        bound=None,
        score=0.0 if outcome is Outcome.FAIL and score is None else score,
        evidence="artifact:diff" if score is not None else "artifact:data",
        remedy=findings[0].remedy if findings else "",
        findings=findings,
    )
