"""Runs of each label, whole: public and restricted made up, generalized a real one counted by county."""

from dataclasses import dataclass
from pathlib import Path

from pipelines.catalog import prov
from pipelines.manifest import Manifest
from pipelines.model import Labels
from pipelines.sensitivity import Claim
from pipelines.store import Store
from tests.pipelines import made
from tests.pipelines.closed import check, rules
from tests.pipelines.runs import Runs

CLAIM = Claim(authority="A made-up nation", kind="NOTICE", id="n1", obligations=("ask",))
RESTRICTED = Labels(
    sensitivity="restricted", sensitivity_reason=("ARCHAEOLOGY",), sovereignty=(CLAIM,), rights="MIT"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What a real run left behind."""

    store: Store
    stac: bytes
    dcat: bytes
    manifest: Manifest
    prov: bytes


def remade(run: made.Whole | Left, manifest: Manifest) -> set[str]:
    """Return what is found of another manifest whose PROV was written for it."""
    return rules(check(run, manifest, prov.document(manifest, attempt=made.ATTEMPT)))


def counted(root: Path) -> Left:
    """Count the sites by county."""
    runs = Runs(root, family="ks_sites_by_county")
    told, store = runs.manifest("2025-05"), runs.places.candidates
    stac, dcat = (store.read(told.catalogs[kind]) for kind in ("stac", "dcat"))
    written = prov.document(told, attempt=made.ATTEMPT)
    return Left(store=store, stac=stac, dcat=dcat, manifest=told, prov=written)
