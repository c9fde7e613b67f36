"""The labels in each catalog document, held against the ones the content has."""

from collections.abc import Iterator

from rdflib import RDF, Graph, Literal, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

from pipelines.catalog import names, stac
from pipelines.catalog.graph import DCAT, DCT, KFM, PROV
from pipelines.model import Finding, Json, Labels

_Said = tuple[str | None, tuple[str, ...] | None, str | None]


def assessed(labels: Labels | None) -> tuple[Finding, ...]:
    """Return why data so labelled may be in no catalog at all."""
    if labels is None or labels.sensitivity not in names.ORDER:
        return (_finding("labels.missing", "The data have no label.", "sensitivity"),)
    found = []
    if labels.sovereignty is None:
        found.append(_finding("labels.not_assessed", "Sovereignty has not been assessed.", "sovereignty"))
    if labels.sensitivity == "quarantine":
        found.append(_finding("labels.quarantine", "Data in quarantine are never catalogued.", "sensitivity"))
    return tuple(found)


def in_item(item: Json, labels: Labels) -> tuple[Finding, ...]:
    """Return where an Item says another label; an asset is never looser than its Item."""
    return tuple(_in_item(item, labels))


def in_dataset(read: Graph, labels: Labels) -> tuple[Finding, ...]:
    """Return where a dataset says another label, or gives access that does not follow from it."""
    return tuple(_in_dataset(read, labels))


def in_attempt(read: Graph, labels: Labels) -> tuple[Finding, ...]:
    """Return which activity or entity of an attempt says another label."""
    nodes = (*read.subjects(RDF.type, PROV.Activity), *read.subjects(RDF.type, PROV.Entity))
    return tuple(found for node in nodes for found in _same(_told(read, node), labels, where=f"prov:{node}"))


def _in_item(item: Json, labels: Labels) -> Iterator[Finding]:
    said = _fields(item["properties"])
    yield from _same(said, labels, where="stac:properties")
    for name, asset in item["assets"].items():
        own = _fields(asset)
        yield from _same(own, labels, where=f"stac:assets.{name}")
        if _rank(own[0]) < _rank(said[0]):
            yield _finding("labels.looser", "An asset is looser than its Item.", f"stac:assets.{name}")


def _in_dataset(read: Graph, labels: Labels) -> Iterator[Finding]:
    access = {URIRef(names.ACCESS_RIGHTS[labels.sensitivity])}
    for kind in (DCAT.Dataset, DCAT.Distribution):
        for node in read.subjects(RDF.type, kind):
            yield from _same(_told(read, node), labels, where=f"dcat:{node}")
            if set(read.objects(node, DCT.accessRights)) != access:
                yield _finding(
                    "labels.access", "The access right does not follow from the label.", f"dcat:{node}"
                )


def _same(said: _Said, labels: Labels, *, where: str) -> Iterator[Finding]:
    wanted = (labels.sensitivity, labels.sovereignty, labels.rights)
    for rule, told, want in zip(("sensitivity", "sovereignty", "rights"), said, wanted, strict=True):
        if told != want:
            yield _finding(
                f"labels.{rule}", f"It says {_worded(told)} where the content says {_worded(want)}.", where
            )


def _fields(fields: Json) -> _Said:
    said = fields.get("kfm:sovereignty")
    return fields.get("kfm:sensitivity"), None if said is None else tuple(said), fields.get("kfm:rights")


def _told(read: Graph, node: Node) -> _Said:
    head = read.value(node, KFM.sovereignty)
    sovereignty = None if head is None else tuple(str(one) for one in Collection(read, head))
    return _text(read, node, KFM.sensitivity), sovereignty, _text(read, node, KFM.rights)


def _text(read: Graph, node: Node, term: URIRef) -> str | None:
    told = list(read.objects(node, term))
    return str(told[0]) if len(told) == 1 and isinstance(told[0], Literal) else None


def _rank(sensitivity: str | None) -> int:
    return names.ORDER.index(sensitivity) if sensitivity in names.ORDER else -1


def _worded(told: object) -> str:
    return "nothing" if told is None else repr(list(told) if isinstance(told, tuple) else told)


def _finding(rule: str, message: str, where: str) -> Finding:
    remedy = (
        "Label the family, then run again." if where in {"sensitivity", "sovereignty"} else stac.MAKE_AGAIN
    )
    return Finding(rule=rule, message=message, remedy=remedy, where=where)
