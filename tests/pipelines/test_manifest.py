"""Manifests: closed, canonical, and the same after their journey."""

from copy import deepcopy
from dataclasses import replace

import pytest

from pipelines import digest, manifest
from pipelines.errors import ManifestInvalid
from pipelines.model import Json, Outcome
from tests.pipelines.memory import MemoryStore
from tests.pipelines.runs import Runs


@pytest.fixture
def document(runs: Runs) -> Json:
    return deepcopy(runs.manifest("2026-09", over="2024-10").json)


def test_a_manifest_is_the_same_after_its_journey(document: Json) -> None:
    content = digest.canonical(document)
    made = manifest.parse(content)
    assert (made.json, made.content, made.digest) == (document, content, digest.of(content))
    store = MemoryStore()
    assert manifest.read(store, manifest.write(store, made)) == made


@pytest.mark.parametrize(
    "change",
    [
        {"schema": "kfm/manifest/2"},
        {"outcome": "FINE"},
        {"outcome": "NOT_RUN"},
        {"extra": 1},
        {"spec_hash": "short"},
        {"code_digest": None},
        {"base": None},
        {"gates": [{"gate": "keys"}]},
        {"catalogs": {"stac": "a" * 64}},
    ],
)
def test_what_the_schema_does_not_know_is_refused(document: Json, change: Json) -> None:
    with pytest.raises(ManifestInvalid):
        manifest.parse(digest.canonical({**document, **change}))


def test_every_part_is_needed(document: Json) -> None:
    for name in document:
        rest = {other: value for other, value in document.items() if other != name}
        with pytest.raises(ManifestInvalid, match=name):
            manifest.parse(digest.canonical(rest))


def test_other_bytes_of_the_same_document_are_refused(document: Json) -> None:
    with pytest.raises(ManifestInvalid, match="canonical"):
        manifest.parse(digest.canonical(document) + b"\n")


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b'{"a": NaN}', b"\xff"])
def test_what_is_no_manifest_is_refused(content: bytes) -> None:
    with pytest.raises(ManifestInvalid):
        manifest.parse(content)


def test_a_manifest_that_its_reader_would_refuse_is_not_written(runs: Runs) -> None:
    store = MemoryStore()
    with pytest.raises(ManifestInvalid):
        manifest.write(store, replace(runs.manifest("2024-10"), outcome=Outcome.NOT_RUN))
