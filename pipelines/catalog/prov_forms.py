"""What the qualified forms of PROV must keep: one kind, one other end, one time, and times in order."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from rdflib import RDF, Graph, URIRef
from rdflib.term import Node

from pipelines.catalog.graph import PROV
from pipelines.errors import DocumentInvalid

Wrong = tuple[str, str, Node]
# A qualified relation, the kind of its form, and where that form names the other end.
KINDS = (
    (PROV.qualifiedGeneration, PROV.Generation, PROV.activity),
    (PROV.qualifiedInvalidation, PROV.Invalidation, PROV.activity),
    (PROV.qualifiedUsage, PROV.Usage, PROV.entity),
    (PROV.qualifiedAssociation, PROV.Association, PROV.agent),
    (PROV.qualifiedDelegation, PROV.Delegation, PROV.agent),
    (PROV.qualifiedDerivation, PROV.Derivation, PROV.entity),
)
INFLUENCES = frozenset(kind for _, kind, _ in KINDS)
THINGS = frozenset({PROV.Activity, PROV.Entity, PROV.Agent})


def kinds(read: Graph) -> Iterator[Wrong]:
    """Find forms that are of another kind, of several kinds, or things in their own right."""
    for relation, kind, _ in KINDS:
        for subject, form in read.subject_objects(relation):
            of = set(read.objects(form, RDF.type))
            if kind not in of or of & (INFLUENCES - {kind}) or of & THINGS:
                yield "disjoint", f"What stands in {short(relation)} is not a {short(kind)} alone.", subject


def keys(read: Graph) -> Iterator[Wrong]:
    """Find forms with several other ends or times, and two generations of one entity."""
    for relation, _, end in KINDS:
        for subject, form in read.subject_objects(relation):
            if len(set(read.objects(form, end))) != 1:
                yield "keys", f"A form in {short(relation)} names not exactly one other end.", subject
            if len(set(read.objects(form, PROV.atTime))) > 1:
                yield "keys", f"A form in {short(relation)} has more than one time.", subject
    for entity in set(read.subjects(PROV.qualifiedGeneration, None)):
        if len(list(read.objects(entity, PROV.qualifiedGeneration))) > 1:
            yield "keys", "It has more than one generation.", entity


def usage_order(read: Graph, made: Mapping[Node, datetime | None]) -> Iterator[Wrong]:
    """Find things used before they were made, or outside the time of who used them."""
    for activity, form in read.subject_objects(PROV.qualifiedUsage):
        used_at = time(read, form, PROV.atTime)
        start, end = (time(read, activity, moment) for moment in (PROV.startedAtTime, PROV.endedAtTime))
        if after(start, used_at) or after(used_at, end):
            yield "order", "It used something before it started, or after it ended.", activity
        for entity in read.objects(form, PROV.entity):
            if after(made.get(entity), used_at):
                yield "order", "It was used before it was made.", entity


def endings(read: Graph, made: Mapping[Node, datetime | None]) -> Iterator[Wrong]:
    """Find things that ended before they were made, or were used afterwards, or out of who ended them."""
    for entity, form in read.subject_objects(PROV.qualifiedInvalidation):
        ended_at = time(read, form, PROV.atTime)
        if after(made.get(entity), ended_at):
            yield "order", "It ended before it was made.", entity
        for activity in read.objects(form, PROV.activity):
            start, end = (time(read, activity, moment) for moment in (PROV.startedAtTime, PROV.endedAtTime))
            if after(start, ended_at) or after(ended_at, end):
                yield "order", "It ended outside the time of who ended it.", entity
        for activity in read.subjects(PROV.used, entity):
            if after(time(read, activity, PROV.startedAtTime), ended_at):
                yield "order", "It was used after it ended.", entity


def circles(read: Graph) -> Iterator[Wrong]:
    """Find what is derived, or acts on behalf, in a circle: then something would come before itself."""
    for relation in (PROV.wasDerivedFrom, PROV.actedOnBehalfOf):
        for node in set(read.subjects(relation, None)):
            onward = (read.transitive_objects(target, relation) for target in read.objects(node, relation))
            if any(node in reached for reached in onward):
                yield "order", f"It stands in a circle of {short(relation)}.", node


def after(one: datetime | None, other: datetime | None) -> bool:
    """Say whether one known time comes after another."""
    return one is not None and other is not None and one > other


def time(read: Graph, subject: Node, moment: URIRef) -> datetime | None:
    """Return the time that a node tells, if it tells one."""
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


def short(name: URIRef) -> str:
    return str(name).rpartition("#")[2]
