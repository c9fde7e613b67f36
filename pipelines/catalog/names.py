"""The names by which catalog documents point at one another, at bytes and at what made them."""

from collections.abc import Sequence

from pipelines import digest
from pipelines.model import CONTENT_ROLES, Artifact, LayerContent, Role

STAC, DCAT, PROV = "item.json", "dcat.jsonld", "prov-run.jsonld"
STAC_TYPE, JSON_LD_TYPE = "application/geo+json", "application/ld+json"
ROOT, COLLECTION, DCAT_CATALOG = "catalog.json", "collection.json", "dcat/catalog.jsonld"
GEOPARQUET, PARQUET, COG, PMTILES = "geoparquet", "parquet", "cog", "pmtiles"
_FORMS = {"vector": GEOPARQUET, "table": PARQUET, "raster": COG}
MULTIHASH = "1220"  # sha2-256, 32 bytes

_RIGHTS = "http://publications.europa.eu/resource/authority/access-right/"
ACCESS_RIGHTS = {
    "public": f"{_RIGHTS}PUBLIC",
    "generalized": f"{_RIGHTS}PUBLIC",
    "restricted": f"{_RIGHTS}RESTRICTED",
    "quarantine": f"{_RIGHTS}NON_PUBLIC",
}
ORDER = tuple(ACCESS_RIGHTS)


def form(artifact: Artifact, layer: LayerContent) -> str:
    """Return which format the bytes of a layer have."""
    return PMTILES if artifact.role == Role.TILES else _FORMS[layer.kind]


def registered(media_type: str) -> str:
    """Return the name under which a media type is registered, without its parameters."""
    return media_type.partition(";")[0]


def folder(family: str, item_id: str) -> str:
    """Return where an item's documents stand below the catalog's root."""
    return f"{family}/{item_id}"


def object_path(sha256: str) -> str:
    """Return where bytes stand below the catalog's root."""
    return f"objects/sha256/{digest.check(sha256)[:2]}/{sha256}"


def object_href(sha256: str) -> str:
    """Return how an item's documents point at bytes."""
    return f"../../{object_path(sha256)}"


def bytes_id(sha256: str) -> str:
    """Return the name of bytes, wherever they stand."""
    return f"urn:kfm:sha256:{digest.check(sha256)}"


def materialization(spec_hash: str) -> str:
    """Return the name of what a run was asked to do; its attempts carry it out."""
    return f"urn:kfm:materialization:{digest.check(spec_hash)}"


def dataset(item_id: str) -> str:
    """Return the name of a dataset of one content."""
    return f"urn:kfm:dataset:{item_id}"


def item_id(asset: str, content_digest: str) -> str:
    """Return the STAC Item's id: the asset's, and the first of the content's digest."""
    return f"{asset.replace('/', '.')}-{content_digest[:12]}"


def asset(name: str) -> str:
    """Return the name of an asset, of which each dataset is a version."""
    return f"urn:kfm:asset:{name}"


def multihash(sha256: str) -> str:
    """Return a digest as STAC's file extension writes it."""
    return MULTIHASH + digest.check(sha256)


def listed(artifacts: Sequence[Artifact]) -> dict[str, Artifact]:
    """Return the artifacts that STAC and DCAT list, by a name that stays."""
    named: dict[str, Artifact] = {}
    for artifact in artifacts:
        if artifact.role in CONTENT_ROLES:
            again = sum(name.split("-")[0] == artifact.role for name in named)
            named[f"{artifact.role}-{again + 1}" if again else str(artifact.role)] = artifact
    return named
