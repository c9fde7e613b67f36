"""Our own check of the PROV constraints that our profile can express, on a document read back as a graph."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import lru_cache

from rdflib import RDF, Graph, URIRef
from rdflib.term import Node

from pipelines import digest
from pipelines.catalog import graph
from pipelines.catalog.graph import PROV
from pipelines.errors import DocumentInvalid, NotStrict
from pipelines.model import Finding

REMEDY = "Write the document again from its attempt; it is never mended by hand."
_Wrong = tuple[str, str, Node]
# Which kind of thing stands at either end of a relation.
_ENDS = (
    (PROV.used, PROV.Activity, PROV.Entity),
    (PROV.generated, PROV.Activity, PROV.Entity),
    (PROV.wasGeneratedBy, PROV.Entity, PROV.Activity),
    (PROV.wasDerivedFrom, PROV.Entity, PROV.Entity),
    (PROV.wasAssociatedWith, PROV.Activity, PROV.Agent),
    (PROV.actedOnBehalfOf, PROV.Agent, PROV.Agent),
)
# A direct relation, its qualified form, and where that form names the other end.
_FORMS = (
    (PROV.wasGeneratedBy, PROV.qualifiedGeneration, PROV.activity),
    (PROV.used, PROV.qualifiedUsage, PROV.entity),
    (PROV.wasAssociatedWith, PROV.qualifiedAssociation, PROV.agent),
)


@lru_cache(maxsize=32)
def check(document: bytes) -> tuple[Finding, ...]:
    """Return what is wrong with a document's bytes, standing alone."""
    try:
        return (*_names(document), *checked(graph.read(document)))
    except (DocumentInvalid, NotStrict) as cause:
        return (Finding(rule="prov.json_ld", message=str(cause), remedy=REMEDY),)


def checked(read: Graph) -> tuple[Finding, ...]:
    """Return what is wrong with a graph that was read."""
    found = [wrong for judge in (_types, _ends, _forms, _roles, _keys, _order) for wrong in judge(read)]
    return tuple(
        Finding(rule=f"prov.{rule}", message=message, remedy=REMEDY, where=str(where))
        for rule, message, where in found
    )


def _names(document: bytes) -> Iterator[Finding]:
    listed = [node.get("@id") for node in digest.read_json(document).get("@graph", [])]
    for name in sorted({str(name) for name in listed if listed.count(name) > 1}):
        yield Finding(rule="prov.keys", message="One name is described twice.", remedy=REMEDY, where=name)


def _types(read: Graph) -> Iterator[_Wrong]:
    activities, entities, agents = (
        set(read.subjects(RDF.type, kind)) for kind in (PROV.Activity, PROV.Entity, PROV.Agent)
    )
    for node in sorted(activities & (entities | agents), key=str):
        yield "disjoint", "An activity cannot also be an entity or an agent.", node
    if not activities:
        yield "empty", "The document tells of no activity.", URIRef("urn:kfm:none")


def _ends(read: Graph) -> Iterator[_Wrong]:
    for relation, start, end in _ENDS:
        for subject, target in read.subject_objects(relation):
            for node, kind in ((subject, start), (target, end)):
                if (node, RDF.type, kind) not in read:
                    yield (
                        "typing",
                        f"It stands in {_short(relation)} without being a prov:{_short(kind)}.",
                        node,
                    )


def _forms(read: Graph) -> Iterator[_Wrong]:
    for direct, qualified, other in _FORMS:
        said = set(read.subject_objects(direct))
        told = {
            (subject, target)
            for subject, form in read.subject_objects(qualified)
            for target in read.objects(form, other)
        }
        for subject, _ in sorted(said ^ told, key=str):
            yield "forms", f"{_short(direct)} and {_short(qualified)} do not say the same.", subject
    for entity, activity in read.subject_objects(PROV.wasGeneratedBy):
        if (activity, PROV.generated, entity) not in read:
            yield "forms", "What made it does not say that it generated it.", entity
    for activity, entity in read.subject_objects(PROV.generated):
        if (entity, PROV.wasGeneratedBy, activity) not in read:
            yield "forms", "What it generated does not say by what it was generated.", activity


def _roles(read: Graph) -> Iterator[_Wrong]:
    for activity in read.subjects(RDF.type, PROV.Activity):
        forms = list(read.objects(activity, PROV.qualifiedAssociation))
        if not forms or any(read.value(form, PROV.hadRole) is None for form in forms):
            yield "association", "Nobody answers for this activity in a role.", activity
        if (
            read.value(activity, PROV.endedAtTime) is not None
            and read.value(activity, PROV.generated) is None
        ):
            yield "generated", "The activity ended without having made anything.", activity


def _keys(read: Graph) -> Iterator[_Wrong]:
    for moment in (PROV.startedAtTime, PROV.endedAtTime):
        for activity in set(read.subjects(moment, None)):
            if len(set(read.objects(activity, moment))) > 1:
                yield "keys", f"It has more than one {_short(moment)}.", activity
    for entity in set(read.subjects(PROV.wasGeneratedBy, None)):
        if len(set(read.objects(entity, PROV.wasGeneratedBy))) > 1:
            yield "keys", "It was generated more than once.", entity


def _order(read: Graph) -> Iterator[_Wrong]:
    made = {
        entity: _time(read, form, PROV.atTime)
        for entity, form in read.subject_objects(PROV.qualifiedGeneration)
    }
    for activity in read.subjects(RDF.type, PROV.Activity):
        yield from _order_in(read, activity, made)
    for entity, source in read.subject_objects(PROV.wasDerivedFrom):
        if entity == source or _after(made.get(source), made.get(entity)):
            yield "order", "It is derived from itself, or from something made later.", entity


def _order_in(read: Graph, activity: Node, made: Mapping[Node, datetime | None]) -> Iterator[_Wrong]:
    start, end = (_time(read, activity, moment) for moment in (PROV.startedAtTime, PROV.endedAtTime))
    if _after(start, end):
        yield "order", "It ended before it started.", activity
    for entity in read.objects(activity, PROV.generated):
        if _after(start, made.get(entity)) or _after(made.get(entity), end):
            yield "order", "It was made before its activity started, or after it ended.", entity
    for entity in read.objects(activity, PROV.used):
        if _after(made.get(entity), end):
            yield "order", "It was used before it was made.", entity


def _after(one: datetime | None, other: datetime | None) -> bool:
    return one is not None and other is not None and one > other


def _time(read: Graph, subject: Node, moment: URIRef) -> datetime | None:
    told = read.value(subject, moment)
    if told is None:
        return None
    try:
        when = datetime.fromisoformat(str(told))
    except ValueError as cause:
        raise DocumentInvalid(f"{told!r} is not a time: write RFC 3339 with an offset.") from cause
    if when.tzinfo is None:
        raise DocumentInvalid(f"{told} has no offset: write RFC 3339 with an offset.")
    return when


def _short(name: URIRef) -> str:
    return str(name).rpartition("#")[2]
