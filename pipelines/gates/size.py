"""Gate: the input has a believable number of rows. Score: 1 within the bounds, else 0."""

from pipelines.model import Finding, GateResult, Outcome, Phase
from pipelines.subject import Subject

_REMEDY = "Look whether the file was cut off or is another one, and deliver it again."


def check(subject: Subject) -> GateResult:
    """FAIL on fewer rows than `rows_min` or more than `rows_max`; bytes were bounded before."""
    expected, source = subject.family.expectations["size"], subject.family.inputs[0]
    least, most = expected["rows_min"], expected["rows_max"]
    rows = subject.table.rows.num_rows
    within = least <= rows <= most
    wrong = f"{rows:,} rows of data; between {least:,} and {most:,} are believable."
    finding = Finding(rule="size.rows", message=wrong, remedy=_REMEDY, where=source.name)
    return GateResult(
        gate="size",
        phase=Phase.BEFORE,
        outcome=Outcome.PASS if within else Outcome.FAIL,
        measured=f"{rows:,} rows, {subject.table.size:,} bytes",
        limit=f"{least:,} to {most:,} rows, at most {source.max_bytes:,} bytes",
        value=float(rows),
        bound=float(least if rows < most else most),
        score=1.0 if within else 0.0,
        evidence=f"input:{source.name}",
        remedy="" if within else _REMEDY,
        findings=() if within else (finding,),
    )
