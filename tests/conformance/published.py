"""What a release of each family publishes, made once by real runs: Item, dataset and PROV."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pipelines import digest, spec
from pipelines.catalog import publish
from pipelines.manifest import Manifest
from tests.pipelines.made import Whole
from tests.pipelines.runs import Runs, job

PUBLISHED = "2026-11-24T12:00:00Z"


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """The documents of one release."""

    family: str
    manifest: Manifest
    approved: bytes
    item: bytes
    dataset: bytes
    prov: bytes


@lru_cache(maxsize=1)
def releases(root: Path) -> tuple[Release, ...]:
    """Return a release of the first edition of every family."""
    runs = Runs(root)
    made = []
    for family in spec.families():
        edition = family.editions[0]
        ran = runs.carry_out(job(edition=edition.edition, family=family.name, partition=edition.partition))
        told = runs.read(ran)
        read = runs.places.candidates.read
        approved = read(told.catalogs["stac"], limit=2**24)
        made.append(
            Release(
                family=family.name,
                manifest=told,
                approved=approved,
                item=published(approved, family=family.name),
                dataset=read(told.catalogs["dcat"], limit=2**24),
                prov=read(ran.prov_digest, limit=2**24),
            )
        )
    return tuple(made)


def item_of(run: Whole) -> bytes:
    """Return the published Item of a run that was made up."""
    return published(run.stac, family="ks_airports")


def published(approved: bytes, *, family: str) -> bytes:
    """Return an Item as the first release of its asset publishes it."""
    facts = publish.PublicationFacts(
        family=family,
        release=1,
        published=PUBLISHED,
        predecessor=None,
        successor=None,
        latest=digest.read_json(approved)["id"],
        deprecated=False,
    )
    return publish.item(approved, facts)
