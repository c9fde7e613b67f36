"""Documents of a whole run with one thing changed, and what the closing check says of them."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from pipelines import digest
from pipelines.catalog import prov, triad
from pipelines.manifest import Manifest
from pipelines.model import Finding
from tests.pipelines import made

Json = dict[str, Any]
Spoil = Callable[[Json], object]


def check(run: made.Whole, manifest: Manifest, told: bytes) -> tuple[Finding, ...]:
    return triad.check(manifest.content, prov=told, store=run.store)


def rules(found: tuple[Finding, ...]) -> set[str]:
    return {finding.rule for finding in found}


def changed(run: made.Whole, kind: str, spoil: Spoil) -> set[str]:
    """Spoil one document, name it by its new digest everywhere, and return what the check finds."""
    documents = {"stac": run.stac, "dcat": run.dcat}
    told = json.loads(documents[kind])
    spoil(told)
    name = run.store.put(digest.canonical(told))
    manifest = replace(run.manifest, catalogs={**run.manifest.catalogs, kind: name})
    return rules(check(run, manifest, prov.document(manifest, attempt=made.ATTEMPT)))


def changed_prov(run: made.Whole, spoil: Spoil) -> set[str]:
    told = json.loads(run.prov)
    spoil(told)
    return rules(check(run, run.manifest, digest.canonical(told)))


def node(told: Json, kind: str) -> Json:
    found: Json = next(one for one in told["@graph"] if one["@id"] == kind or kind in one["@type"])
    return found
