"""How documents change on publication, in one fixed way, and the indexes that lead to them; all pure."""

from collections.abc import Sequence
from dataclasses import dataclass

import pystac

from pipelines import digest
from pipelines.catalog import dcat, names, stac_schemas
from pipelines.errors import DocumentInvalid
from pipelines.family import Family
from pipelines.model import Json

TITLE = "KFM Review: published map data about Kansas"
DESCRIPTION = "Data that people looked at and approved, each with what it is made of and who answers for it."
_UP = "../../"
_JSON = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicationFacts:
    """What only the releases table knows; neighbours by their Items' ids, `deprecated` once withdrawn.

    `exceptions` name which failing gates stand by which signed statement: {gates: [name], statement: sha256}.
    """

    family: str
    release: int
    published: str
    predecessor: str | None
    successor: str | None
    latest: str
    deprecated: bool
    exceptions: Sequence[Json] = ()

    def check(self, item_id: str) -> None:
        """Refuse neighbours that are the Item itself."""
        if item_id in {self.predecessor, self.successor}:
            raise DocumentInvalid(f"{item_id} cannot come before or after itself.")


def item(approved: bytes, facts: PublicationFacts) -> bytes:
    """Return the published Item: the approved one and a fixed list of additions, nothing taken away."""
    made: Json = digest.read_json(approved)
    facts.check(made["id"])
    made["collection"] = facts.family
    made["stac_extensions"] = list(stac_schemas.PUBLISHED_EXTENSIONS)
    made["properties"] |= {
        "published": facts.published,
        "version": str(facts.release),
        "deprecated": facts.deprecated,
        "kfm:release": facts.release,
    }
    if facts.exceptions:
        made["properties"]["kfm:exceptions"] = list(facts.exceptions)
    neighbours = (
        ("predecessor-version", facts.predecessor),
        ("successor-version", facts.successor),
        ("latest-version", facts.latest),
    )
    made["links"] += [
        _link("root", f"{_UP}{names.ROOT}", _JSON),
        _link("parent", f"../{names.COLLECTION}", _JSON),
        _link("collection", f"../{names.COLLECTION}", _JSON),
        *(_link(rel, f"../{one}/{names.STAC}", names.STAC_TYPE) for rel, one in neighbours if one),
    ]
    return digest.canonical(made)


def dataset(approved: bytes, facts: PublicationFacts) -> bytes:
    """Return the published dataset: the approved one, what came before it, and what let it stand."""
    made: Json = digest.read_json(approved)
    if facts.predecessor is not None:
        made["dcat:previousVersion"] = {"@id": names.dataset(facts.predecessor)}
    if facts.exceptions:
        statements = (names.bytes_id(one["statement"]) for one in facts.exceptions)
        made["prov:wasInfluencedBy"] = [{"@id": one} for one in statements]
    return digest.canonical(made)


def collection(family: Family, items: Sequence[bytes]) -> bytes:
    """Return a family's Collection over its published Items, oldest release first."""
    if not items:
        raise DocumentInvalid(f"{family.name} has nothing published: leave its Collection out.")
    read: list[Json] = [digest.read_json(one) for one in items]
    boxes = [one["bbox"] for one in read]
    around = [min(box[0] for box in boxes), min(box[1] for box in boxes)]
    around += [max(box[2] for box in boxes), max(box[3] for box in boxes)]
    starts = [one["properties"]["start_datetime"] for one in read]
    ends = [one["properties"]["end_datetime"] for one in read]
    made: Json = {
        "type": "Collection",
        "stac_version": pystac.get_stac_version(),
        "id": family.name,
        "title": family.title,
        "description": family.description,
        "keywords": list(family.keywords),
        "license": family.licence.spdx,
        "providers": [{"name": family.owner, "roles": ["producer", "processor"]}],
        "extent": {
            "spatial": {"bbox": [around]},
            "temporal": {"interval": [[min(starts), max(ends)]]},
        },
        "links": [
            _link("root", f"../{names.ROOT}", _JSON),
            _link("parent", f"../{names.ROOT}", _JSON),
            _link("license", family.licence.uri, "text/html"),
            *(
                _link("item", f"./{one['id']}/{names.STAC}", names.STAC_TYPE, one["properties"]["title"])
                for one in read
            ),
        ],
    }
    return digest.canonical(made)


def root(collections: Sequence[bytes]) -> bytes:
    """Return the Catalog over every family's Collection, by id."""
    read = sorted((digest.read_json(one) for one in collections), key=lambda one: str(one["id"]))
    made: Json = {
        "type": "Catalog",
        "stac_version": pystac.get_stac_version(),
        "id": "kfm",
        "title": TITLE,
        "description": DESCRIPTION,
        "links": [
            _link("root", f"./{names.ROOT}", _JSON),
            *(_link("child", f"./{one['id']}/{names.COLLECTION}", _JSON, one["title"]) for one in read),
        ],
    }
    return digest.canonical(made)


def dcat_catalog(datasets: Sequence[tuple[str, bytes]], *, modified: str) -> bytes:
    """Return the DCAT catalog over pairs of a family's name and an approved dataset's bytes."""
    made: Json = {
        "@context": dcat.CONTEXT,
        "@id": "urn:kfm:catalog",
        "@type": "dcat:Catalog",
        "dct:title": TITLE,
        "dct:description": DESCRIPTION,
        "dct:modified": modified,
        "dct:publisher": dcat.organisation("KFM Review"),
        "dcat:dataset": [_moved(digest.read_json(one), family) for family, one in datasets],
    }
    return digest.canonical(made)


def _moved(dataset: Json, family: str) -> Json:
    """Return a dataset as the catalog's folder sees it."""
    inside = f"../{names.folder(family, dataset['dct:identifier'])}/"
    distributions = [
        {
            **one,
            **{name: f"../{one[name].removeprefix(_UP)}" for name in ("dcat:accessURL", "dcat:downloadURL")},
        }
        for one in dataset.get("dcat:distribution", ())
    ]
    plain = {name: value for name, value in dataset.items() if name != "@context"}
    bytes_ = {"dcat:distribution": distributions} if distributions else {}  # what was withdrawn has none
    return {**plain, "dct:relation": inside + names.STAC, **bytes_}


def _link(rel: str, href: str, kind: str, title: str = "") -> Json:
    return {"rel": rel, "href": href, "type": kind, **({"title": title} if title else {})}
