"""Gate: STAC and DCAT, read back, are valid and true to the bytes. Score: 1 if nothing is wrong, else 0."""

import re
from collections.abc import Iterator
from dataclasses import astuple

from rdflib import Graph, URIRef

from pipelines import digest
from pipelines.catalog import checksums, dcat, graph, stac
from pipelines.errors import ArtifactDamaged, ArtifactMissing
from pipelines.model import Finding, GateResult, Json, Outcome, Phase
from pipelines.subject import Made, Subject

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?")
_PLACES = 9


def check(subject: Subject) -> GateResult:
    """FAIL on whatever a validator, the checksums, the dates or the boxes say against a document."""
    made = subject.product
    item = subject.store.read(made.catalogs["stac"])
    dataset = subject.store.read(made.catalogs["dcat"])
    findings = (*stac.check(item), *dcat.check(dataset))
    if not findings:
        findings = tuple(_true(made, subject, digest.read_json(item), graph.read(dataset)))
    return GateResult(
        gate="catalogs",
        phase=Phase.AFTER,
        outcome=Outcome.FAIL if findings else Outcome.PASS,
        measured=f"{len(findings)} faults in STAC and DCAT",
        limit="none",
        value=float(len(findings)),
        bound=0.0,
        score=0.0 if findings else 1.0,
        evidence="catalog:stac",
        remedy=stac.MAKE_AGAIN if findings else "",
        findings=findings,
    )


def _true(made: Made, subject: Subject, item: Json, read: Graph) -> Iterator[Finding]:
    for artifact in checksums.content(made.artifacts):
        try:
            subject.store.verify(artifact.sha256)
        except (ArtifactMissing, ArtifactDamaged) as cause:
            yield _finding("bytes", str(cause), artifact.role)
    yield from checksums.in_item(item, made.artifacts)
    yield from checksums.in_dataset(read, made.artifacts)
    layer = made.content.layers[0]  # described from the bytes, read back
    rows = item["assets"]["data"].get("table:row_count", layer.rows)
    if rows != layer.rows:
        yield _finding("rows", f"STAC counts {rows:,} rows, the layer has {layer.rows:,}.", "stac")
    around = [round(edge, _PLACES) for edge in astuple(layer.extent)]
    for document, box in (("stac", item["bbox"]), ("dcat", _box(read))):
        if [round(edge, _PLACES) for edge in box] != around:
            yield _finding("box", f"The box in {document.upper()} is not the layer's.", document)


def _box(read: Graph) -> list[float]:
    place = read.value(graph.one(read, graph.DCAT.Dataset), graph.DCT.spatial)
    told = str(read.value(place, URIRef(graph.DCAT.bbox)))
    numbers = [float(one) for one in _NUMBER.findall(told)]
    across, up = numbers[0::2], numbers[1::2]
    return [min(across), min(up), max(across), max(up)] if across and up else []


def _finding(rule: str, message: str, where: str) -> Finding:
    return Finding(rule=f"catalogs.{rule}", message=message, remedy=stac.MAKE_AGAIN, where=where)
