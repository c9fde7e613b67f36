"""PROV of every family and of a promotion, read back by a reader that is not ours: nothing is lost."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from prov.constants import PROV_ATTR_TIME
from prov.model import (
    ProvActivity,
    ProvAgent,
    ProvAssociation,
    ProvDelegation,
    ProvDerivation,
    ProvDocument,
    ProvEntity,
    ProvGeneration,
    ProvInvalidation,
    ProvRecord,
    ProvUsage,
)
from rdflib import RDF, Graph
from rdflib.term import Node

from pipelines.catalog import graph, prov_check, prov_exception, prov_promotion
from pipelines.catalog.graph import PROV
from pipelines.proof.envelope import Statement
from tests.conformance.published import Release
from tests.pipelines import made

# What the other reader asks of rdflib is going out of use there.
pytestmark = pytest.mark.filterwarnings("ignore:Dataset.default_context:DeprecationWarning")
PROMOTION = prov_promotion.Promotion(
    number=7,
    kind="promote",
    asset="ks_airports",
    channel="public",
    release=2,
    manifest="a" * 64,
    why="Approved.",
    approved_by=("rita",),
    requested_by="pia",
    started_at="2026-11-24T10:00:00+00:00",
    ended_at="2026-11-24T10:00:01+00:00",
    published={"stac.json": "b" * 64},
)
EXCEPTION = Statement(
    subjects={"manifest": "a" * 64, "gate-result:rows": "b" * 64},
    predicate_type="urn:kfm:predicate:exception:1",
    predicate={
        "id": "01890a5d-ac96-774b-bcce-b302099a8057",
        "class": "SOVEREIGNTY",
        "issued_at": "2026-11-24T10:00:00Z",
        "justification": "Agreed with the community.",
        "requester": "stella",
    },
    content=b"",
)
FORMS = (
    (ProvGeneration, PROV.wasGeneratedBy, PROV.qualifiedGeneration, PROV.activity),
    (ProvUsage, PROV.used, PROV.qualifiedUsage, PROV.entity),
    (ProvInvalidation, PROV.wasInvalidatedBy, PROV.qualifiedInvalidation, PROV.activity),
    (ProvAssociation, PROV.wasAssociatedWith, PROV.qualifiedAssociation, PROV.agent),
)


def read_back(document: bytes) -> tuple[Graph, list[ProvRecord]]:
    """Return the graph of a document, and what the other reader makes of it."""
    read = graph.read(document)
    words = (Graph() + read).serialize(format="turtle")
    return read, list(
        ProvDocument.deserialize(content=words, format="rdf", rdf_format="turtle").get_records()
    )


def of(records: list[ProvRecord], kind: type[ProvRecord]) -> list[ProvRecord]:
    return [record for record in records if isinstance(record, kind)]


def ends(record: ProvRecord) -> tuple[str, str]:
    (_, first), (_, second), *_ = record.formal_attributes
    return first.uri, second.uri


def typed(read: Graph, kind: Node) -> set[str]:
    return {str(one) for one in read.subjects(RDF.type, kind)}


def compare(document: bytes, judged: Counter[str]) -> None:
    """Hold what the other reader found against the graph: every thing, and every relation in both forms."""
    read, records = read_back(document)
    for what, thing in ((ProvActivity, PROV.Activity), (ProvEntity, PROV.Entity), (ProvAgent, PROV.Agent)):
        assert {str(record.identifier and record.identifier.uri) for record in of(records, what)} == typed(
            read, thing
        )
    for kind, direct, qualified, end in FORMS:
        said = {(str(one), str(other)) for one, other in read.subject_objects(direct)}
        told = {
            (str(one), str(other))
            for one, form in read.subject_objects(qualified)
            for other in read.objects(form, end)
        }
        assert said == told == {ends(record) for record in of(records, kind)}
        judged["prov: relations in both forms, read back"] += len(said)
    timed = [one for one in records if dict(one.formal_attributes).get(PROV_ATTR_TIME)]
    assert len(timed) == len(set(read.subjects(PROV.atTime, None)))
    for other, direct in ((ProvDerivation, PROV.wasDerivedFrom), (ProvDelegation, PROV.actedOnBehalfOf)):
        said = {(str(one), str(end)) for one, end in read.subject_objects(direct)}
        assert said == {ends(record) for record in of(records, other)}
    judged["prov: documents, read back by the package prov"] += 1


def test_another_reader_finds_what_was_written(judged: Counter[str]) -> None:
    withdrawn = replace(PROMOTION, kind="withdraw")
    ended = datetime(2026, 11, 24, 12, tzinfo=UTC)
    documents = (
        made.whole().prov,
        prov_promotion.document(PROMOTION),
        prov_promotion.document(withdrawn),
        prov_exception.document(EXCEPTION, digest="c" * 64, by=("gil", "ada"), at=ended),
    )
    for document in documents:
        assert prov_check.check(document) == ()
        compare(document, judged)


@pytest.mark.slow
def test_another_reader_finds_what_was_written_of_every_family(
    released: tuple[Release, ...], judged: Counter[str]
) -> None:
    for release in released:
        assert prov_check.check(release.prov) == (), release.family
        compare(release.prov, judged)
