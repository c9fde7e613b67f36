"""What stands in the catalogs where a withdrawn release stood: that it is gone, why, and what replaces it."""

from dataclasses import dataclass

import pystac

from pipelines import digest
from pipelines.catalog import dcat, names, stac_schemas
from pipelines.model import Json

FILE = "tombstone.json"
WITHDRAWN = "http://publications.europa.eu/resource/authority/dataset-status/WITHDRAWN"
_STATUS = "http://www.w3.org/ns/adms#status"
_REPLACED = "http://purl.org/dc/terms/isReplacedBy"
_UP = "../../"
_KEPT = ("title", "start_datetime", "end_datetime", "kfm:asset", "kfm:edition", "kfm:channel")
_TOLD = (
    *("@id", "@type", "dct:title", "dct:identifier", "dct:publisher"),
    *("dcat:contactPoint", "dcat:version", "dcat:isVersionOf"),
)
_JSON = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """One withdrawn release: when it was published and withdrawn, why, and its successor's Item."""

    family: str
    release: int
    published: str
    unpublished: str
    reason: str
    successor: str | None
    statement: str  # the digest of what the promoter signed


def item(approved: bytes, gone: Gone) -> bytes:
    """Return the Item of a withdrawn release: without place and bytes, deprecated, with its successor."""
    read: Json = digest.read_json(approved)
    properties = {name: read["properties"][name] for name in _KEPT if name in read["properties"]}
    made: Json = {
        "type": "Feature",
        "stac_version": pystac.get_stac_version(),
        "stac_extensions": [stac_schemas.TIMESTAMPS, stac_schemas.VERSION],
        "id": read["id"],
        "collection": gone.family,
        "geometry": None,
        "properties": {
            **properties,
            "datetime": None,
            "published": gone.published,
            "unpublished": gone.unpublished,
            "version": str(gone.release),
            "deprecated": True,
            "kfm:release": gone.release,
            "kfm:withdrawn": {"reason": gone.reason, "statement": f"sha256:{gone.statement}"},
        },
        "links": [
            _link("root", f"{_UP}{names.ROOT}"),
            _link("parent", f"../{names.COLLECTION}"),
            _link("collection", f"../{names.COLLECTION}"),
            _link("describedby", f"./{names.DCAT}", names.JSON_LD_TYPE),
            _link("kfm:tombstone", f"./{FILE}"),
        ],
        "assets": {},
    }
    if gone.successor:
        target = f"../{gone.successor}/{names.STAC}"
        made["links"].append(_link("successor-version", target, names.STAC_TYPE))
    return digest.canonical(made)


def dataset(approved: bytes, gone: Gone) -> bytes:
    """Return the DCAT dataset of a withdrawn release: its status, and no bytes."""
    read: Json = digest.read_json(approved)
    made: Json = {
        "@context": dcat.CONTEXT,
        **{name: read[name] for name in _TOLD if name in read},
        "dct:description": f"Withdrawn: {gone.reason}",
        "dct:modified": gone.unpublished,
        "dct:accessRights": names.ACCESS_RIGHTS["quarantine"],
        "dct:relation": f"./{FILE}",
        _STATUS: {"@id": WITHDRAWN},
    }
    if gone.successor:
        made[_REPLACED] = {"@id": names.dataset(gone.successor)}
    return digest.canonical(made)


def _link(rel: str, href: str, kind: str = _JSON) -> Json:
    return {"rel": rel, "href": href, "type": kind}
