"""A manifest held against itself: its hashes, its gates, its outcome and its score must say the same."""

from collections import Counter
from collections.abc import Iterator

from pipelines import digest
from pipelines.declaration import POLICY
from pipelines.manifest import Manifest
from pipelines.model import CONTENT_ROLES, Finding, Outcome, worst

_REMEDY = "Run again; a manifest is never mended by hand."
_SCORE = "score"


def of_manifest(told: Manifest) -> tuple[Finding, ...]:
    """Return where a manifest contradicts itself."""
    return tuple(
        Finding(rule=f"manifest.{rule}", message=message, remedy=_REMEDY)
        for judge in (_hashes, _artifacts, _outcome, _reached)
        for rule, message in judge(told)
    )


_Wrong = Iterator[tuple[str, str]]


def _hashes(told: Manifest) -> _Wrong:
    made = None
    if told.input_hash is not None:
        made = digest.of_spec(input_hash=told.input_hash, base=told.base)
    if told.spec_hash != made:
        yield "spec_hash", "The spec_hash is not made of input_hash and base."


def _artifacts(told: Manifest) -> _Wrong:
    roles = Counter(artifact.role for artifact in told.artifacts)
    if twice := sorted(role for role, count in roles.items() if count > 1):
        yield "artifacts", f"There is more than one {', '.join(twice)}."
    there = any(artifact.role in CONTENT_ROLES for artifact in told.artifacts)
    made = None
    if there and told.labels is not None:
        made = digest.of_content(told.artifacts, labels=told.labels)
    if told.content_digest != made:
        yield "content_digest", "The content_digest is not that of the artifacts and labels."


def _outcome(told: Manifest) -> _Wrong:
    gates = Counter(result.gate for result in told.gates)
    if twice := sorted(gate for gate, count in gates.items() if count > 1):
        yield "gates", f"More than one result is there of {', '.join(twice)}."
    said = Outcome.ERROR if told.failure else worst(result.outcome for result in told.gates)
    if told.outcome is not said:
        yield "outcome", f"The outcome is {told.outcome}, but its gates come to {said}."


def _reached(told: Manifest) -> _Wrong:
    """Judge what claims to have been looked at to the end."""
    if told.outcome in {Outcome.PASS, Outcome.REVIEW}:
        missed = sorted(result.gate for result in told.gates if result.outcome is Outcome.NOT_RUN)
        if missed or not told.catalogs:
            yield "reached", f"It is {told.outcome} without {', '.join(missed) or 'anything made'}."
    if not told.catalogs or told.outcome is Outcome.ERROR:
        return
    ran = {result.gate for result in told.gates if result.outcome is not Outcome.NOT_RUN}
    for name in (name for name in (*POLICY, _SCORE) if name not in ran):
        yield "gates", f"There is content, but no result of {name}."
    scored = told.result(_SCORE)
    if scored is not None and scored.value != (None if told.score is None else told.score.value):
        yield "score", "The score is not what its gate says."
