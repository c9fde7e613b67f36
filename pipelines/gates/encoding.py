"""Gate: the input is UTF-8 text without damage. Score: the share of its bytes that are."""

from pipelines.model import Finding, GateResult, Outcome, Phase
from pipelines.subject import Subject

_REMEDY = "Save the file as UTF-8 and deliver it again."


def check(subject: Subject) -> GateResult:
    """FAIL on a byte that is not UTF-8; REVIEW control and replacement characters; note a byte order mark."""
    table, source = subject.table, subject.family.inputs[0].name
    findings = []
    if table.first_not_utf8 is not None:
        wrong = f"Byte {table.first_not_utf8:,} is not UTF-8; {table.not_utf8:,} places in all."
        findings.append(Finding(rule="encoding.utf8", message=wrong, remedy=_REMEDY, where=source))
    if table.controls:
        wrong = f"{table.controls:,} control or replacement characters: text was damaged before it came here."
        findings.append(Finding(rule="encoding.damage", message=wrong, remedy=_REMEDY, where=source))
    if table.bom:
        noted = "The file begins with a byte order mark; it was left out."
        findings.append(Finding(rule="encoding.bom", message=noted, remedy="Nothing to do.", where=source))
    bad = table.not_utf8 + table.controls
    return GateResult(
        gate="encoding",
        phase=Phase.BEFORE,
        outcome=Outcome.FAIL if table.not_utf8 else Outcome.REVIEW if table.controls else Outcome.PASS,
        measured=f"{bad:,} damaged places in {table.size:,} bytes",
        limit="UTF-8 without damage",
        value=float(bad),
        bound=0.0,
        score=max(0.0, 1 - bad / max(table.size, 1)),
        evidence=f"input:{source}",
        remedy=_REMEDY if bad else "",
        findings=tuple(findings),
    )
