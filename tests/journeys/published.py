"""The public catalog as strangers read it: by pystac, over HTTP, and byte for byte."""

import hashlib
import urllib.request
from typing import Any
from urllib.parse import urljoin

import pystac
from pystac.stac_io import DefaultStacIO

from pipelines.catalog import stac_schemas

SHA256 = "1220"  # as a multihash begins that is one


class Plain(DefaultStacIO):
    """Reads over HTTP without asking any proxy, and remembers what it was told of."""

    def read_text_from_href(self, href: str) -> str:
        return _read(href).decode()


def catalog(address: str) -> pystac.Catalog:
    """Return the whole catalog, every document of it validated."""
    root = pystac.Catalog.from_file(f"{address}/catalog/catalog.json", stac_io=Plain())
    validator = stac_schemas.validator()
    root.validate(validator)
    for child in root.get_collections():
        child.validate(validator)
        for item in child.get_items():
            item.validate(validator)
    return root


def items(root: pystac.Catalog, *, of: str) -> dict[int, pystac.Item]:
    """Return the Items of one collection by their release."""
    collection = root.get_child(of)
    assert collection is not None, of
    return {item.properties["kfm:release"]: item for item in collection.get_items()}


def latest(item: pystac.Item) -> str:
    """Return the address of what an Item calls its latest version."""
    link = item.get_single_link("latest-version")
    assert link is not None
    return urljoin(item.get_self_href() or "", str(link.href))


def check_bytes(item: pystac.Item) -> int:
    """Download every artifact of an Item, compare it with its checksum, and return how many there were."""
    for name, asset in item.assets.items():
        content = _read(asset.get_absolute_href() or "")
        told: dict[str, Any] = asset.extra_fields
        assert len(content) == told["file:size"], name
        assert SHA256 + hashlib.sha256(content).hexdigest() == told["file:checksum"], name
    return len(item.assets)


def _read(href: str) -> bytes:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(href, timeout=30) as answer:
        content: bytes = answer.read()
    return content
