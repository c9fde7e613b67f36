"""Our own check of the PROV constraints that our profile can express, on a document read back as a graph."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import lru_cache

from rdflib import RDF, Graph, URIRef
from rdflib.term import Node

from pipelines import digest
from pipelines.catalog import graph, prov_forms
from pipelines.catalog.graph import PROV
from pipelines.catalog.prov_forms import Wrong, after, short, time
from pipelines.errors import DocumentInvalid, NotStrict
from pipelines.model import Finding

REMEDY = "Write the document again from its attempt; it is never mended by hand."
# Which kind of thing stands at either end of a relation.
_ENDS = (
    (PROV.used, PROV.Activity, PROV.Entity),
    (PROV.generated, PROV.Activity, PROV.Entity),
    (PROV.wasGeneratedBy, PROV.Entity, PROV.Activity),
    (PROV.wasInvalidatedBy, PROV.Entity, PROV.Activity),
    (PROV.wasDerivedFrom, PROV.Entity, PROV.Entity),
    (PROV.wasAssociatedWith, PROV.Activity, PROV.Agent),
    (PROV.actedOnBehalfOf, PROV.Agent, PROV.Agent),
)
# A direct relation, its qualified form, and where that form names the other end.
_FORMS = (
    (PROV.wasGeneratedBy, PROV.qualifiedGeneration, PROV.activity),
    (PROV.wasInvalidatedBy, PROV.qualifiedInvalidation, PROV.activity),
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
    found = [wrong for judge in JUDGES for wrong in judge(read)]
    return tuple(
        Finding(rule=f"prov.{rule}", message=message, remedy=REMEDY, where=str(where))
        for rule, message, where in found
    )


def _names(document: bytes) -> Iterator[Finding]:
    listed = [node.get("@id") for node in digest.read_json(document).get("@graph", [])]
    for name in sorted({str(name) for name in listed if listed.count(name) > 1}):
        yield Finding(rule="prov.keys", message="One name is described twice.", remedy=REMEDY, where=name)


def _types(read: Graph) -> Iterator[Wrong]:
    activities, entities, agents = (
        set(read.subjects(RDF.type, kind)) for kind in (PROV.Activity, PROV.Entity, PROV.Agent)
    )
    for node in sorted(activities & (entities | agents), key=str):
        yield "disjoint", "An activity cannot also be an entity or an agent.", node
    if not activities:
        yield "empty", "The document tells of no activity.", URIRef("urn:kfm:none")


def _ends(read: Graph) -> Iterator[Wrong]:
    for relation, start, end in _ENDS:
        for subject, target in read.subject_objects(relation):
            for node, kind in ((subject, start), (target, end)):
                if (node, RDF.type, kind) not in read:
                    yield (
                        "typing",
                        f"It stands in {short(relation)} without being a prov:{short(kind)}.",
                        node,
                    )


def _forms(read: Graph) -> Iterator[Wrong]:
    for direct, qualified, other in _FORMS:
        said = set(read.subject_objects(direct))
        told = {
            (subject, target)
            for subject, form in read.subject_objects(qualified)
            for target in read.objects(form, other)
        }
        for subject, _ in sorted(said ^ told, key=str):
            yield "forms", f"{short(direct)} and {short(qualified)} do not say the same.", subject
    for entity, activity in read.subject_objects(PROV.wasGeneratedBy):
        if (activity, PROV.generated, entity) not in read:
            yield "forms", "What made it does not say that it generated it.", entity
    for activity, entity in read.subject_objects(PROV.generated):
        if (entity, PROV.wasGeneratedBy, activity) not in read:
            yield "forms", "What it generated does not say by what it was generated.", activity


def _roles(read: Graph) -> Iterator[Wrong]:
    for activity in read.subjects(RDF.type, PROV.Activity):
        forms = list(read.objects(activity, PROV.qualifiedAssociation))
        if not forms or any(read.value(form, PROV.hadRole) is None for form in forms):
            yield "association", "Nobody answers for this activity in a role.", activity
        ended = read.value(activity, PROV.endedAtTime) is not None
        if ended and read.value(activity, PROV.startedAtTime) is None:
            yield "order", "The activity ended without having started.", activity
        if ended and read.value(activity, PROV.generated) is None:
            yield "generated", "The activity ended without having made anything.", activity


def _keys(read: Graph) -> Iterator[Wrong]:
    for moment in (PROV.startedAtTime, PROV.endedAtTime):
        for activity in set(read.subjects(moment, None)):
            if len(set(read.objects(activity, moment))) > 1:
                yield "keys", f"It has more than one {short(moment)}.", activity
    for entity in set(read.subjects(PROV.wasGeneratedBy, None)):
        if len(set(read.objects(entity, PROV.wasGeneratedBy))) > 1:
            yield "keys", "It was generated more than once.", entity


def _order(read: Graph) -> Iterator[Wrong]:
    made = {
        entity: time(read, form, PROV.atTime)
        for entity, form in read.subject_objects(PROV.qualifiedGeneration)
    }
    for activity in read.subjects(RDF.type, PROV.Activity):
        yield from _order_in(read, activity, made)
    for entity, source in read.subject_objects(PROV.wasDerivedFrom):
        if after(made.get(source), made.get(entity)):
            yield "order", "It is derived from something made later.", entity
    yield from prov_forms.usage_order(read, made)
    yield from prov_forms.endings(read, made)


def _order_in(read: Graph, activity: Node, made: Mapping[Node, datetime | None]) -> Iterator[Wrong]:
    start, end = (time(read, activity, moment) for moment in (PROV.startedAtTime, PROV.endedAtTime))
    if after(start, end):
        yield "order", "It ended before it started.", activity
    for entity in read.objects(activity, PROV.generated):
        if after(start, made.get(entity)) or after(made.get(entity), end):
            yield "order", "It was made before its activity started, or after it ended.", entity
    for entity in read.objects(activity, PROV.used):
        if after(made.get(entity), end):
            yield "order", "It was used before it was made.", entity


JUDGES = (_types, _ends, _forms, _roles, _keys, _order, prov_forms.kinds, prov_forms.keys, prov_forms.circles)
