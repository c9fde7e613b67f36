"""Gate: not more cells changed than usual, none got lost. Score: 1 less the share that is not as it was."""

from collections.abc import Iterator

import numpy as np

from pipelines.diff import raster
from pipelines.model import Finding, GateResult, Json, Outcome, Phase, worst
from pipelines.subject import Subject

_REMEDY = "Look at the difference on the map: if the ground changed, say so; if not, have it made again."
_MEND = "Mend what stands in the way of a comparison, and deliver the edition again."
_LOST = "Look at the family's steps: every cell of the input that has a value must keep one."
_SHIFT = "Look whether rows or columns were cut off or counted from the wrong end, and deliver it again."
_WORDS = {"changed": "changed", "emptied": "lost their value", "filled": "got a value"}
_WAYS = {
    (0, 1): "east",
    (0, -1): "west",
    (1, 0): "south",
    (-1, 0): "north",
    (1, 1): "south-east",
    (1, -1): "south-west",
    (-1, 1): "north-east",
    (-1, -1): "north-west",
}
_MOST = 0.9
_Judged = tuple[Outcome, Finding]


def check(subject: Subject) -> GateResult:
    """REVIEW or FAIL each kind of change beyond its limit; FAIL cells that the steps lost."""
    made, said = subject.product, subject.family.expectations["cells"]
    read, kept = subject.grid.count, made.grid.count
    if read != kept:
        wrong = f"{read:,} cells with a value were read and {kept:,} came out of the steps."
        return _alone(Outcome.FAIL, wrong, 0.0, Finding(rule="cells.lost", message=wrong, remedy=_LOST))
    if made.diff_failed:
        finding = Finding(rule="cells.not_comparable", message=made.diff_failed, remedy=_MEND)
        return _alone(Outcome.FAIL, "nothing could be compared", 0.0, finding)
    diff = made.differences
    if diff is None:
        wrong = "There is nothing to compare with: this is the first edition."
        finding = Finding(rule="cells.first", message=wrong, remedy="Look at the map and the values.")
        return _alone(Outcome.REVIEW, f"{kept:,} cells, nothing to compare with", None, finding)
    judged = tuple(_judged(diff, said))
    counts = _counts(diff)
    different = sum(counts.values()) / max(diff.before.count, 1)
    told = ", ".join(f"{counts[kind]:,} {word}" for kind, word in _WORDS.items())
    limits = ", ".join(f"{kind} {said[kind]['review']:.1%}" for kind in _WORDS)
    return GateResult(
        gate="cells",
        phase=Phase.AFTER,
        outcome=worst((Outcome.PASS, *(outcome for outcome, _ in judged))),
        measured=f"{told}, of {diff.before.count:,}; by {diff.greatest:g} at most",
        limit=f"usual: {limits}, by {said['by']['review']:g}",
        value=different,
        score=max(0.0, 1 - different),
        evidence="artifact:diff",
        remedy=judged[0][1].remedy if judged else "",
        findings=tuple(finding for _, finding in judged),
    )


def _judged(diff: raster.Diff, said: Json) -> Iterator[_Judged]:
    before = max(diff.before.count, 1)
    if slid := _slid(diff):
        yield Outcome.FAIL, Finding(rule="cells.shifted", message=slid, remedy=_SHIFT)
    for kind, count in _counts(diff).items():
        outcome = _outcome(count / before, said[kind])
        if outcome is not Outcome.PASS:
            what = f"{count:,} of {before:,} cells ({count / before:.1%}) {_WORDS[kind]}"
            wrong = f"{what}; up to {said[kind]['review']:.1%} is usual."
            yield outcome, Finding(rule=f"cells.{kind}", message=wrong, remedy=_REMEDY)
    outcome = _outcome(diff.greatest, said["by"])
    if outcome is not Outcome.PASS:
        unit = diff.after.unit
        wrong = f"A cell changed by {diff.greatest:g} {unit}; up to {said['by']['review']:g} {unit} is usual."
        yield outcome, Finding(rule="cells.by", message=wrong, remedy=_REMEDY)


def _counts(diff: raster.Diff) -> dict[str, int]:
    counts = diff.counts
    return {"changed": counts["changed"], "emptied": counts["removed"], "filled": counts["added"]}


def _outcome(measured: float, limits: Json) -> Outcome:
    if limits["fail"] is not None and measured > limits["fail"]:
        return Outcome.FAIL
    return Outcome.REVIEW if measured > limits["review"] else Outcome.PASS


def _slid(diff: raster.Diff) -> str:
    """Say whether the values are those of neighbours, all on the same side."""
    if diff.counts["changed"] < diff.unchanged:
        return ""
    rows, columns = diff.difference.shape
    for (down, across), word in _WAYS.items():
        here = slice(max(0, down), rows + min(0, down)), slice(max(0, across), columns + min(0, across))
        there = slice(max(0, -down), rows + min(0, -down)), slice(max(0, -across), columns + min(0, -across))
        both = diff.after.there[here] & diff.before.there[there]
        same = both & (diff.after.values[here] == diff.before.values[there])
        share = int(np.count_nonzero(same)) / max(int(np.count_nonzero(both)), 1)
        if share > _MOST:
            return f"The values went one cell to the {word}: there {share:.1%} are what they were."
    return ""


def _alone(outcome: Outcome, measured: str, score: float | None, finding: Finding) -> GateResult:
    return GateResult(
        gate="cells",
        phase=Phase.AFTER,
        outcome=outcome,
        measured=measured,
        limit="a comparison with the current release; no cell lost",
        score=score,
        evidence="artifact:data",
        remedy=finding.remedy,
        findings=(finding,),
    )
