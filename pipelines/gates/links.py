"""Gate: STAC and DCAT each carry the links they owe and none that leads out. Score: 1 if so, else 0."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from rdflib import Graph

from pipelines import digest, policy
from pipelines.catalog import graph
from pipelines.catalog import links as owed
from pipelines.errors import PolicyMissing
from pipelines.model import Finding, GateResult, Json, Outcome, Phase
from pipelines.subject import Subject

_REMEDY = "Run again: links are written by the product; a strange one came in with the family's texts."


def check(subject: Subject) -> GateResult:
    """FAIL on a link that is missing, or points to a place nobody allowed; PROV's are judged at closing."""
    made, allowed = subject.product, policy.numbers("links")
    if not allowed["required"] or not allowed["hosts"]:
        raise PolicyMissing("policies/data/links.yaml demands no link: without policy nothing may pass.")
    item = digest.read_json(subject.store.read(made.catalogs["stac"]))
    read = graph.read(subject.store.read(made.catalogs["dcat"]))
    findings = (
        *owed.of_item(item),
        *owed.of_dataset(read, spec_hash=made.content.spec_hash),
        *_demanded(item, read, allowed["required"]),
        *_strange(read, frozenset(allowed["hosts"])),
    )
    return GateResult(
        gate="links",
        phase=Phase.POLICY,
        outcome=Outcome.FAIL if findings else Outcome.PASS,
        measured=f"{len(findings)} links missing or strange",
        limit=f"none; owed are {', '.join(allowed['required'])}",
        value=float(len(findings)),
        bound=0.0,
        score=0.0 if findings else 1.0,
        evidence="catalog:stac",
        remedy=_REMEDY if findings else "",
        findings=findings,
    )


def _demanded(item: Json, read: Graph, required: list[str]) -> Iterator[Finding]:
    """Hold the policy's own list against both documents, whatever our code thinks they owe."""
    said = {f"stac:{link.get('rel')}" for link in item["links"]}
    said |= {f"dcat:{read.namespace_manager.curie(str(term))}" for term in set(read.predicates())}
    for name in required:
        if name not in said:
            yield _finding("required", f"The link {name} is missing.", name)


def _strange(read: Graph, hosts: frozenset[str]) -> Iterator[Finding]:
    for target in sorted({str(one) for one in read.objects() if str(one).startswith(("http:", "https:"))}):
        if urlsplit(target).hostname not in hosts:
            yield _finding("host", f"{target} is on a host that nobody allowed.", target)


def _finding(rule: str, message: str, where: str) -> Finding:
    return Finding(rule=f"links.{rule}", message=message, remedy=_REMEDY, where=where)
