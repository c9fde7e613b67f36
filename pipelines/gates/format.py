"""Gate: every input is what its media type says, whole to its end. Score: 1 if all are, else 0."""

from collections.abc import Iterable

from pipelines.formats.table import Fault, Table
from pipelines.model import Finding, GateResult, Outcome, Phase
from pipelines.subject import Subject


def check(subject: Subject) -> GateResult:
    """FAIL on whatever a reader could not read; REVIEW what it had to guess."""
    read = subject.inputs_read.all
    faults = [found for name, one in read.items() for found in _findings(name, one.faults)]
    guesses = [
        found
        for name, one in read.items()
        if isinstance(one, Table)
        for found in _findings(name, one.guesses)
    ]
    findings = (*faults, *guesses)
    size = sum(one.size for one in read.values())
    at_fault = findings[0].where.split(":")[0] if findings else subject.family.inputs[0].name
    return GateResult(
        gate="format",
        phase=Phase.BEFORE,
        outcome=Outcome.FAIL if faults else Outcome.REVIEW if guesses else Outcome.PASS,
        measured=f"{len(faults):,} faults and {len(guesses):,} guesses in {size:,} bytes",
        limit=f"every input whole and as its media type says: {_types(subject)}",
        value=float(len(findings)),
        bound=0.0,
        score=0.0 if faults else 1.0,
        evidence=f"input:{at_fault}",
        remedy=findings[0].remedy if findings else "",
        findings=findings,
    )


def _findings(name: str, faults: Iterable[Fault]) -> list[Finding]:
    return [
        Finding(
            rule=f"format.{fault.rule}",
            message=fault.message,
            remedy=fault.remedy,
            where=f"{name}: {fault.where}" if fault.where else name,
        )
        for fault in faults
    ]


def _types(subject: Subject) -> str:
    return ", ".join(dict.fromkeys(source.media_type for source in subject.family.inputs))
