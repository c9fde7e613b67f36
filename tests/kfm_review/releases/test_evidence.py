"""One flipped byte anywhere stops a promotion with a message that names it, and nothing is published."""

import pytest

from kfm_review.releases import catalog, evidence, rules
from kfm_review.releases.models import Promotion
from kfm_review.reviews.models import Decision
from kfm_review.runs.models import Current
from pipelines import manifest
from tests.kfm_review.journey import Journey
from tests.kfm_review.world import NOON, person

ROLES = ("data", "tiles", "preview", "thumbnail")


def named(journey: Journey, promotion: Promotion) -> dict[str, str]:
    """Return everything a release stands on, by what it is."""
    release = promotion.release
    made = manifest.read(journey.store, release.manifest_id)
    return {
        **{artifact.role: artifact.sha256 for artifact in made.artifacts},
        **made.catalogs,
        "manifest": release.manifest_id,
        "prov": release.review.run.prov_digest or "",
    }


def stopped(journey: Journey, promotion: Promotion) -> str:
    """Carry out a promotion that must not publish anything; return why it stopped."""
    journey.carry_out(promotion)
    assert (promotion.status, Current.objects.exists(), promotion.documents) == ("failed", False, {})
    assert not journey.public.exists()
    assert promotion.release.review.promoted_at is None
    return promotion.failure


@pytest.mark.parametrize("what", [*ROLES, "stac", "dcat", "manifest", "prov"])
def test_a_flipped_byte_stops_promotion_and_its_artifact_is_named(journey: Journey, what: str) -> None:
    promotion = journey.queued("2024-10")
    sha256 = named(journey, promotion)[what]
    journey.flip(sha256)
    why = stopped(journey, promotion)
    assert f"Artifact sha256:{sha256[:8]} is damaged" in why
    assert what not in ROLES or f"{what}: " in why


@pytest.mark.parametrize("what", ["diff", "changes"])
def test_a_flipped_byte_in_what_people_looked_at_leaves_the_old_release_current(
    journey: Journey, what: str
) -> None:
    journey.published("2024-10")
    promotion = journey.queued("2026-09")
    journey.flip(named(journey, promotion)[what])
    assert f"{what}: Artifact sha256:" in journey.carry_out(promotion).failure
    assert Current.objects.get().release_number == 1


@pytest.mark.parametrize("what", ["stac", "dcat"])
def test_a_flipped_byte_in_an_older_release_stops_the_next_before_its_flip(
    journey: Journey, what: str
) -> None:
    older = named(journey, journey.published("2024-10"))[what]
    promotion = journey.queued("2026-09")
    journey.flip(older)
    assert f"sha256:{older[:8]} is damaged" in journey.carry_out(promotion).failure
    assert Current.objects.get().release_number == 1


@pytest.mark.parametrize("what", ["data", "stac", "manifest", "prov"])
def test_what_is_gone_from_the_store_stops_promotion(journey: Journey, what: str) -> None:
    promotion = journey.queued("2024-10")
    sha256 = named(journey, promotion)[what]
    (journey.root / "candidates" / "sha256" / sha256[:2] / sha256).unlink()
    assert f"sha256:{sha256[:8]} is not in the store" in stopped(journey, promotion)


def test_bytes_swapped_for_others_of_the_same_size_are_noticed(journey: Journey) -> None:
    promotion = journey.queued("2024-10")
    sha256 = named(journey, promotion)["tiles"]
    file = journey.root / "candidates" / "sha256" / sha256[:2] / sha256
    size = file.stat().st_size
    file.unlink()
    file.write_bytes(b"x" * size)
    assert "is damaged" in stopped(journey, promotion)


def test_a_public_object_that_somebody_changed_stops_promotion(journey: Journey) -> None:
    promotion = journey.queued("2024-10")
    sha256 = named(journey, promotion)["data"]
    there = journey.public / "objects" / "sha256" / sha256[:2] / sha256
    there.parent.mkdir(parents=True)
    there.write_bytes(b"somebody else's")
    assert f"sha256:{sha256[:8]} is damaged" in journey.carry_out(promotion).failure
    assert (promotion.status, Current.objects.exists(), len(promotion.checks)) == (
        "failed",
        False,
        len(rules.REQUIRED),
    )


def test_what_is_whole_is_proved_with_figures(journey: Journey) -> None:
    promotion = journey.queued("2024-10")
    found = evidence.stored(promotion, store=catalog.candidates())
    assert {name: proof.holds for name, proof in found.items()} == {
        "manifest": True,
        "artifacts": True,
        "closing": True,
        "period": True,
    }
    assert "artifacts, " in found["artifacts"].evidence


def test_the_facts_are_read_from_the_rows_of_this_moment(journey: Journey) -> None:
    promotion = journey.queued("2024-10")
    facts = evidence.recorded(promotion, now=NOON)
    assert (facts.review_status, facts.approved_by, facts.current, facts.held_by) == (
        "approved",
        ("rita",),
        "none",
        "",
    )
    assert (facts.label, facts.sovereignty_assessed) == ("public", True)
    assert facts.gates["rows"] == "REVIEW"


def test_only_the_latest_word_of_a_person_counts_as_an_approval(journey: Journey) -> None:
    promotion, rolf = journey.queued("2024-10"), person("rolf", "reviewer")
    review = promotion.release.review
    for n, verdict in enumerate(("approve", "abstain"), 1):
        Decision.objects.create(
            review=review,
            manifest=review.manifest,
            by=rolf,
            n=n,
            verdict=verdict,
            role="reviewer",
            at=journey.now(),
        )
    assert evidence.approvers(promotion) == ("rita",)
