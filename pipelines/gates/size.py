"""Gate: the input has a believable number of rows. Score: 1 within the bounds, else 0."""

from pipelines.model import Finding, GateResult, Outcome, Phase
from pipelines.subject import Subject

_REMEDY = "Look whether the file was cut off or is another one, and deliver it again."
_EMPTY = "Look at the source: approve only if it is rightly empty, and say how you know."


def check(subject: Subject) -> GateResult:
    """FAIL on fewer rows than `rows_min` or more than `rows_max`; REVIEW none where that may be right.

    A file that could not be read is never rightly empty.
    """
    expected, source = subject.family.expectations["size"], subject.family.inputs[0]
    least, most = expected["rows_min"], expected["rows_max"]
    rows = subject.table.rows.num_rows
    outcome = Outcome.PASS
    findings: tuple[Finding, ...] = ()
    if not least <= rows <= most or (not rows and subject.table.faults):
        wrong = f"{rows:,} rows of data; between {least:,} and {most:,} are believable."
        if not rows and subject.table.faults:
            wrong = "No row could be read: the gate format says why."
        outcome = Outcome.FAIL
        findings = (Finding(rule="size.rows", message=wrong, remedy=_REMEDY, where=source.name),)
    elif not rows:
        wrong = "There is no row of data. That may be right: a person must say that it is rightly empty."
        outcome = Outcome.REVIEW
        findings = (Finding(rule="size.empty", message=wrong, remedy=_EMPTY, where=source.name),)
    return GateResult(
        gate="size",
        phase=Phase.BEFORE,
        outcome=outcome,
        measured=f"{rows:,} rows, {subject.table.size:,} bytes",
        limit=f"{least:,} to {most:,} rows, at most {source.max_bytes:,} bytes",
        value=float(rows),
        bound=float(least if rows < most else most),
        score=0.0 if outcome is Outcome.FAIL else 1.0,
        evidence=f"input:{source.name}",
        remedy=findings[0].remedy if findings else "",
        findings=findings,
    )
