"""Gate: every input of text is UTF-8 without damage. Score: the share of its bytes that are."""

from collections.abc import Iterator

from pipelines.formats.table import Table
from pipelines.model import Finding, GateResult, Outcome, Phase
from pipelines.subject import Subject

_REMEDY = "Save the file as UTF-8 and deliver it again."


def check(subject: Subject) -> GateResult:
    """FAIL on a byte that is not UTF-8; REVIEW control and replacement characters; note a byte order mark."""
    tables = {name: one for name, one in subject.inputs_read.all.items() if isinstance(one, Table)}
    findings = tuple(found for name, table in tables.items() for found in _findings(name, table))
    undecoded = sum(table.not_utf8 for table in tables.values())
    bad = undecoded + sum(table.controls for table in tables.values())
    size = sum(table.size for table in tables.values())
    at_fault = (name for name, table in tables.items() if table.not_utf8 or table.controls)
    return GateResult(
        gate="encoding",
        phase=Phase.BEFORE,
        outcome=Outcome.FAIL if undecoded else Outcome.REVIEW if bad else Outcome.PASS,
        measured=f"{bad:,} damaged places in {size:,} bytes",
        limit="UTF-8 without damage",
        value=float(bad),
        bound=0.0,
        score=max(0.0, 1 - bad / max(size, 1)),
        evidence=f"input:{next(at_fault, subject.family.inputs[0].name)}",
        remedy=_REMEDY if bad else "",
        findings=findings,
    )


def _findings(name: str, table: Table) -> Iterator[Finding]:
    if table.first_not_utf8 is not None:
        wrong = f"Byte {table.first_not_utf8:,} is not UTF-8; {table.not_utf8:,} places in all."
        yield Finding(rule="encoding.utf8", message=wrong, remedy=_REMEDY, where=name)
    if table.controls:
        wrong = f"{table.controls:,} control or replacement characters: text was damaged before it came here."
        yield Finding(rule="encoding.damage", message=wrong, remedy=_REMEDY, where=name)
    if table.bom:
        noted = "The file begins with a byte order mark; it was left out."
        yield Finding(rule="encoding.bom", message=noted, remedy="Nothing to do.", where=name)
