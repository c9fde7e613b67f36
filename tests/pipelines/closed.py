"""Documents of a whole run with one thing changed, and what the closing check says of them."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Protocol

from pipelines import digest
from pipelines.catalog import prov, triad
from pipelines.manifest import Manifest
from pipelines.model import Finding
from pipelines.store import Store
from tests.pipelines import made

Json = dict[str, Any]
Spoil = Callable[[Json], object]


class Closed(Protocol):
    """Everything one run left behind, made up or real."""

    @property
    def store(self) -> Store: ...
    @property
    def stac(self) -> bytes: ...
    @property
    def dcat(self) -> bytes: ...
    @property
    def manifest(self) -> Manifest: ...
    @property
    def prov(self) -> bytes: ...


def check(run: Closed, manifest: Manifest, told: bytes) -> tuple[Finding, ...]:
    return triad.check(manifest.content, prov=told, store=run.store)


def rules(found: tuple[Finding, ...]) -> set[str]:
    return {finding.rule for finding in found}


def changed(run: Closed, kind: str, spoil: Spoil) -> set[str]:
    """Spoil one document, name it by its new digest everywhere, and return what the check finds."""
    documents = {"stac": run.stac, "dcat": run.dcat}
    told = json.loads(documents[kind])
    spoil(told)
    name = run.store.put(digest.canonical(told))
    manifest = replace(run.manifest, catalogs={**run.manifest.catalogs, kind: name})
    return rules(check(run, manifest, prov.document(manifest, attempt=made.ATTEMPT)))


def changed_prov(run: Closed, spoil: Spoil) -> set[str]:
    told = json.loads(run.prov)
    spoil(told)
    return rules(check(run, run.manifest, digest.canonical(told)))


def node(told: Json, kind: str) -> Json:
    found: Json = next(one for one in told["@graph"] if one["@id"] == kind or kind in one["@type"])
    return found
