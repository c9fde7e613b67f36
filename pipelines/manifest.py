"""The content of a run as canonical bytes: what people review, approve and release by its digest."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property, lru_cache

from pipelines import digest, documents
from pipelines.errors import ManifestInvalid, NotStrict
from pipelines.model import (
    Artifact,
    DiffState,
    DiffSummary,
    Failure,
    Finding,
    GateResult,
    Input,
    Json,
    Labels,
    Outcome,
    Phase,
    ReviewTerms,
    Score,
)
from pipelines.store import Store

SCHEMA = "kfm/manifest/1"
READ_AT_MOST = 16 * 1024 * 1024
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")  # the last turn text round


@dataclass(frozen=True, kw_only=True)  # no slots: bytes and digest are worked out once
class Manifest:
    """One run's content; no clock, host, path or run id is in it."""

    asset: str
    family: str
    partition: str | None
    edition: str
    channel: str
    title: str
    family_digest: str | None
    code_digest: str
    policy_digest: str | None
    input_hash: str | None
    base: str
    spec_hash: str | None
    content_digest: str | None
    inputs: tuple[Input, ...]
    artifacts: tuple[Artifact, ...]
    catalogs: Mapping[str, str]
    diff: DiffSummary
    gates: tuple[GateResult, ...]
    score: Score | None
    outcome: Outcome
    labels: Labels | None
    review: ReviewTerms | None
    failure: Failure | None

    @cached_property
    def json(self) -> Json:
        """Return the document."""
        made: Json = {"schema": SCHEMA, **_listed(asdict(self))}
        return made

    @cached_property
    def content(self) -> bytes:
        """Return the canonical bytes."""
        return digest.canonical(self.json)

    @cached_property
    def digest(self) -> str:
        """Return the name under which people speak of it."""
        return digest.of(self.content)

    def artifact(self, role: str) -> Artifact | None:
        """Return the artifact of that role, if there is one."""
        return next((artifact for artifact in self.artifacts if artifact.role == role), None)

    def result(self, gate: str) -> GateResult | None:
        """Return what that gate said, if it is listed."""
        return next((result for result in self.gates if result.gate == gate), None)


def words(text: str, *, at_most: int) -> str:
    """Return a text as a manifest holds it: bounded, without control characters that an input brought."""
    plain = _CONTROLS.sub("\ufffd", text)
    return plain if len(plain) <= at_most else f"{plain[: at_most - 1]}…"


def write(store: Store, manifest: Manifest) -> str:
    """Keep the manifest and return its digest; refuse one that its own reader would refuse."""
    content = manifest.content
    parse(content)
    return store.put(content)


def read(store: Store, name: str) -> Manifest:
    """Return the manifest of that digest, verified and judged."""
    return parse(store.read(name, limit=READ_AT_MOST))


@lru_cache(maxsize=8)
def parse(content: bytes) -> Manifest:
    """Read a manifest's bytes; a run reads its own three times.

    Raises:
        ManifestInvalid: it is not strict canonical JSON, or its closed schema refuses it.
    """
    try:
        document = digest.read_json(content)
        canonical = digest.canonical(document)
    except NotStrict as cause:
        raise ManifestInvalid(f"The manifest cannot be read: {cause}") from cause
    wrong = documents.mistakes(document, schema="manifest", file="manifest")
    if wrong:
        raise ManifestInvalid("; ".join(str(mistake) for mistake in wrong[:5]))
    if canonical != content:
        raise ManifestInvalid("The manifest is not in canonical form: its digest would name other bytes.")
    return _manifest(document)


def _manifest(document: Json) -> Manifest:
    fields = {name: value for name, value in document.items() if name != "schema"}
    labels, review, failure = document["labels"], document["review"], document["failure"]
    fields |= {
        "inputs": tuple(Input(**pinned) for pinned in document["inputs"]),
        "artifacts": tuple(Artifact(**artifact) for artifact in document["artifacts"]),
        "diff": DiffSummary(**{**document["diff"], "state": DiffState(document["diff"]["state"])}),
        "gates": tuple(_gate(result) for result in document["gates"]),
        "score": None if document["score"] is None else Score(**document["score"]),
        "outcome": Outcome(document["outcome"]),
        "labels": None if labels is None else Labels.from_json(labels),
        "review": None if review is None else ReviewTerms(**{**review, "roles": tuple(review["roles"])}),
        "failure": None if failure is None else Failure(**failure),
    }
    return Manifest(**fields)


def _gate(result: Json) -> GateResult:
    typed = {
        "phase": Phase(result["phase"]),
        "outcome": Outcome(result["outcome"]),
        "findings": tuple(Finding(**finding) for finding in result["findings"]),
    }
    return GateResult(**{**result, **typed})


def _listed(document: Json) -> Json:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in document.items()}
