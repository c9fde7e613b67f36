"""Items of every family by the published schemas, and the published examples by the schemas at hand."""

import json
from collections import Counter
from typing import Any

import jsonschema
import pystac
import pytest
from referencing import Registry, Resource

from pipelines import digest, spec
from pipelines.catalog import publish, stac, stac_schemas
from tests.conformance.conftest import VECTORS
from tests.conformance.published import Release

SCHEMAS = VECTORS / "stac-schemas"
EXAMPLES = VECTORS / "stac-examples" / "examples"
needs_schemas = pytest.mark.skipif(not SCHEMAS.is_dir(), reason="../shared/vectors/stac-schemas is not here")
needs_examples = pytest.mark.skipif(
    not EXAMPLES.is_dir(), reason="../shared/vectors/stac-examples is not here"
)
CORE = "https://schemas.stacspec.org/v1.1.0/"
OF = {
    "Feature": pystac.STACObjectType.ITEM,
    "Collection": pystac.STACObjectType.COLLECTION,
    "Catalog": pystac.STACObjectType.CATALOG,
}


def published_schemas() -> dict[str, Any]:
    """Return every published schema by the address it was had from, which its own name may belie."""
    found = {}
    for file in sorted((SCHEMAS / "extensions").glob("*.json")):
        address = "https://" + file.name.replace("__", "/")
        found[address] = json.loads(file.read_text(encoding="utf-8"))
    for file in sorted((SCHEMAS / "core").rglob("*.json")):
        read = json.loads(file.read_text(encoding="utf-8"))
        folder = read["$id"].rpartition("/")[0]
        found |= {read["$id"].rstrip("#"): read, f"{folder}/{file.name}": read}  # one's own name lacks a dot
    return found


def wrong_by(address: str, document: Any, *, known: dict[str, Any]) -> list[str]:
    """Return what a published schema says against a document."""
    registry: Registry[Any] = Registry().with_resources(
        [(one, Resource.from_contents(schema)) for one, schema in known.items()]
    )
    return [
        error.message
        for error in jsonschema.Draft7Validator(known[address], registry=registry).iter_errors(document)
    ]


@pytest.mark.slow
@needs_schemas
def test_the_published_items_of_every_family_keep_every_published_schema(
    released: tuple[Release, ...], judged: Counter[str]
) -> None:
    known = published_schemas()
    core = next(address for address in known if address.endswith("item-spec/json-schema/item.json"))
    for release in released:
        item = digest.read_json(release.item)
        assert stac.check(release.item) == (), release.family
        for address in (core, *(one for one in item["stac_extensions"] if one in known)):
            assert wrong_by(address, item, known=known) == [], (release.family, address)
            judged["stac: published schemas over published items of families, kept"] += 1
        assert {one for one in item["stac_extensions"] if one not in known} == {stac_schemas.KFM}


@pytest.mark.slow
def test_collections_and_root_over_them_are_valid(
    released: tuple[Release, ...], judged: Counter[str]
) -> None:
    collections = [publish.collection(spec.family(one.family), [one.item]) for one in released]
    for document in (*collections, publish.root(collections)):
        read = digest.read_json(document)
        assert stac_schemas.wrong({"stac_extensions": [], **read}, kind=OF[read["type"]]) == ()
        judged["stac: collections and root of families, valid"] += 1


@needs_examples
def test_every_published_example_is_judged_by_the_schemas_at_hand(judged: Counter[str]) -> None:
    for file in sorted(EXAMPLES.rglob("*.json")):
        example = json.loads(file.read_text(encoding="utf-8"))
        example["stac_version"] = stac_schemas.VERSION_OF_STAC  # they are of the last beta before it
        kind = OF[example["type"]]
        foreign = example.pop("stac_extensions", [])
        assert stac_schemas.wrong({**example, "stac_extensions": []}, kind=kind) == (), file.name
        judged["stac: published examples, valid by the core"] += 1
        if set(foreign) - set(stac_schemas.PUBLISHED_EXTENSIONS):
            assert stac_schemas.wrong({**example, "stac_extensions": foreign}, kind=kind), file.name
            judged["stac: published examples with extensions that are not ours to use, refused"] += 1
        for part in ("id", "links", "type", "stac_version"):
            broken = {
                "stac_extensions": [],
                **{name: value for name, value in example.items() if name != part},
            }
            assert stac_schemas.wrong(broken, kind=kind), (file.name, part)
            judged["stac: published examples with a part taken away, refused"] += 1


@needs_schemas
def test_the_extensions_restated_here_judge_as_the_published_ones_do(judged: Counter[str]) -> None:
    known = published_schemas()
    for address in stac_schemas.PUBLISHED_EXTENSIONS:
        if address != stac_schemas.KFM:
            assert address in known, address
            judged["stac: extensions restated, whose published schema is at hand"] += 1
