"""Gate: what policy, compiled from Rego, says of all facts together. Score: 1 if it allows, else 0."""

from pipelines import asking
from pipelines.model import Finding, GateResult, Outcome, Phase
from pipelines.subject import Subject

UNASSESSED = frozenset({"labels.present", "sovereignty.assessed"})  # only a new run mends these


def check(subject: Subject) -> GateResult:
    """FAIL on every rule that is not proved, with its own words; ERROR where nobody said who may see it."""
    judged, _ = asking.judge(subject)
    findings = tuple(
        Finding(
            rule=f"policy.{rule.id}",
            message=f"{rule.message} ({rule.code})",
            remedy=rule.remedy,
            where=rule.path,
        )
        for rule in judged.missing
    )
    silent = UNASSESSED & {rule.id for rule in judged.missing}
    outcome = Outcome.ERROR if silent else Outcome.FAIL if findings or not judged.allowed else Outcome.PASS
    return GateResult(
        gate="policy",
        phase=Phase.POLICY,
        outcome=outcome,
        measured=f"{len(judged.required) - len(findings)} of {len(judged.required)} rules proved",
        limit=f"all; bundle sha256:{judged.bundle[:8]}",
        value=float(len(findings)),
        bound=0.0,
        score=0.0 if findings else 1.0,
        evidence="artifact:judgement",
        remedy=findings[0].remedy if findings else "",
        findings=findings,
    )
