"""What the database holds about releases, promotions and holds, whoever writes to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import Error, transaction

from kfm_review.releases.models import Hold, Promotion, Release
from kfm_review.releases.states import MOVES, Status
from kfm_review.reviews.models import Decision, Review
from tests.kfm_review import world
from tests.kfm_review.world import NOON, person

pytestmark = pytest.mark.django_db


@contextmanager
def refused(said: str) -> Iterator[None]:
    """Expect the database itself to refuse."""
    with pytest.raises(Error, match=said), transaction.atomic():
        yield


def release(review: Review, *, number: int = 1, **wrong: Any) -> Release:
    said = {"asset": review.asset, "channel": "public", "manifest": review.manifest, "at": NOON, **wrong}
    return Release.objects.create(review=review, number=number, **said)


def promote(made: Release, **wrong: Any) -> Promotion:
    said = {"asset": made.asset, "channel": made.channel, "at": NOON, **wrong}
    return Promotion.objects.create(release=made, **said)


@pytest.fixture
def approved() -> Review:
    """Return a review that somebody approved."""
    review = world.review(person("stella", "steward"))
    world.approve(review)
    return review


@pytest.mark.parametrize("status", ["open", "returned", "rejected", "superseded"])
def test_there_is_no_release_of_what_is_not_approved(status: str) -> None:
    review = world.review(None)
    Review.objects.filter(pk=review.pk).update(status=status)
    with refused("needs an approved review of exactly that manifest"):
        release(review)


def test_a_status_alone_is_no_approval() -> None:
    review = world.review(None)
    Review.objects.filter(pk=review.pk).update(status="approved")  # past every action, by nobody
    with refused("needs an approved review"):
        release(review)


@pytest.mark.parametrize("wrong", [{"role": "governance"}, {"verdict": "abstain"}])
def test_an_approval_that_does_not_count_makes_no_release(wrong: dict[str, str]) -> None:
    review, rita = world.review(None), person("rita")
    said = {"verdict": "approve", "role": "reviewer", "at": NOON, **wrong}
    Decision.objects.create(review=review, manifest=review.manifest, by=rita, n=1, **said)
    Review.objects.filter(pk=review.pk).update(status="approved")
    with refused("needs an approved review"):
        release(review)


def test_one_person_is_not_two(approved: Review) -> None:
    review, rita = world.review(None, edition="two", needed=2), person("rita")
    for n in (1, 2):
        said = {"verdict": "approve", "role": "reviewer", "at": NOON}
        Decision.objects.create(review=review, manifest=review.manifest, by=rita, n=n, **said)
    Review.objects.filter(pk=review.pk).update(status="approved")
    with refused("needs an approved review"):
        release(review)
    assert release(approved).number == 1


@pytest.mark.parametrize("field", ["manifest", "asset", "channel"])
def test_a_release_is_of_exactly_what_was_approved(approved: Review, field: str) -> None:
    other = world.review(None, edition="other", name="ks_wells")
    wrong = {"manifest": other.manifest, "asset": other.asset, "channel": "restricted"}
    with refused("needs an approved review of exactly that manifest"):
        release(approved, number=1, **{field: wrong[field]})


def test_a_number_stands_once_and_begins_at_one(approved: Review) -> None:
    with refused("release_numbers_begin_at_one"):
        release(approved, number=0)
    release(approved)
    second = world.review(None, edition="other")
    world.approve(second)
    with refused("release_numbers_are_unique"):
        release(second, number=1)


def test_one_review_has_one_release(approved: Review) -> None:
    release(approved)
    with refused("unique"):
        release(approved, number=2)


def test_there_is_no_promotion_without_an_approved_release(approved: Review) -> None:
    made, other = release(approved), world.asset("ks_wells")
    Review.objects.filter(pk=approved.pk).update(status="open")
    with refused("needs a release of an approved review"):
        promote(made)
    Review.objects.filter(pk=approved.pk).update(status="approved")
    for wrong in ({"asset": other}, {"channel": "restricted"}):
        with refused("needs a release of an approved review"):
            promote(made, **wrong)
    promote(made)


def test_one_promotion_of_an_asset_is_under_way_at_a_time(approved: Review) -> None:
    made = release(approved)
    first = promote(made)
    with refused("one_active_promotion"):
        promote(made)
    world.verification(first)
    Promotion.objects.filter(pk=first.pk).update(status="running")
    with refused("one_active_promotion"):
        promote(made)
    Promotion.objects.filter(pk=first.pk).update(status="failed")
    promote(made)


@pytest.mark.parametrize(
    "path", [(), ("verifying",), ("running",), ("running", "done"), ("running", "failed")]
)
def test_a_promotion_moves_only_by_its_table(approved: Review, path: tuple[str, ...]) -> None:
    made = promote(release(approved))
    world.verification(made)
    for status in path:
        Promotion.objects.filter(pk=made.pk).update(status=status)
    here = Status(path[-1]) if path else Status.QUEUED
    for there in set(Status) - MOVES[here] - {here}:
        with refused("Invalid transition"):
            Promotion.objects.filter(pk=made.pk).update(status=there)


@pytest.mark.parametrize("field", ["release", "kind", "channel", "why"])
def test_what_a_promotion_is_of_never_changes(approved: Review, field: str) -> None:
    made = promote(release(approved))
    value = {"release": 4711, "kind": "rollback", "channel": "restricted", "why": "Another."}[field]
    with refused("Cannot update|read.?only"):
        Promotion.objects.filter(pk=made.pk).update(**{field: value})


def test_an_asset_is_held_once_at_a_time() -> None:
    held = world.asset()
    first = Hold.objects.create(asset=held, why="Wait.", at=NOON)
    with refused("one_live_hold"):
        Hold.objects.create(asset=held, why="Wait as well.", at=NOON)
    Hold.objects.filter(pk=first.pk).update(lifted_at=NOON)
    Hold.objects.create(asset=held, why="Wait again.", at=NOON)


@pytest.mark.parametrize(
    ("field", "known"), [("status", "promotion_status_known"), ("kind", "promotion_kind_known")]
)
def test_words_are_known_ones(approved: Review, field: str, known: str) -> None:
    made = release(approved)
    with refused(known):
        promote(made, **{field: "maybe"})
