"""The closing check: manifest, STAC, DCAT and PROV, each judged from its bytes and against the others."""

from collections.abc import Iterator

from rdflib import Graph

from pipelines import digest, manifest
from pipelines.catalog import checksums, dcat, graph, labels, links, prov_check, stac, stac_schemas
from pipelines.catalog import prov as prov_documents
from pipelines.errors import (
    ArtifactDamaged,
    ArtifactMissing,
    DocumentInvalid,
    ManifestInvalid,
    TooLarge,
)
from pipelines.manifest import Manifest
from pipelines.model import Finding
from pipelines.store import Store

DOCUMENT_AT_MOST = 16 * 1024 * 1024
_REMEDY = "Run again; what a run leaves behind is never mended by hand."


def check(manifest_bytes: bytes, *, prov: bytes, store: Store) -> tuple[Finding, ...]:
    """Return every rule that the documents of an attempt break; nothing means that they are closed.

    Args:
        manifest_bytes: the manifest, as its digest names it.
        prov: the attempt's PROV document.
        store: where STAC, DCAT and the artifacts are read by digest.
    """
    try:
        told = manifest.parse(manifest_bytes)
    except ManifestInvalid as cause:
        return (_finding("triad.manifest", str(cause)),)
    found = [*_bytes(told, store), *_attempt(told, prov)]
    if told.catalogs:
        found += _catalogs(told, store)
    elif checksums.content(told.artifacts):
        found.append(_finding("triad.catalogs", "There are artifacts, but neither STAC nor DCAT."))
    return tuple(found)


def warm() -> None:
    """Compile schemas and shapes, which the first check of a process would wait for."""
    stac_schemas.validator().warm()
    dcat.warm()


def _bytes(told: Manifest, store: Store) -> Iterator[Finding]:
    """Hash every artifact again."""
    for artifact in told.artifacts:
        try:
            size = store.verify(artifact.sha256)
        except (ArtifactMissing, ArtifactDamaged) as cause:
            yield _finding("triad.bytes", str(cause), artifact.role)
            continue
        if size != artifact.size:
            yield _finding(
                "triad.bytes", f"{artifact.role} has {size} bytes, not {artifact.size}.", artifact.role
            )


def _attempt(told: Manifest, prov: bytes) -> tuple[Finding, ...]:
    wrong = prov_check.check(prov)
    if wrong:
        return wrong
    try:
        return tuple(_agrees(graph.read(prov), told))
    except DocumentInvalid as cause:
        return (_finding("prov.profile", str(cause)),)


def _agrees(read: Graph, told: Manifest) -> Iterator[Finding]:
    made = prov_documents.made(told)
    yield from links.of_attempt(read, manifest=told.digest, catalogs=told.catalogs, spec_hash=told.spec_hash)
    yield from checksums.in_attempt(read, made)
    outcome = read.value(graph.one(read, graph.KFM.RunAttempt), graph.KFM.outcome)
    if str(outcome) != told.outcome:
        yield _finding("prov.outcome", f"The attempt says {outcome}, the manifest {told.outcome}.")
    if told.labels is not None:
        yield from labels.in_attempt(read, told.labels)


def _catalogs(told: Manifest, store: Store) -> tuple[Finding, ...]:
    if told.labels is None or told.spec_hash is None:
        return labels.assessed(told.labels) or (_finding("triad.spec", "Artifacts, but no spec_hash."),)
    try:
        item = store.read(told.catalogs["stac"], limit=DOCUMENT_AT_MOST)
        dataset = store.read(told.catalogs["dcat"], limit=DOCUMENT_AT_MOST)
    except (ArtifactMissing, ArtifactDamaged, TooLarge) as cause:
        return (_finding("triad.bytes", str(cause)),)
    wrong = (*stac.check(item), *dcat.check(dataset))
    if wrong:
        return wrong
    said, read = digest.read_json(item), graph.read(dataset)
    return (
        *labels.assessed(told.labels),
        *labels.in_item(said, told.labels),
        *labels.in_dataset(read, told.labels),
        *links.of_item(said),
        *links.of_dataset(read, spec_hash=told.spec_hash),
        *checksums.in_item(said, told.artifacts),
        *checksums.in_dataset(read, told.artifacts),
        *_names(said, told),
    )


def _names(said: dict[str, dict[str, str]], told: Manifest) -> Iterator[Finding]:
    for name, want in (
        ("kfm:asset", told.asset),
        ("kfm:edition", told.edition),
        ("kfm:content_digest", told.content_digest),
    ):
        if said["properties"].get(name) != want:
            yield _finding("triad.names", f"The Item's {name} is not the manifest's.", name)


def _finding(rule: str, message: str, where: str = "") -> Finding:
    return Finding(rule=rule, message=message, remedy=_REMEDY, where=where)
