"""Datasets and catalog of every family by the published shapes of DCAT-US 3, and by duties of DCAT-AP 3."""

from collections import Counter
from functools import lru_cache

import pyshacl
import pytest
from rdflib import OWL, Graph

from pipelines import digest
from pipelines.catalog import dcat, graph, publish
from tests.conformance.conftest import VECTORS
from tests.conformance.published import PUBLISHED, Release
from tests.pipelines import made

SHAPES = VECTORS / "dcat-us-3" / "shacl" / "dcat-us_3.0_shacl_shapes.ttl"
needs_shapes = pytest.mark.skipif(not SHAPES.is_file(), reason="../shared/vectors/dcat-us-3 is not here")
# The published shapes of DCAT-AP 3 are not at hand. These restate what its text makes mandatory, and what it
# allows only once: they are ours, and no substitute for the published ones.
OBLIGED = """
@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> . @prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix spdx: <http://spdx.org/rdf/terms#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
[] a sh:NodeShape ; sh:targetClass dcat:Catalog ;
   sh:property [ sh:path dct:title ; sh:minCount 1 ; sh:nodeKind sh:Literal ] ,
     [ sh:path dct:description ; sh:minCount 1 ; sh:nodeKind sh:Literal ] ,
     [ sh:path dct:publisher ; sh:minCount 1 ; sh:maxCount 1 ; sh:class foaf:Agent ] ,
     [ sh:path dcat:dataset ; sh:class dcat:Dataset ] .
[] a sh:NodeShape ; sh:targetClass dcat:Dataset ;
   sh:property [ sh:path dct:title ; sh:minCount 1 ; sh:nodeKind sh:Literal ] ,
     [ sh:path dct:description ; sh:minCount 1 ; sh:nodeKind sh:Literal ] ,
     [ sh:path dct:accessRights ; sh:maxCount 1 ; sh:nodeKind sh:BlankNodeOrIRI ] ,
     [ sh:path dct:publisher ; sh:maxCount 1 ; sh:class foaf:Agent ] ,
     [ sh:path dct:modified ; sh:maxCount 1 ] , [ sh:path dcat:version ; sh:maxCount 1 ] ,
     [ sh:path dct:spatial ; sh:class dct:Location ] , [ sh:path dct:temporal ; sh:class dct:PeriodOfTime ] ,
     [ sh:path dcat:distribution ; sh:class dcat:Distribution ] .
[] a sh:NodeShape ; sh:targetClass dcat:Distribution ;
   sh:property [ sh:path dcat:accessURL ; sh:minCount 1 ; sh:nodeKind sh:BlankNodeOrIRI ] ,
     [ sh:path dct:license ; sh:maxCount 1 ; sh:nodeKind sh:BlankNodeOrIRI ] ,
     [ sh:path dcat:byteSize ; sh:maxCount 1 ; sh:datatype xsd:nonNegativeInteger ] ,
     [ sh:path dcat:mediaType ; sh:maxCount 1 ; sh:nodeKind sh:BlankNodeOrIRI ] ,
     [ sh:path spdx:checksum ; sh:maxCount 1 ; sh:class spdx:Checksum ] .
[] a sh:NodeShape ; sh:targetClass foaf:Agent ; sh:property [ sh:path foaf:name ; sh:minCount 1 ] .
[] a sh:NodeShape ; sh:targetClass spdx:Checksum ;
   sh:property [ sh:path spdx:algorithm ; sh:minCount 1 ; sh:maxCount 1 ] ,
     [ sh:path spdx:checksumValue ; sh:minCount 1 ; sh:maxCount 1 ; sh:datatype xsd:hexBinary ] .
"""


@lru_cache(maxsize=2)
def shapes(name: str) -> Graph:
    read = Graph().parse(SHAPES) if name == "dcat-us" else Graph().parse(data=OBLIGED, format="turtle")
    read.remove((None, OWL.imports, None))
    return read


def violations(document: bytes, *, by: str) -> list[str]:
    """Return what some shapes say about a document, nothing being inferred."""
    conforms, _, words = pyshacl.validate(
        Graph() + graph.read(document), shacl_graph=shapes(by), inference="none", do_owl_imports=False
    )
    return [] if conforms else str(words).split("Constraint Violation")[1:]


BY = pytest.mark.parametrize("by", [pytest.param("dcat-us", marks=needs_shapes), "dcat-ap"])


@BY
def test_a_dataset_breaks_no_shape_and_a_spoilt_one_does(by: str, judged: Counter[str]) -> None:
    document = made.whole().dcat
    assert violations(document, by=by) == []
    told = digest.read_json(document)
    for field in ("dct:title", "dct:description"):
        spoilt = {name: value for name, value in told.items() if name != field}
        assert violations(digest.canonical(spoilt), by=by), field
    judged[f"{by}: spoilt datasets, refused"] += 2


@pytest.mark.slow
@BY
def test_the_published_documents_of_every_family_break_no_shape(
    by: str, released: tuple[Release, ...], judged: Counter[str]
) -> None:
    for release in released:
        assert violations(release.dataset, by=by) == [], release.family
        assert dcat.check(release.dataset) == (), release.family
    catalog = publish.dcat_catalog([(one.family, one.dataset) for one in released], modified=PUBLISHED)
    assert violations(catalog, by=by) == []
    assert dcat.shaped(graph.read(catalog)) == ()
    judged[f"{by}: datasets of families, 0 violations"] += len(released)
    judged[f"{by}: catalogs over all families, 0 violations"] += 1


@needs_shapes
def test_the_examples_of_dcat_us_3_are_read_and_judged(judged: Counter[str]) -> None:
    """Read every published example, and let our shapes and theirs judge those that are whole datasets."""
    examples = sorted((VECTORS / "dcat-us-3" / "docs" / "examples").rglob("*.ttl"))
    read = [Graph().parse(file, format="turtle") for file in examples]
    assert all(len(one) for one in read)
    judged["dcat-us: published examples, read"] += len(read)
    refused = [dcat.shaped(one) for one in read if list(one.subjects(None, graph.DCAT.Dataset))]
    assert refused
    assert all(refused), "an example without our labels was let in"
    judged["dcat-us: published datasets without our labels, refused by our shapes"] += len(refused)
