"""What each document says of labels, read from it as plain facts: who judges them decides elsewhere."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from rdflib import RDF, Graph, Literal, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

from pipelines import digest
from pipelines.catalog import graph, marks
from pipelines.catalog.graph import DCAT, DCT, KFM, PROV
from pipelines.manifest import Manifest
from pipelines.model import Json, Labels


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What one node of a document says: its labels in comparable form, and the access it gives."""

    where: str
    kind: str  # item, asset, dataset, distribution, activity, entity, inside
    said: Mapping[str, Any]
    access: tuple[str, ...] = ()


def plain(labels: Labels) -> Json:
    """Return labels in the form in which those of all documents are compared."""
    return _said(marks.terms(labels))


def of_item(item: Json) -> Iterator[Told]:
    """Read an Item and each of its assets."""
    yield Told(where="stac:properties", kind="item", said=_fields(item["properties"]))
    for name, asset in item["assets"].items():
        yield Told(where=f"stac:assets.{name}", kind="asset", said=_fields(asset))


def of_dataset(read: Graph) -> Iterator[Told]:
    """Read a dataset, each of its distributions, and what it says of its sources."""
    kinds = (("dataset", DCAT.Dataset), ("distribution", DCAT.Distribution), ("source", PROV.Entity))
    for kind, type_ in kinds:
        for node in sorted(read.subjects(RDF.type, type_), key=str):
            access = tuple(sorted(str(one) for one in read.objects(node, DCT.accessRights)))
            yield Told(where=f"dcat:{node}", kind=kind, said=_terms(read, node), access=access)


def of_attempt(read: Graph) -> Iterator[Told]:
    """Read every activity and entity of an attempt."""
    for kind, type_ in (("activity", PROV.Activity), ("entity", PROV.Entity)):
        for node in sorted(read.subjects(RDF.type, type_), key=str):
            yield Told(where=f"prov:{node}", kind=kind, said=_terms(read, node))


def of_bytes(inside: Mapping[str, Json | None]) -> Iterator[Told]:
    """Read the labels that stand in files, by the name of each; nothing where a file has none."""
    for name, told in inside.items():
        said = dict.fromkeys(_NAMES) if told is None else plain(Labels.from_json(told))
        yield Told(where=f"inside:{name}", kind="inside", said=said)


def gathered(
    told: Manifest,
    *,
    stac: bytes | None,
    dcat: bytes | None,
    prov: bytes | None,
    inside: Mapping[str, Json | None],
) -> Json:
    """Return every fact about labels of a run, from the bytes of its documents, for a policy to judge.

    Args:
        told: the manifest.
        stac: the Item's bytes; None where there is none.
        dcat: the dataset's.
        prov: the attempt's; None before it is written.
        inside: the labels that stand in the data files, by name.
    """
    read: list[Told] = [*of_bytes(inside)]
    read += [] if stac is None else of_item(digest.read_json(stac))
    read += [] if dcat is None else of_dataset(graph.read(dcat))
    read += [] if prov is None else of_attempt(graph.read(prov))
    return {
        "labels": None if told.labels is None else plain(told.labels),
        "channel": told.channel,
        "inputs": [{"name": one.name, "sha256": one.sha256, "label": one.label} for one in told.inputs],
        "artifacts": [
            {"role": str(one.role), "sha256": one.sha256, "label": one.label} for one in told.artifacts
        ],
        "told": [{**asdict(one), "said": dict(one.said), "access": list(one.access)} for one in read],
    }


_NAMES = ("sensitivity", "reason", "sovereignty", "generalization", "rights", "embargo")


def _said(fields: Json) -> Json:
    held = fields.get(marks.SOVEREIGNTY)
    return {
        "sensitivity": fields.get(marks.SENSITIVITY),
        "reason": sorted(fields.get(marks.REASON, ())),
        "sovereignty": None if held is None else list(held),
        "generalization": fields.get(marks.GENERALIZATION),
        "rights": fields.get(marks.RIGHTS),
        "embargo": fields.get(marks.EMBARGO),
    }


def _fields(fields: Json) -> Json:
    """Read fields of JSON, in which claims and generalization have parts."""
    held, coarser = fields.get(marks.SOVEREIGNTY), fields.get(marks.GENERALIZATION)
    parts: Json = {} if held is None else {marks.SOVEREIGNTY: [marks.text(one) for one in held]}
    parts |= {} if coarser is None else {marks.GENERALIZATION: marks.text(coarser)}
    return _said({**fields, **parts})


def _terms(read: Graph, node: Node) -> Json:
    head = read.value(node, KFM.sovereignty)
    return {
        "sensitivity": _text(read, node, KFM.sensitivity),
        "reason": sorted(str(one) for one in read.objects(node, KFM.sensitivity_reason)),
        "sovereignty": None if head is None else [str(one) for one in Collection(read, head)],
        "generalization": _text(read, node, KFM.generalization),
        "rights": _text(read, node, KFM.rights),
        "embargo": _text(read, node, KFM.embargo_until),
    }


def _text(read: Graph, node: Node, term: URIRef) -> str | None:
    told = list(read.objects(node, term))
    return str(told[0]) if len(told) == 1 and isinstance(told[0], Literal) else None
