"""What is restricted is published in a private place with indexes of its own, and nowhere else."""

from datetime import timedelta

import pytest

from kfm_review.accounts.models import Clearance, RoleGrant
from kfm_review.runs.models import Current
from pipelines import digest, spec
from tests.kfm_review.journey import Journey
from tests.kfm_review.releases.test_promoting import tree

FAMILY = "ks_sites"

pytestmark = pytest.mark.slow


def test_a_restricted_release_stands_in_its_own_place_alone(journey: Journey) -> None:
    edition = spec.family(FAMILY).editions[0].edition
    journey.published("2024-10")
    until = journey.now().date() + timedelta(days=30)
    asked = {"user": journey.reviewer, "label": "restricted", "until": until}
    RoleGrant.objects.create(user=journey.reviewer, role="governance", granted_at=journey.now())
    Clearance.objects.create(**asked, granted_at=journey.now(), granted_by=journey.publisher)
    public = tree(journey.public)
    promotion = journey.carry_out(journey.queued(edition, family=FAMILY))
    assert promotion.status == "done", promotion.failure
    assert promotion.channel == "restricted"
    assert tree(journey.public) == public
    private = journey.root / "restricted"
    told = digest.read_json((private / "catalog.json").read_bytes())
    assert [link["href"] for link in told["links"] if link["rel"] == "child"] == [
        f"./{FAMILY}/collection.json"
    ]
    assert len([name for name in tree(private) if name.startswith("objects/")]) == 2
    assert Current.objects.get(asset__name=FAMILY).channel == "restricted"
    reproduced = next(one for one in promotion.checks if one["id"] == "reproduced")
    assert "carried out again, whole" in reproduced["evidence"]
