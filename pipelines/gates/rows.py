"""Gate: no row got lost, and their number is near the base's. Score: 1 less the share that came or went."""

from dataclasses import replace

from pipelines.model import Finding, GateResult, Outcome, Phase
from pipelines.subject import Subject

_REMEDY = "Look at the diff: if rows are missing, have the edition made again; if they are right, say so."
_LOST = "Look at the family's steps: every row of the input must become a feature or be refused by a gate."


def check(subject: Subject) -> GateResult:
    """FAIL on rows that the steps lost; REVIEW or FAIL a change in number beyond the family's limits."""
    made, said = subject.product, subject.family.expectations["rows"]
    before, read, after = made.base, subject.table.rows.num_rows, len(made.frame)
    if after != read:
        wrong = f"{read:,} rows were read and {after:,} came out of the steps."
        return _answer(
            said, Outcome.FAIL, wrong, None, Finding(rule="rows.lost", message=wrong, remedy=_LOST)
        )
    if before is None:
        wrong = "There is nothing to compare with: this is the first edition."
        finding = Finding(rule="rows.first", message=wrong, remedy="Look at the map and the counts.")
        return _answer(said, Outcome.REVIEW, f"{after:,} rows, nothing to compare with", None, finding)
    had = len(before.frame)
    change = abs(after - had) / max(had, 1)
    wrong = f"The number of rows changed by {change:.1%}: {had:,} before, {after:,} now."
    finding = Finding(rule="rows.change", message=wrong, remedy=_REMEDY)
    outcome = Outcome.PASS
    if change > said["review_change"]:
        outcome = Outcome.FAIL if change > said["fail_change"] else Outcome.REVIEW
    answer = _answer(
        said,
        outcome,
        f"{after:,} rows, {had:,} before ({after - had:+,}, {change:.1%})",
        change,
        None if outcome is Outcome.PASS else finding,
    )
    return answer if made.diff is None else replace(answer, evidence="artifact:diff")


def _answer(
    said: dict[str, float], outcome: Outcome, measured: str, change: float | None, finding: Finding | None
) -> GateResult:
    lost = outcome is Outcome.FAIL and change is None
    return GateResult(
        gate="rows",
        phase=Phase.AFTER,
        outcome=outcome,
        measured=measured,
        limit=f"REVIEW above {said['review_change']:.0%}, FAIL above {said['fail_change']:.0%}; none lost",
        value=change,
        bound=said["review_change"],
        score=0.0 if lost else None if change is None else max(0.0, 1 - change),
        evidence="artifact:data",
        remedy="" if finding is None else finding.remedy,
        findings=() if finding is None else (finding,),
    )
