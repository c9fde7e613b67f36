"""What lowers a label, held against its receipt, and what may not be told of what is not for everybody."""

import math
import re
from collections.abc import Iterator

from rdflib import RDF, XSD, Graph, Literal, URIRef
from rdflib.term import Node

from pipelines import digest, sensitivity
from pipelines.catalog import labels as catalogued
from pipelines.catalog import names, stac
from pipelines.catalog.graph import KFM, PROV
from pipelines.errors import ArtifactDamaged, ArtifactMissing, NotStrict, TooLarge
from pipelines.manifest import Manifest
from pipelines.model import CONTENT_ROLES, Finding, Json, Role
from pipelines.store import Store

READ_AT_MOST = 1024 * 1024
DEGREE_M = 111_320.0
_PLACE = re.compile(
    r"(?<![\d.])-?\d{1,3}\.\d{3,}(?![\d.])"
)  # a number as fine as a hundred metres, in degrees


def inherited(told: Manifest, *, store: Store) -> tuple[Finding, ...]:
    """Return why a run may not be looser than its inputs; `store` holds the receipt of what was redacted."""
    if told.labels is None or told.content_digest is None:
        return ()
    labels, inputs = told.labels, [one.label for one in told.inputs]
    if labels.generalization is None:
        if not sensitivity.lowers(labels.sensitivity, inputs=inputs):
            return ()
        wrong = f"{labels.sensitivity} is looser than its inputs, and nothing says that it may be."
        return (_finding("labels.inherited", wrong, "labels"),)
    return tuple(_receipt(told, store))


def in_attempt(read: Graph, told: Manifest) -> tuple[Finding, ...]:
    """Return what PROV lacks of a redaction, or tells of places that are not for everybody."""
    return (*_redacted(read, told), *_telling(read, told))


def extent(item: Json, told: Manifest) -> tuple[Finding, ...]:
    """Return whether the box of an Item is finer than its label allows."""
    if told.labels is None or told.labels.generalization is None:
        return ()
    west, south, east, north = item["bbox"]
    across = (east - west) * DEGREE_M * math.cos(math.radians((south + north) / 2))
    least = told.labels.generalization.size_m
    if min(across, (north - south) * DEGREE_M) >= least:
        return ()
    return (_finding("labels.extent", f"The box is finer than {least:g} m, which its label hides.", "bbox"),)


def of_channel(told: Manifest) -> tuple[Finding, ...]:
    """Return whether a run goes to another channel than its label's."""
    if (
        told.labels is None
        or told.content_digest is None
        or told.channel == sensitivity.channel(told.labels.sensitivity)
    ):
        return ()
    wrong = f"What is {told.labels.sensitivity} is not published in the channel {told.channel}."
    return (_finding("labels.channel", wrong, "channel"),)


def _receipt(told: Manifest, store: Store) -> Iterator[Finding]:
    kept = told.artifact(Role.RECEIPT)
    coarser = told.labels.generalization if told.labels else None
    if coarser is None or kept is None or kept.sha256 != coarser.receipt:
        yield _finding("labels.receipt", "There is no receipt of how places were made coarser.", "receipt")
        return
    if not store.has(kept.sha256):  # in a bundle; elsewhere all bytes are hashed
        return
    try:
        said = digest.read_json(store.read(kept.sha256, limit=READ_AT_MOST))
    except (ArtifactMissing, ArtifactDamaged, TooLarge, NotStrict) as cause:
        yield _finding("labels.receipt", f"The receipt cannot be read: {cause}", "receipt")
        return
    hidden = [] if told.labels is None else catalogued.hidden(told.inputs, told.labels)
    wanted = (coarser.method, coarser.size_m, coarser.uncertainty_m, [one.sha256 for one in hidden])
    found = tuple(said.get(name) for name in ("method", "size_m", "uncertainty_m", "sources"))
    if found != wanted:
        yield _finding("labels.receipt", "The receipt is of another method, or of another source.", "receipt")


def _redacted(read: Graph, told: Manifest) -> Iterator[Finding]:
    labels = told.labels
    deeds = set(read.subjects(RDF.type, KFM.Redaction))
    coarser = labels.generalization if labels and told.content_digest else None
    if labels is None or coarser is None:
        if deeds:
            yield _finding("labels.redaction", "PROV tells of a redaction that nothing came of.", "prov")
        return
    sources = {URIRef(names.bytes_id(one.sha256)) for one in catalogued.hidden(told.inputs, labels)}
    if len(deeds) != 1 or not sources <= set(read.objects(next(iter(deeds)), PROV.used)):
        yield _finding("labels.redaction", "PROV does not tell what was generalised, and how.", "prov")
        return
    if set(read.objects(next(iter(deeds)), KFM.receipt)) != {Literal(coarser.receipt)}:
        yield _finding("labels.redaction", "PROV names another receipt, or none.", "prov")
    for one in told.artifacts:
        made = URIRef(names.bytes_id(one.sha256))
        if one.role in CONTENT_ROLES and not sources <= set(read.objects(made, PROV.wasDerivedFrom)):
            yield _finding(
                "labels.redaction", "PROV does not derive it from what was generalised.", str(made)
            )
    for source in sources:
        yield from _by_digest_only(read, source)


_OF_SOURCE = frozenset(
    {
        *(RDF.type, KFM.role, KFM.sha256, KFM.sensitivity, KFM.sensitivity_reason),
        *(KFM.sovereignty, KFM.rights, KFM.embargo_until),
    }
)


def _by_digest_only(read: Graph, source: Node) -> Iterator[Finding]:
    if set(read.predicates(source)) - _OF_SOURCE:
        wrong = "PROV tells more of what was generalised than its digest and labels."
        yield _finding("labels.redaction", wrong, str(source))


def _telling(read: Graph, told: Manifest) -> Iterator[Finding]:
    """Find texts that could be places, in the PROV of anything that is not for everybody."""
    held = [one.label for one in told.inputs] + ([told.labels.sensitivity] if told.labels else [])
    if held and sensitivity.channel(sensitivity.strictest(held)) == "public":
        return
    for subject, predicate, said in read:
        timed = isinstance(said, Literal) and said.datatype == XSD.dateTime
        if (
            isinstance(said, Literal)
            and not timed
            and predicate not in {KFM.generalization, KFM.requestedAt}
            and _PLACE.search(str(said))
        ):
            yield _finding(
                "labels.telemetry", "PROV holds what may be a place not for everybody.", str(subject)
            )


def _finding(rule: str, message: str, where: str) -> Finding:
    return Finding(rule=rule, message=message, remedy=stac.MAKE_AGAIN, where=where)
