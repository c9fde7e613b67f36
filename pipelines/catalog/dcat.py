"""The DCAT-US 3 dataset of one content in JSON-LD, and its judgement by our own shapes."""

from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

import pyshacl
from rdflib import RDF, SH, Graph

from pipelines import digest, sensitivity
from pipelines.catalog import graph, marks, names, stac
from pipelines.catalog.graph import DCAT, DCT, KFM, ODRS, PROV
from pipelines.errors import DocumentInvalid, NotStrict
from pipelines.model import Artifact, Content, Extent, Finding, Json

_SHAPES = Path(__file__).parent.parent / "schemas" / "dcat.shapes.ttl"
_IRI: Json = {"@type": "@id"}
CONTEXT: Json = {
    "dcat": str(DCAT),
    "dct": str(DCT),
    "foaf": "http://xmlns.com/foaf/0.1/",
    "kfm": str(KFM),
    "locn": "http://www.w3.org/ns/locn#",
    "odrs": str(ODRS),
    "org": "http://www.w3.org/ns/org#",
    "prov": str(PROV),
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "spdx": "http://spdx.org/rdf/terms#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    **dict.fromkeys(
        (
            *("dcat:accessURL", "dcat:dataset", "dcat:downloadURL", "dcat:isVersionOf", "dcat:mediaType"),
            *(
                "dct:accessRights",
                "dct:conformsTo",
                "dct:license",
                "dct:relation",
                "prov:wasGeneratedBy",
                "spdx:algorithm",
                "vcard:hasEmail",
            ),
        ),
        _IRI,
    ),
    "dcat:bbox": {"@type": "http://www.opengis.net/ont/geosparql#wktLiteral"},
    "dcat:byteSize": {"@type": "xsd:nonNegativeInteger"},
    "dcat:endDate": {"@type": "xsd:dateTime"},
    "dcat:startDate": {"@type": "xsd:dateTime"},
    "dct:modified": {"@type": "xsd:dateTime"},
    "kfm:sovereignty": {"@container": "@list"},
    "spdx:checksumValue": {"@type": "xsd:hexBinary"},
}
_CONFORMS = {
    names.GEOPARQUET: "https://geoparquet.org/releases/v1.1.0/",
    names.PARQUET: "https://parquet.apache.org/docs/file-format/",
    names.COG: "http://www.opengis.net/doc/IS/COG/1.0",
    names.PMTILES: "https://github.com/protomaps/PMTiles/blob/main/spec/v3/spec.md",
}


def document(content: Content) -> bytes:
    """Return the dataset: everything from the content, nothing from a clock, a run or a host."""
    return digest.canonical({"@context": CONTEXT, **dataset(content)})


def dataset(content: Content) -> Json:
    """Return the dataset's node."""
    item_id = names.item_id(content.asset, content.content_digest)
    return {
        "@id": names.dataset(item_id),
        "@type": "dcat:Dataset",
        "dct:title": content.title,
        "dct:description": content.description,
        "dct:identifier": item_id,
        "dct:modified": content.period.end,
        "dct:publisher": organisation(content.owner),
        "dcat:contactPoint": {
            "@type": "vcard:Kind",
            "vcard:fn": content.owner,
            "vcard:hasEmail": _mail(content.contact),
        },
        "dcat:keyword": list(content.keywords),
        "dcat:version": content.edition,
        "dcat:isVersionOf": names.asset(content.asset),
        "dct:conformsTo": f"http://www.opengis.net/def/crs/{content.layers[0].crs.replace(':', '/0/')}",
        "dct:spatial": {"@type": "dct:Location", "dcat:bbox": _wkt(stac.extent(content.layers))},
        "dct:temporal": {
            "@type": "dct:PeriodOfTime",
            "dcat:startDate": content.period.start,
            "dcat:endDate": content.period.end,
        },
        "prov:wasGeneratedBy": names.materialization(content.spec_hash),
        "dct:relation": names.STAC,
        "dcat:distribution": [
            _distribution(one, content) for one in names.listed(content.artifacts).values()
        ],
        **_derived(content),
        **_rights(content),
    }


def _derived(content: Content) -> Json:
    """Return what was generalised, by its digest only: as closed as its own label says."""
    closed = [
        one for one in content.inputs if sensitivity.lowers(content.labels.sensitivity, inputs=[one.label])
    ]
    sources = [
        {
            "@id": names.bytes_id(one.sha256),
            "@type": "prov:Entity",
            "dct:accessRights": names.ACCESS_RIGHTS[one.label],
            marks.SENSITIVITY: one.label,
        }
        for one in closed
    ]
    return {"prov:wasDerivedFrom": sources} if sources else {}


def organisation(name: str) -> Json:
    """Return an organisation's node."""
    return {
        "@id": f"urn:kfm:organisation:{quote(name)}",
        "@type": ["org:Organization", "foaf:Agent"],
        "foaf:name": name,
        "skos:prefLabel": name,
    }


@lru_cache(maxsize=32)
def check(dcat: bytes) -> tuple[Finding, ...]:
    """Return what is wrong with a dataset's bytes, standing alone; nothing is inferred or fetched."""
    try:
        return shaped(graph.read(dcat))
    except (DocumentInvalid, NotStrict) as cause:
        return (_finding("dcat.json_ld", str(cause)),)


def shaped(read: Graph) -> tuple[Finding, ...]:
    """Return what our shapes say about a graph."""
    conforms, report, words = pyshacl.validate(
        Graph() + read, shacl_graph=_shapes(), inference="none", do_owl_imports=False, meta_shacl=False
    )
    if conforms is True:
        return ()
    if not isinstance(report, Graph):
        raise DocumentInvalid(f"The shapes could not be applied: {words}")
    results = sorted(
        (str(report.value(result, SH.resultPath) or ""), str(report.value(result, SH.resultMessage) or ""))
        for result in report.subjects(RDF.type, SH.ValidationResult)
    )
    return tuple(_finding("dcat.shapes", message, path) for path, message in results)


def warm() -> None:
    """Read the shapes and use them once."""
    shaped(Graph())


@lru_cache(maxsize=1)
def _shapes() -> Graph:
    return Graph().parse(_SHAPES, format="turtle")


def _distribution(artifact: Artifact, content: Content) -> Json:
    form = names.form(artifact, content.layers[0])
    return {
        "@id": names.bytes_id(artifact.sha256),
        "@type": "dcat:Distribution",
        "dct:title": stac.TITLES[form],
        "dct:conformsTo": _CONFORMS[form],
        "dcat:accessURL": names.object_href(artifact.sha256),
        "dcat:byteSize": str(artifact.size),
        "dcat:downloadURL": names.object_href(artifact.sha256),
        "dcat:mediaType": f"https://www.iana.org/assignments/media-types/{names.registered(artifact.media_type)}",
        "spdx:checksum": {
            "@type": "spdx:Checksum",
            "spdx:algorithm": "spdx:checksumAlgorithm_sha256",
            "spdx:checksumValue": artifact.sha256,
        },
        **_rights(content),
    }


def _rights(content: Content) -> Json:
    """Return who may see it, under which licence, and who must be named: of the dataset and of its bytes."""
    return {
        "dct:accessRights": names.ACCESS_RIGHTS[content.labels.sensitivity],
        "dct:license": content.licence.uri,
        "dct:rights": {"@type": "dct:RightsStatement", "odrs:attributionText": content.licence.attribution},
        **marks.terms(content.labels),
    }


def _mail(contact: str) -> str:
    return contact if ":" in contact else f"mailto:{contact}"


def _wkt(box: Extent) -> str:
    ring = ((box.west, box.south), (box.east, box.south), (box.east, box.north), (box.west, box.north))
    return f"POLYGON(({', '.join(f'{x!r} {y!r}' for x, y in (*ring, ring[0]))}))"


def _finding(rule: str, message: str, where: str = "") -> Finding:
    return Finding(rule=rule, message=message, remedy=stac.MAKE_AGAIN, where=where)
