"""How a run ends: its manifest, the PROV of its attempt, and the closing check of all documents."""

import logging
import os
import socket
from dataclasses import dataclass, replace
from datetime import datetime

from pipelines import digest, manifest, policy
from pipelines.catalog import labels as catalogued
from pipelines.catalog import prov, triad
from pipelines.errors import Stopped
from pipelines.family import Family
from pipelines.judging import not_reached
from pipelines.manifest import Manifest
from pipelines.model import (
    Artifact,
    DiffState,
    DiffSummary,
    Failure,
    Finding,
    GateResult,
    Job,
    Outcome,
    Phase,
)
from pipelines.store import Store

log = logging.getLogger(__name__)

NOT_REACHED = DiffSummary(state=DiffState.NOT_REACHED, why="The run ended before it could compare.")
MESSAGE_AT_MOST = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """The two documents that say how an attempt ended, and what it comes to."""

    manifest_digest: str
    prov_digest: str
    outcome: Outcome


def attempt(job: Job, *, started: datetime, ended: datetime) -> prov.Attempt:
    """Return what only this attempt's PROV knows: its times and its host."""
    return prov.Attempt(
        run=job.run,
        number=job.attempt,
        requested_by=job.requested_by,
        author=job.author,
        requested_at=job.requested_at,
        why=job.why,
        worker=f"{socket.gethostname()}:{os.getpid()}",
        started_at=started.isoformat(),
        ended_at=max(started, ended).isoformat(),  # a clock may be set back meanwhile
    )


def unfinished(job: Job, family: Family | None) -> Manifest:
    """Return the manifest of a run of which nothing is known yet but what was asked for: an ERROR."""
    return Manifest(
        asset=job.asset,
        family=job.family,
        partition=job.partition,
        edition=job.edition,
        channel=job.channel,
        title=job.asset if family is None else family.title,
        family_digest=None if family is None else family.digest,
        code_digest=digest.code(),
        policy_digest=_policy(),
        input_hash=None,
        base=job.base,
        spec_hash=None,
        content_digest=None,
        inputs=(),
        artifacts=(),
        catalogs={},
        diff=NOT_REACHED,
        gates=() if family is None else not_reached(family, ()),
        score=None,
        outcome=Outcome.ERROR,
        labels=None if family is None else family.labels,
        review=None if family is None else family.review,
        failure=None,
    )


def failed(known: Manifest, family: Family | None, *, said: tuple[GateResult, ...], why: Failure) -> Manifest:
    """Return the ERROR manifest of a run that could not go on: what was known by then, and why."""
    gates = (*said, *(() if family is None else not_reached(family, said)))
    shortened = replace(why, message=manifest.words(why.message, at_most=MESSAGE_AT_MOST))
    return replace(known, gates=gates, outcome=Outcome.ERROR, failure=shortened)


def close(made: Manifest, *, attempt: prov.Attempt, store: Store) -> Closed:
    """Keep manifest and PROV and check that everything closes; if not, write both anew as an ERROR."""
    made = replace(made, artifacts=marked(made.artifacts, made))
    closed, findings = _written(made, attempt, store)
    if not findings:
        return closed
    log.error("The closing check found %s", ", ".join(finding.rule for finding in findings))
    broken = GateResult(
        gate="closing",
        phase=Phase.CLOSING,
        outcome=Outcome.ERROR,
        measured=f"{len(findings)} broken rules",
        limit="none",
        value=float(len(findings)),
        bound=0.0,
        evidence="documents:attempt",
        remedy=findings[0].remedy,
        findings=findings,
    )
    again, _ = _written(replace(made, gates=(*made.gates, broken), outcome=Outcome.ERROR), attempt, store)
    return again


def marked(artifacts: tuple[Artifact, ...], known: Manifest) -> tuple[Artifact, ...]:
    """Return artifacts each with its own label; of a run without one, as strict as can be."""
    labels = known.labels
    if labels is None:
        return artifacts
    return tuple(
        replace(one, label=catalogued.artifact(one.role, labels=labels, inputs=known.inputs))
        for one in artifacts
    )


def _written(made: Manifest, attempt: prov.Attempt, store: Store) -> tuple[Closed, tuple[Finding, ...]]:
    name = manifest.write(store, made)
    document = prov.document(made, attempt=attempt)
    closed = Closed(manifest_digest=name, prov_digest=store.put(document), outcome=made.outcome)
    try:
        return closed, triad.check(made.content, prov=document, store=store)
    except Exception as broke:  # a check that breaks has not passed, whatever broke it
        log.exception("The closing check broke")
        wrong = f"The closing check broke: {type(broke).__name__}: {broke}"
        return closed, (Finding(rule="closing.broken", message=wrong, remedy="Run again."),)


def _policy() -> str | None:
    try:
        return policy.bundle()
    except Stopped:  # said where gates are asked; the record of the end must be possible
        return None
