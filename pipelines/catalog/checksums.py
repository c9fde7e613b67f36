"""The checksums and sizes in each catalog document, held against the manifest's."""

from collections.abc import Iterator, Mapping, Sequence

from rdflib import RDF, Graph, Literal, URIRef

from pipelines.catalog import names, stac
from pipelines.catalog.graph import BASE, DCAT, KFM, PROV, SPDX
from pipelines.model import CONTENT_ROLES, Artifact, Finding, Json

_Bytes = tuple[str, int, str]  # digest, size, media type


def content(artifacts: Sequence[Artifact]) -> tuple[Artifact, ...]:
    """Return those that STAC and DCAT list."""
    return tuple(artifact for artifact in artifacts if artifact.role in CONTENT_ROLES)


def in_item(item: Json, artifacts: Sequence[Artifact]) -> tuple[Finding, ...]:
    """Return where an Item lists other bytes than were made."""
    said = {
        (
            name,
            asset["file:checksum"].removeprefix(names.MULTIHASH),
            asset["file:size"],
            asset.get("type", ""),
        )
        for name, asset in item["assets"].items()
    }
    made = {(name, one.sha256, one.size, one.media_type) for name, one in names.listed(artifacts).items()}
    return tuple(
        _disagree("STAC", f"the asset {name}, sha256:{sha256[:8]}", size, kind)
        for name, sha256, size, kind in sorted(said ^ made)
    )


def in_dataset(read: Graph, artifacts: Sequence[Artifact]) -> tuple[Finding, ...]:
    """Return where a dataset lists other bytes than were made."""
    made = {(one.sha256, one.size, names.registered(one.media_type)) for one in content(artifacts)}
    wrong = set(_distributions(read)) ^ made
    said = (_disagree("DCAT", f"sha256:{sha256[:8]}", size, kind) for sha256, size, kind in sorted(wrong))
    return (*said, *_addresses(read))


def listed(item: Json, read: Graph) -> tuple[str, ...]:
    """Return every digest that an Item or a dataset lists."""
    told = (asset["file:checksum"].removeprefix(names.MULTIHASH) for asset in item["assets"].values())
    return (*told, *(sha256 for sha256, _, _ in _distributions(read)))


def in_attempt(read: Graph, made: Mapping[str, str]) -> tuple[Finding, ...]:
    """Return which bytes (digest: role) an attempt leaves out, names otherwise or adds."""
    attempts = set(read.subjects(RDF.type, KFM.RunAttempt))
    said = {
        (str(read.value(entity, KFM.sha256)), str(read.value(entity, KFM.role)))
        for attempt in attempts
        for entity in read.objects(attempt, PROV.generated)
        if str(entity) == names.bytes_id(str(read.value(entity, KFM.sha256)))
    }
    wrong = said ^ set(made.items())
    return tuple(
        _finding(
            f"The attempt and the manifest disagree about {role or 'bytes'} sha256:{sha256[:8]}.", "PROV"
        )
        for sha256, role in sorted(wrong)
    )


def _disagree(document: str, what: str, size: int, kind: str) -> Finding:
    return _finding(f"{document} and the manifest disagree about {what} ({size} bytes, {kind}).", document)


def _distributions(read: Graph) -> Iterator[_Bytes]:
    for node in read.subjects(RDF.type, DCAT.Distribution):
        value = read.value(read.value(node, SPDX.checksum), SPDX.checksumValue)
        size = read.value(node, DCAT.byteSize)
        kind = str(read.value(node, DCAT.mediaType)).partition("/media-types/")[2]
        yield _hex(value), int(str(size)) if isinstance(size, Literal) and str(size).isdigit() else -1, kind


def _addresses(read: Graph) -> Iterator[Finding]:
    root = BASE.removesuffix("family/item/")
    for node in read.subjects(RDF.type, DCAT.Distribution):
        sha256 = _hex(read.value(read.value(node, SPDX.checksum), SPDX.checksumValue))
        urls = {read.value(node, DCAT.accessURL), read.value(node, DCAT.downloadURL)}
        if str(node) != f"urn:kfm:sha256:{sha256}" or urls != {
            URIRef(f"{root}objects/sha256/{sha256[:2]}/{sha256}")
        }:
            yield _finding(f"A distribution's name or address is not that of sha256:{sha256[:8]}.", str(node))


def _hex(value: object) -> str:
    return str(value).lower()


def _finding(message: str, where: str) -> Finding:
    return Finding(rule="checksums", message=message, remedy=stac.MAKE_AGAIN, where=where)
