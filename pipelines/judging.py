"""Ask the gates a family lists, each by itself, and sum up what they said: score and outcome."""

import logging
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from pipelines import sensitivity
from pipelines.errors import Stopped
from pipelines.family import Family, Quality
from pipelines.gates import GATES
from pipelines.manifest import words
from pipelines.model import FINDINGS_AT_MOST, Finding, GateResult, Outcome, Phase, Score
from pipelines.subject import Subject

log = logging.getLogger(__name__)

SCORE = "score"
WORDS_AT_MOST, PLACE_AT_MOST = 2000, 500
WITHHELD = "The input is not for everybody: who is cleared for it looks at the run of its own family."
_NUMBER = re.compile(r"-?\d+\.\d{2,}")  # as fine as a place may be told
_AGAIN = "Run it again; if it happens twice, the gate is broken: tell those who keep it."
_LOOK = "Look at the gates with the lowest scores first."


def ask(subject: Subject, *, phase: Phase) -> tuple[GateResult, ...]:
    """Return what each gate of that phase says; one that breaks is an ERROR and silences no other."""
    said = tuple(_answer(name, subject, phase) for name in listed(subject.family, phase))
    return tuple(map(withheld, said)) if phase is Phase.BEFORE and closed(subject) else said


def withheld(result: GateResult) -> GateResult:
    """Return what a gate said of inputs that are stricter than the run: which rule, of no row and place."""
    findings = tuple(replace(one, message=WITHHELD, where="") for one in result.findings)
    return replace(result, measured=_NUMBER.sub("…", result.measured), evidence="", findings=findings)


def closed(subject: Subject) -> bool:
    """Say whether an input is stricter than what the run makes of it."""
    inputs = [one.label for one in subject.inputs]
    return sensitivity.lowers(subject.family.labels.sensitivity, inputs=inputs)


def listed(family: Family, phase: Phase) -> tuple[str, ...]:
    """Return the gates the family lists for that phase."""
    return {
        Phase.BEFORE: family.gates.before,
        Phase.AFTER: family.gates.after,
        Phase.POLICY: family.gates.policy,
    }[phase]


def stops(results: Iterable[GateResult]) -> bool:
    """Say whether a before-gate stopped the run; what people may let pass does not."""
    return any(result.outcome in {Outcome.FAIL, Outcome.ERROR} for result in results)


def not_reached(family: Family, said: Sequence[GateResult]) -> tuple[GateResult, ...]:
    """Return NOT_RUN for every listed gate that said nothing."""
    heard = {result.gate for result in said}
    return tuple(
        GateResult(gate=name, phase=phase, outcome=Outcome.NOT_RUN, measured="not reached", limit="")
        for phase in (Phase.BEFORE, Phase.AFTER, Phase.POLICY)
        for name in listed(family, phase)
        if name not in heard
    )


def score(results: Sequence[GateResult], quality: Quality) -> tuple[GateResult, Score | None]:
    """Return the weighted mean of the gates' scores as a gate's result.

    A gate that measured nothing because there is nothing to compare with (REVIEW, no score) is left out;
    any other gate without a score makes the sum an ERROR.
    """
    said = {result.gate: result for result in results}
    silent = [name for name in quality.weights if _silent(said.get(name))]
    counted = {name: weight for name, weight in quality.weights.items() if _scored(said.get(name))}
    if silent or not counted:
        return _unscored(silent or sorted(quality.weights), quality), None
    value = sum(weight * (said[name].score or 0.0) for name, weight in counted.items()) / sum(
        counted.values()
    )
    reached = Score(value=round(value, 6), threshold=quality.threshold, floor=quality.floor)
    lowest = min(counted, key=lambda name: said[name].score or 0.0)
    return _scored_result(reached, lowest=lowest), reached


def _silent(result: GateResult | None) -> bool:
    return result is None or (result.score is None and result.outcome is not Outcome.REVIEW)


def _scored(result: GateResult | None) -> bool:
    return result is not None and result.score is not None


def _unscored(silent: Sequence[str], quality: Quality) -> GateResult:
    wrong = f"There is no score of {', '.join(silent)}: the sum would say more than was measured."
    return GateResult(
        gate=SCORE,
        phase=Phase.SCORE,
        outcome=Outcome.ERROR,
        measured="no score",
        limit=f"at least {quality.threshold:.2f}, never under {quality.floor:.2f}",
        bound=quality.threshold,
        evidence=f"gate:{silent[0]}",
        remedy=_AGAIN,
        findings=(Finding(rule="score.missing", message=wrong, remedy=_AGAIN),),
    )


def _scored_result(reached: Score, *, lowest: str) -> GateResult:
    outcome, finding = Outcome.PASS, None
    if reached.value < reached.floor:
        wrong = f"The score {reached.value:.3f} is under the floor {reached.floor:.2f}."
        outcome, finding = Outcome.FAIL, Finding(rule="score.floor", message=wrong, remedy=_LOOK)
    elif reached.value < reached.threshold:
        wrong = f"The score {reached.value:.3f} is under the threshold {reached.threshold:.2f}."
        outcome, finding = Outcome.REVIEW, Finding(rule="score.threshold", message=wrong, remedy=_LOOK)
    return GateResult(
        gate=SCORE,
        phase=Phase.SCORE,
        outcome=outcome,
        measured=f"{reached.value:.3f}",
        limit=f"at least {reached.threshold:.2f}, never under {reached.floor:.2f}",
        value=reached.value,
        bound=reached.threshold,
        score=reached.value,
        evidence=f"gate:{lowest}",
        remedy=_LOOK if finding else "",
        findings=(finding,) if finding else (),
    )


def _answer(name: str, subject: Subject, phase: Phase) -> GateResult:
    gate = GATES.get(name)
    if gate is None or gate.phase is not phase:
        return _broken(
            name, phase, f"There is no gate {name!r} for {phase}: correct `gates` in pipeline.yaml."
        )
    try:
        return bounded(gate.check(subject))
    except Stopped as stopped:
        return bounded(_broken(name, phase, str(stopped)))
    except Exception as broke:  # a gate that breaks must not pass, whatever broke it
        log.exception("Gate %s broke", name)
        return bounded(_broken(name, phase, f"The gate broke: {type(broke).__name__}: {broke}"))


def bounded(result: GateResult) -> GateResult:
    """Return what a gate said, shortened to what a manifest holds: the input's texts have no bound."""
    kept = result.findings[:FINDINGS_AT_MOST]
    if len(result.findings) > len(kept):
        more = f"{len(result.findings) - len(kept):,} more findings, {len(result.findings):,} in all."
        kept = (*kept, replace(kept[-1], message=more, where=""))
    return replace(
        result,
        measured=words(result.measured, at_most=WORDS_AT_MOST),
        limit=words(result.limit, at_most=WORDS_AT_MOST),
        evidence=words(result.evidence, at_most=WORDS_AT_MOST),
        remedy=words(result.remedy, at_most=WORDS_AT_MOST),
        findings=tuple(
            replace(
                one,
                message=words(one.message, at_most=WORDS_AT_MOST),
                where=words(one.where, at_most=PLACE_AT_MOST),
            )
            for one in kept
        ),
    )


def _broken(name: str, phase: Phase, message: str) -> GateResult:
    return GateResult(
        gate=name,
        phase=phase,
        outcome=Outcome.ERROR,
        measured="nothing",
        limit="",
        remedy=_AGAIN,
        findings=(Finding(rule=f"{name}.broken", message=message, remedy=_AGAIN),),
    )
