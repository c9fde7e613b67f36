"""What an attempt's PROV tells of inputs, gates and outcome, held against the manifest."""

from collections.abc import Iterator

from rdflib import RDF, Graph, URIRef
from rdflib.term import Node

from pipelines.catalog import graph, names, stac
from pipelines.catalog.graph import DCT, KFM, PROV
from pipelines.manifest import Manifest
from pipelines.model import NO_BASE, Finding, Outcome


def faults(read: Graph, told: Manifest) -> tuple[Finding, ...]:
    """Return what the attempt leaves out, adds or tells otherwise."""
    return tuple(_faults(read, told))


def _faults(read: Graph, told: Manifest) -> Iterator[Finding]:
    attempt = graph.one(read, KFM.RunAttempt)
    outcome = read.value(attempt, KFM.outcome)
    if str(outcome) != told.outcome:
        yield _finding("outcome", f"The attempt says {outcome}, the manifest {told.outcome}.")
    used = {one.sha256 for one in told.inputs} | ({told.base} - {NO_BASE})
    if set(read.objects(attempt, PROV.used)) != {URIRef(names.bytes_id(one)) for one in used}:
        yield _finding("inputs", "The attempt does not say that it used the manifest's inputs and base.")
    wanted = {
        (result.gate, str(result.phase), str(result.outcome))
        for result in told.gates
        if result.outcome is not Outcome.NOT_RUN
    }
    for gate, _, _ in sorted(wanted ^ set(_judged(read, attempt))):
        yield _finding("gates", f"The attempt and the manifest disagree about the gate {gate}.")


def _judged(read: Graph, attempt: Node) -> Iterator[tuple[str, str, str]]:
    """Yield gate, phase and outcome of each evaluation that was part of the attempt."""
    for result in read.subjects(RDF.type, KFM.GateResult):
        activity = read.value(result, PROV.wasGeneratedBy)
        part = (activity, DCT.isPartOf, attempt) in read
        gate, phase, outcome = (str(read.value(result, term)) for term in (KFM.gate, KFM.phase, KFM.outcome))
        yield gate, phase, outcome if part else "of another attempt"


def _finding(rule: str, message: str) -> Finding:
    return Finding(rule=f"prov.{rule}", message=message, remedy=stac.MAKE_AGAIN)
