"""Gate: the licence is known, allows publishing, and is the same everywhere. Score: 1 if so, else 0."""

from collections.abc import Iterator

from rdflib import RDF, Literal, URIRef

from pipelines import digest, policy
from pipelines.catalog import graph
from pipelines.model import Finding, GateResult, Json, Licence, Outcome, Phase
from pipelines.subject import Subject

_REMEDY = "Name in pipeline.yaml the licence under which the source gives its data."


def check(subject: Subject) -> GateResult:
    """FAIL on a licence that is not on the list, lacks its attribution, or differs from place to place."""
    allowed = policy.numbers("rights")["licences"]
    findings = tuple(_wrong(subject, allowed))
    licence = subject.product.content.licence
    return GateResult(
        gate="rights",
        phase=Phase.POLICY,
        outcome=Outcome.FAIL if findings else Outcome.PASS,
        measured=f"{licence.spdx or 'no licence'}, {licence.attribution or 'no attribution'}",
        limit=f"one of {', '.join(sorted(allowed))}",
        value=float(len(findings)),
        bound=0.0,
        score=0.0 if findings else 1.0,
        evidence="catalog:dcat",
        remedy=_REMEDY if findings else "",
        findings=findings,
    )


def _wrong(subject: Subject, allowed: Json) -> Iterator[Finding]:
    made = subject.product
    licence, rights = made.content.licence, made.content.labels.rights
    if licence.spdx not in allowed:
        yield _finding(
            "licence", f"{licence.spdx or 'Nothing'} is not a licence we may publish under.", "licence"
        )
        return
    if allowed[licence.spdx]["attribution"] and not licence.attribution.strip():
        yield _finding(
            "attribution", f"{licence.spdx} demands that the source be named.", "licence.attribution"
        )
    if rights != licence.spdx:
        yield _finding("label", f"The label says {rights}, the licence {licence.spdx}.", "labels.rights")
    if licence.uri != allowed[licence.spdx]["uri"]:
        yield _finding("address", f"{licence.uri} is not the address of {licence.spdx}.", "licence.uri")
    yield from _catalogued(subject, licence)


def _catalogued(subject: Subject, licence: Licence) -> Iterator[Finding]:
    made = subject.product
    said = digest.read_json(subject.store.read(made.catalogs["stac"]))["properties"]
    for name, want in (("license", licence.spdx), ("sci:citation", licence.attribution)):
        if said.get(name) != want:
            yield _finding("stac", f"STAC says {said.get(name)}.", f"stac:properties.{name}")
    read = graph.read(subject.store.read(made.catalogs["dcat"]))
    for kind in (graph.DCAT.Dataset, graph.DCAT.Distribution):
        for node in read.subjects(RDF.type, kind):
            if set(read.objects(node, graph.DCT.license)) != {URIRef(licence.uri)}:
                yield _finding("dcat", "DCAT names another licence.", f"dcat:{node}")
            statement = read.value(node, graph.DCT.rights)
            if read.value(statement, graph.ODRS.attributionText) != Literal(licence.attribution):
                yield _finding("dcat", "DCAT does not name the source.", f"dcat:{node}")


def _finding(rule: str, message: str, where: str) -> Finding:
    return Finding(rule=f"rights.{rule}", message=message, remedy=_REMEDY, where=where)
