"""Write a manifest down as rows: once for each digest, never again."""

from datetime import datetime

from kfm_review.runs.models import Artifact, Asset, Diff, Document, Finding, GateResult, Manifest, Run
from kfm_review.runs.reading import Result
from pipelines import manifest


def write(content: manifest.Manifest, *, asset: Asset, now: datetime) -> Manifest:
    """Return the rows of a manifest, made now unless another run made the same."""
    known = Manifest.objects.filter(pk=content.digest).first()
    return known or _write(content, asset=asset, now=now)


def write_documents(result: Result, *, run: Run, attempt: int) -> None:
    """Write down which catalog and provenance documents an attempt wrote."""
    Document.objects.bulk_create(
        Document(
            manifest_id=result.manifest.digest, run=run, attempt=attempt, kind=kind, sha256=name, size=size
        )
        for kind, (name, size) in sorted(result.documents.items())
    )


def _write(content: manifest.Manifest, *, asset: Asset, now: datetime) -> Manifest:
    made = Manifest.objects.create(
        digest=content.digest,
        asset=asset,
        family=content.family,
        edition=content.edition,
        body=content.json,
        outcome=content.outcome,
        score=content.score.value if content.score else None,
        base=content.base,
        input_hash=content.input_hash,
        content_digest=content.content_digest,
        label=content.labels.sensitivity if content.labels else "",
        recorded_at=now,
    )
    Artifact.objects.bulk_create(
        Artifact(
            manifest=made,
            role=bytes_.role,
            media_type=bytes_.media_type,
            sha256=bytes_.sha256,
            size=bytes_.size,
        )
        for bytes_ in content.artifacts
    )
    _write_gates(content, made)
    diff = content.diff
    Diff.objects.create(
        manifest=made,
        state=diff.state,
        added=diff.added,
        removed=diff.removed,
        changed=diff.changed,
        moved=diff.moved,
        decimals_only=diff.decimals_only,
        before_rows=diff.before_rows,
        after_rows=diff.after_rows,
        artifact=diff.artifact,
        why=diff.why,
    )
    return made


def _write_gates(content: manifest.Manifest, made: Manifest) -> None:
    rows = GateResult.objects.bulk_create(
        GateResult(
            manifest=made,
            position=position,
            gate=said.gate,
            phase=said.phase,
            outcome=said.outcome,
            measured=said.measured,
            limit=said.limit,
            value=said.value,
            bound=said.bound,
            score=said.score,
            evidence=said.evidence,
            remedy=said.remedy,
        )
        for position, said in enumerate(content.gates)
    )
    Finding.objects.bulk_create(
        Finding(
            result=row,
            position=position,
            rule=found.rule,
            message=found.message,
            remedy=found.remedy,
            where=found.where,
        )
        for row, said in zip(rows, content.gates, strict=True)
        for position, found in enumerate(said.findings)
    )
