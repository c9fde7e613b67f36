"""What changed since a person saw a desk: exactly that, and nothing he may not see."""

import pytest

from kfm_review.reviews.models import Review
from kfm_review.reviews.queries.difference import since
from tests.kfm_review import world
from tests.kfm_review.journey import Journey
from tests.kfm_review.viewers import ANYONE, cleared
from tests.kfm_review.world import digest

pytestmark = pytest.mark.django_db


def test_a_newer_run_differs_in_manifest_counts_and_gates(journey: Journey) -> None:
    one, other = journey.delivered("2024-10"), journey.delivered("2026-09")
    old = journey.review("2026-10", upload_ids={"airports": one.pk})
    new = journey.review("2026-10", upload_ids={"airports": other.pk})
    lines = {
        line.what: (line.shown, line.now) for line in since(old.manifest_id, review_id=old.pk, viewer=ANYONE)
    }
    assert lines["manifest"] == (old.manifest_id[:8], new.manifest_id[:8])
    assert lines["rows"][0].startswith("REVIEW 328 rows")
    assert lines["rows"][1].startswith("REVIEW 334 rows")
    assert "labels" not in lines  # they said the same
    assert all(shown != now for shown, now in lines.values())


def test_gates_that_came_and_went_are_told(journey: Journey) -> None:
    passed = journey.review("2024-10")
    stopped = journey.review("2026-09-swapped")
    lines = {line.what: line for line in since(passed.manifest_id, review_id=stopped.pk, viewer=ANYONE)}
    assert lines["outcome"].now == "FAIL"
    assert "added" not in lines  # neither knows: one had no base, the other was stopped
    assert lines["score"].now == "is gone"


def test_nothing_differs_from_what_stands_here() -> None:
    review = world.review(None)
    assert since(review.manifest_id, review_id=review.pk, viewer=ANYONE) == ()


@pytest.mark.parametrize("shown", ["", "x", digest("nothing"), "\x00"])
def test_what_was_never_a_manifest_differs_in_nothing_that_can_be_told(shown: str) -> None:
    assert since(shown, review_id=world.review(None).pk, viewer=ANYONE) == ()


def test_there_is_no_such_review() -> None:
    assert since(world.review(None).manifest_id, review_id=4711, viewer=ANYONE) == ()


def test_a_manifest_that_one_may_not_see_tells_nothing() -> None:
    hidden, shown = world.review(None, label="restricted"), world.review(None, edition="other")
    assert since(hidden.manifest_id, review_id=shown.pk, viewer=ANYONE) == ()
    assert since(hidden.manifest_id, review_id=shown.pk, viewer=cleared("restricted")) != ()
    Review.objects.filter(pk=shown.pk).update(status="superseded", superseded_by=hidden)
    assert since(shown.manifest_id, review_id=shown.pk, viewer=ANYONE) == ()


def test_a_manifest_of_another_asset_was_not_on_this_desk() -> None:
    other, review = world.review(None, name="ks_wells"), world.review(None)
    assert since(other.manifest_id, review_id=review.pk, viewer=ANYONE) == ()
