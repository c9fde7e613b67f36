"""Those who look in tests: anybody with a role, and people who are cleared for more."""

from dataclasses import replace

from kfm_review.people import clearance
from kfm_review.people.queries import Viewer
from kfm_review.runs.models import Manifest
from tests.kfm_review.world import NOON

ANYONE = Viewer(
    id=0, name="", roles=frozenset({("reviewer", "")}), labels=clearance.labels(()), today=NOON.date()
)


def cleared(*held: str, revealed: tuple[Manifest, ...] = ()) -> Viewer:
    """Return a reviewer who holds these clearances, and has had these manifests revealed."""
    return replace(
        ANYONE,
        labels=clearance.labels(held),
        authorities=clearance.authorities(held),
        revealed=frozenset(manifest.pk for manifest in revealed),
    )
