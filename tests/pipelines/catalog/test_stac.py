"""The STAC Item: valid by pystac and by the published schemas, and refused when a field lies."""

import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pystac
import pytest
from pystac.validation.stac_validator import GetSchemaError
from referencing import Registry, Resource

from pipelines import digest
from pipelines.catalog import stac, stac_schemas
from tests.pipelines import made

Json = dict[str, Any]
VECTORS = Path(__file__).parents[4] / "shared" / "vectors" / "stac-schemas"
EXAMPLES = VECTORS.parent / "stac-examples" / "examples"
needs_vectors = pytest.mark.skipif(not VECTORS.is_dir(), reason="../shared/vectors/stac-schemas is not here")


@pytest.fixture(scope="module")
def run() -> made.Whole:
    return made.whole()


def rules(item: Json) -> set[str]:
    return {finding.rule for finding in stac.check(digest.canonical(item))}


def test_the_item_is_valid(run: made.Whole) -> None:
    assert stac.check(run.stac) == ()


def test_the_same_content_gives_the_same_bytes(run: made.Whole) -> None:
    assert stac.document(run.content) == run.stac


def test_its_name_is_the_assets_and_the_contents(run: made.Whole) -> None:
    assert json.loads(run.stac)["id"] == f"ks_airports-{run.content.content_digest[:12]}"


def test_pystac_reads_it_back(run: made.Whole) -> None:
    item = pystac.Item.from_dict(json.loads(run.stac))
    assert item.common_metadata.license == "MIT"
    assert item.assets["data"].extra_fields["table:row_count"] == 40


SPOILT: dict[str, Callable[[Json], object]] = {
    "stac.schema": lambda item: item.pop("bbox"),
    "stac.datetimes": lambda item: item["properties"].update(end_datetime="2020-01-01T00:00:00Z"),
    "stac.bbox": lambda item: item.update(bbox=[-100, 37, -95, 39]),
    "stac.checksum": lambda item: item["assets"]["data"].update({"file:checksum": "1220" + "b" * 32}),
    "stac.href": lambda item: item["assets"]["data"].update(href="https://elsewhere.invalid/data.parquet"),
}


@pytest.mark.parametrize("rule", SPOILT)
def test_what_lies_is_found(rule: str, run: made.Whole) -> None:
    item = json.loads(run.stac)
    SPOILT[rule](item)
    assert rules(item) == {rule}


@pytest.mark.parametrize(
    "spoil",
    [
        lambda item: item["properties"].pop("kfm:sensitivity"),
        lambda item: item["properties"].update({"kfm:sensitivity": "secret"}),
        lambda item: item["properties"].update({"kfm:unheard": 1}),
        lambda item: item["assets"]["data"].pop("kfm:rights"),
        lambda item: item["assets"]["data"].pop("file:checksum"),
        lambda item: item["properties"].pop("processing:lineage"),
        lambda item: item["properties"].update({"proj:code": 4326}),
        lambda item: item["stac_extensions"].append("https://elsewhere.invalid/schema.json"),
        lambda item: item.update(stac_version="1.0.0"),
        lambda item: item.update(type="Collection"),
        lambda item: item["properties"].pop("start_datetime"),
    ],
)
def test_what_breaks_a_schema_is_found(spoil: Callable[[Json], object], run: made.Whole) -> None:
    item = json.loads(run.stac)
    spoil(item)
    assert rules(item) == {"stac.schema"}


def test_what_is_not_strict_json_is_found() -> None:
    assert [finding.rule for finding in stac.check(b'{"a": NaN}')] == ["stac.json"]


def test_an_unknown_schema_is_an_error_and_never_a_pass(run: made.Whole) -> None:
    item = json.loads(run.stac)
    with pytest.raises(GetSchemaError, match="Nothing is fetched"):
        stac_schemas.validator().validate(
            item, pystac.STACObjectType.ITEM, "1.1.0", ["https://x.invalid/s.json"]
        )


def test_validating_opens_no_socket(run: made.Whole, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("A validator opened a socket.")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    fresh = stac_schemas.OfflineValidator()
    assert fresh.validate(
        json.loads(run.stac), pystac.STACObjectType.ITEM, "1.1.0", list(stac_schemas.ITEM_EXTENSIONS)
    )


def published(uri: str) -> jsonschema.Draft7Validator:
    """Return the validator of a published extension, its schemas read from the folder of vectors."""
    schemas = [json.loads(file.read_text()) for file in VECTORS.rglob("*.json")]
    known = [
        (schema["$id"].rstrip("#"), Resource.from_contents(schema)) for schema in schemas if "$id" in schema
    ]
    registry: Registry[Any] = Registry().with_resources(known)
    schema = next(one for one in schemas if one.get("$id", "").rstrip("#") == uri)
    return jsonschema.Draft7Validator(schema, registry=registry)


@pytest.mark.skipif(not EXAMPLES.is_dir(), reason="../shared/vectors/stac-examples is not here")
@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("catalog.json", pystac.STACObjectType.CATALOG),
        ("core-item.json", pystac.STACObjectType.ITEM),
        ("collectionless-item.json", pystac.STACObjectType.ITEM),
        ("simple-item.json", pystac.STACObjectType.ITEM),
        ("collection-only/collection.json", pystac.STACObjectType.COLLECTION),
    ],
)
def test_the_published_examples_are_valid_by_the_schemas_at_hand_and_broken_ones_are_not(
    name: str, kind: pystac.STACObjectType
) -> None:
    example = json.loads((EXAMPLES / name).read_text(encoding="utf-8"))
    example["stac_version"] = stac_schemas.VERSION_OF_STAC  # they are of the last beta before it
    foreign = set(example.pop("stac_extensions", [])) - set(stac_schemas.PUBLISHED_EXTENSIONS)
    assert stac_schemas.wrong({**example, "stac_extensions": []}, kind=kind) == ()
    assert not foreign or stac_schemas.wrong({**example, "stac_extensions": [*foreign]}, kind=kind)
    for part in ("id", "links"):
        broken = {field: value for field, value in example.items() if field != part}
        assert stac_schemas.wrong({**broken, "stac_extensions": []}, kind=kind)


@needs_vectors
@pytest.mark.parametrize("uri", [one for one in stac_schemas.ITEM_EXTENSIONS if one.startswith("https")])
def test_the_published_schemas_accept_the_item_too(uri: str, run: made.Whole) -> None:
    assert not list(published(uri).iter_errors(json.loads(run.stac)))


EXTENSION_FAULTS: list[tuple[str, Callable[[Json], object]]] = [
    (stac_schemas.FILE, lambda item: item["assets"]["data"].update({"file:size": "20"})),
    (stac_schemas.FILE, lambda item: item["assets"]["data"].update({"file:checksum": "XYZ"})),
    (stac_schemas.FILE, lambda item: item["assets"]["data"].update({"file:unheard": 1})),
    (stac_schemas.PROCESSING, lambda item: item["properties"].pop("processing:lineage")),
    (stac_schemas.PROCESSING, lambda item: item["properties"].update({"processing:unheard": 1})),
    (stac_schemas.PROJECTION, lambda item: item["properties"].update({"proj:code": 4326})),
    (stac_schemas.PROJECTION, lambda item: item["properties"].update({"proj:bbox": [1, 2]})),
    (stac_schemas.SCIENTIFIC, lambda item: item["properties"].pop("sci:citation")),
    (stac_schemas.SCIENTIFIC, lambda item: item["properties"].update({"sci:citation": 7})),
    (stac_schemas.SCIENTIFIC, lambda item: item["properties"].update({"sci:unheard": "x"})),
    (stac_schemas.TABLE, lambda item: item["assets"]["data"].update({"table:row_count": "3"})),
    (stac_schemas.TABLE, lambda item: item["assets"]["data"].update({"table:columns": [{"type": "x"}]})),
]


@needs_vectors
@pytest.mark.parametrize(("uri", "spoil"), EXTENSION_FAULTS)
def test_what_the_published_schema_refuses_ours_refuses(
    uri: str, spoil: Callable[[Json], object], run: made.Whole
) -> None:
    item = json.loads(run.stac)
    spoil(item)
    assert list(published(uri).iter_errors(item))
    assert rules(item) == {"stac.schema"}
