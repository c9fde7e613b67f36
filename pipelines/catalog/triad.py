"""The closing check: manifest, STAC, DCAT and PROV, each judged from its bytes and against the others."""

from collections.abc import Iterator

from rdflib import Graph

from pipelines import digest, manifest
from pipelines.catalog import (
    attempted,
    checksums,
    dcat,
    graph,
    labels,
    links,
    names,
    prov_check,
    redaction,
    stac,
    stac_schemas,
    wholeness,
)
from pipelines.catalog import prov as prov_documents
from pipelines.errors import (
    ArtifactDamaged,
    ArtifactMissing,
    DocumentInvalid,
    ManifestInvalid,
    TooLarge,
)
from pipelines.manifest import Manifest
from pipelines.model import Finding, Json
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
    found = [*wholeness.of_manifest(told), *_bytes(told, store), *_attempt(told, prov), *_labels(told, store)]
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


def _labels(told: Manifest, store: Store) -> Iterator[Finding]:
    """Hold the labels of a manifest against one another."""
    if told.labels is None:
        return
    yield from labels.of_artifacts(told.artifacts, inputs=told.inputs, labels=told.labels)
    yield from redaction.inherited(told, store=store)
    yield from redaction.of_channel(told)


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
    yield from attempted.faults(read, told)
    if told.labels is not None:
        yield from labels.in_attempt(read, told.labels, bytes_=(*told.artifacts, *told.inputs))
    yield from redaction.in_attempt(read, told)


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
        *labels.in_dataset(read, told.labels, inputs=told.inputs),
        *labels.exact(checksums.listed(said, read), inputs=told.inputs, labels=told.labels, where="assets"),
        *redaction.extent(said, told),
        *links.of_item(said),
        *links.of_dataset(read, spec_hash=told.spec_hash),
        *checksums.in_item(said, told.artifacts),
        *checksums.in_dataset(read, told.artifacts),
        *_names(said, read, told),
    )


def _names(said: Json, read: Graph, told: Manifest) -> Iterator[Finding]:
    """Hold the names that both documents go by against the manifest's."""
    item_id = names.item_id(told.asset, told.content_digest or "")
    dataset = graph.one(read, graph.DCAT.Dataset)
    wanted = (
        ("id", said.get("id"), item_id),
        ("kfm:asset", said["properties"].get("kfm:asset"), told.asset),
        ("kfm:edition", said["properties"].get("kfm:edition"), told.edition),
        ("kfm:channel", said["properties"].get("kfm:channel"), told.channel),
        ("kfm:content_digest", said["properties"].get("kfm:content_digest"), told.content_digest),
        (
            "kfm:materialization",
            said["properties"].get("kfm:materialization"),
            names.materialization(told.spec_hash or ""),
        ),
        ("dcat:Dataset", str(dataset), names.dataset(item_id)),
        ("dct:identifier", str(read.value(dataset, graph.DCT.identifier)), item_id),
        ("dcat:version", str(read.value(dataset, graph.DCAT.version)), told.edition),
        ("dcat:isVersionOf", str(read.value(dataset, graph.DCAT.isVersionOf)), names.asset(told.asset)),
    )
    for name, is_said, want in wanted:
        if is_said != want:
            yield _finding("triad.names", f"A catalog says {is_said} as {name}, not {want}.", name)


def _finding(rule: str, message: str, where: str = "") -> Finding:
    return Finding(rule=rule, message=message, remedy=_REMEDY, where=where)
