"""What policy is asked about a materialisation: facts read back from the store, and its judgement of them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from types import MappingProxyType
from urllib.parse import urlsplit

from rdflib import RDF, Graph

from pipelines import digest, generalising, rego
from pipelines.catalog import checksums, dcat, facts, graph, names, stac
from pipelines.formats import archive, cog, packing, parquet
from pipelines.model import Json, Role
from pipelines.rego import Judgement
from pipelines.subject import Made, Subject

PACKAGE = "materialisation"
INSIDE: Mapping[str, Callable[[bytes], Json | None]] = MappingProxyType(
    {parquet.MEDIA_TYPE: parquet.labels, cog.MEDIA_TYPE: cog.labels}
)


def judge(subject: Subject) -> tuple[Judgement, Json]:
    """Return what policy says of what a run made, and all that it was told."""
    asked = gathered(subject)
    return rego.engine().judge(PACKAGE, asked), asked


def kept(judgement: Judgement, asked: Json) -> bytes:
    """Return a judgement with its input as it is kept: no clock, no host, equal for equal runs."""
    return digest.canonical({"input": asked, "judgement": judgement.to_json()})


def gathered(subject: Subject) -> Json:
    """Return every fact about a materialisation, each read from the bytes that would be published."""
    made = subject.product
    stac_bytes = subject.store.read(made.catalogs["stac"])
    dcat_bytes = subject.store.read(made.catalogs["dcat"])
    item, read = digest.read_json(stac_bytes), graph.read(dcat_bytes)
    return {
        "content": _content(made),
        "labels": _labels(subject, item, read),
        "rights": _rights(item, read),
        "redaction": _redaction(subject),
        "catalogs": _catalogs(made, item, read, faults=(*stac.check(stac_bytes), *dcat.check(dcat_bytes))),
        "links": _links(item, read),
    }


def _content(made: Made) -> Json:
    told = made.content
    plain = ("asset", "family", "edition", "channel", "title", "description", "owner", "contact")
    return {
        **{name: getattr(told, name) for name in plain},
        "spec_hash": told.spec_hash,
        "content_digest": told.content_digest,
        "period": asdict(told.period),
        "licence": asdict(told.licence),
    }


def _labels(subject: Subject, item: Json, read: Graph) -> Json:
    made, store = subject.product, subject.store
    data = made.artifact(Role.DATA)
    inside = {
        "data": INSIDE[data.media_type](store.read(data.sha256)),
        "tiles": archive.read(store.read(made.artifact(Role.TILES).sha256)).words.get(packing.LABELS),
    }
    told = [*facts.of_bytes(inside), *facts.of_item(item), *facts.of_dataset(read)]
    return {
        "labels": facts.plain(made.content.labels),
        "channel": subject.channel,
        "inputs": [{"name": one.name, "sha256": one.sha256, "label": one.label} for one in subject.inputs],
        "artifacts": [
            {"role": str(one.role), "sha256": one.sha256, "label": one.label}
            for one in made.artifacts
            if one.role != Role.JUDGEMENT
        ],
        "told": [{**asdict(one), "said": dict(one.said), "access": list(one.access)} for one in told],
    }


def _rights(item: Json, read: Graph) -> Json:
    said = item["properties"]
    return {
        "stac": {"license": said.get("license"), "citation": said.get("sci:citation")},
        "dcat": list(_licences(read)),
    }


def _licences(read: Graph) -> Iterator[Json]:
    for kind in (graph.DCAT.Dataset, graph.DCAT.Distribution):
        for node in sorted(read.subjects(RDF.type, kind), key=str):
            named = read.value(read.value(node, graph.DCT.rights), graph.ODRS.attributionText)
            yield {
                "where": str(node),
                "license": sorted(str(one) for one in read.objects(node, graph.DCT.license)),
                "attribution": None if named is None else str(named),
            }


def _redaction(subject: Subject) -> Json:
    made = subject.product
    receipt = next((one for one in made.artifacts if one.role == Role.RECEIPT), None)
    if receipt is None or made.content.labels.generalization is None:
        return {"receipt": receipt is not None, "matches": False}
    said = digest.read_json(subject.store.read(receipt.sha256))
    output = generalising.output(made.frame, key=subject.output.key)
    return {"receipt": True, "matches": bool(said["output"] == output)}


def _catalogs(made: Made, item: Json, read: Graph, *, faults: tuple[object, ...]) -> Json:
    values = read.objects(None, graph.SPDX.checksumValue)
    listed = (str(one.get("file:checksum", "")) for one in item["assets"].values())
    return {
        "faults": len(faults),
        "stac": sorted(one.removeprefix(names.MULTIHASH) for one in listed),
        "dcat": sorted({str(one).lower() for one in values}),
        "artifacts": sorted(one.sha256 for one in checksums.content(made.artifacts)),
    }


def _links(item: Json, read: Graph) -> Json:
    owed = {f"stac:{link.get('rel')}" for link in item["links"]}
    owed |= {f"dcat:{read.namespace_manager.curie(str(term))}" for term in set(read.predicates())}
    named = {str(one) for one in read.objects() if str(one).startswith(("http:", "https:"))}
    hosts = {urlsplit(one).hostname or "" for one in named}
    return {
        "owed": sorted(owed),
        "hosts": sorted(hosts),
        "hrefs": sorted(str(one["href"]) for one in item["assets"].values()),
    }
