"""What the database holds about reviews and decisions, whoever writes to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import Error, transaction

from kfm_review.accounts.models import User
from kfm_review.reviews.models import Decision, Review
from kfm_review.reviews.states import MOVES, Status
from tests.kfm_review import world
from tests.kfm_review.world import NOON, person

pytestmark = pytest.mark.django_db


@contextmanager
def refused(said: str) -> Iterator[None]:
    """Expect the database itself to refuse."""
    with pytest.raises(Error, match=said), transaction.atomic():
        yield


def decide(review: Review, by: User, *, n: int = 1, **more: Any) -> Decision:
    said = {"manifest": review.manifest, "verdict": "approve", "role": "reviewer", "at": NOON, **more}
    return Decision.objects.create(review=review, by=by, n=n, **said)


def set_(review: Review, **facts: Any) -> None:
    """Write past every action."""
    Review.objects.filter(pk=review.pk).update(**facts)


def test_a_decision_names_the_manifest_of_its_review() -> None:
    review, other, rita = world.review(None), world.review(None, edition="other"), person("rita")
    with refused("must name the manifest of that review"):
        decide(review, rita, manifest=other.manifest)


@pytest.mark.parametrize("n", [0, 2, 7])
def test_the_decisions_of_a_person_are_numbered_without_gaps(n: int) -> None:
    review, rita = world.review(None), person("rita")
    with refused("numbered without gaps"):
        decide(review, rita, n=n)
    decide(review, rita, n=1)
    decide(review, rita, n=2)
    decide(review, person("rolf"), n=1)
    with refused("numbered without gaps"):
        decide(review, rita, n=2)


def test_whoever_asked_or_delivered_does_not_decide() -> None:
    stella, sven = person("stella"), person("sven")
    review = world.review(stella, author=sven)
    for somebody in (stella, sven):
        with refused("does not decide about it"):
            decide(review, somebody)


def test_a_verdict_is_one_of_four() -> None:
    with refused("verdict_known"):
        decide(world.review(None), person("rita"), verdict="waive")


@pytest.mark.parametrize("there", Status)
def test_a_review_moves_only_by_its_table(there: Status) -> None:
    for here in Status:
        review = world.review(None, edition=here)
        reach(review, here)
        if there in MOVES[here] or there is here:
            set_(review, status=there)
        else:
            with refused("Invalid transition"):
                set_(review, status=there)


def reach(review: Review, status: Status) -> None:
    if status is not Status.OPEN:
        set_(review, status=status)


@pytest.mark.parametrize("status", ["closed", ""])
def test_a_status_is_a_known_one(status: str) -> None:
    with refused("Invalid transition|review_status_known"):
        set_(world.review(None), status=status)


@pytest.mark.parametrize(
    ("outcome", "why"),
    [("FAIL", "only while a signed exception of it lives"), ("ERROR", "no_broken_approved")],
)
def test_what_failed_is_never_approved_as_it_is(outcome: str, why: str) -> None:
    with refused(why):
        set_(world.review(None, outcome=outcome), status="approved")


@pytest.mark.parametrize("facts", [{"status": "open"}, {"status": "superseded"}, {"promoted_at": None}])
def test_once_promoted_a_review_is_final(facts: dict[str, Any]) -> None:
    review = world.review(None)
    set_(review, status="approved")
    set_(review, promoted_at=NOON)
    with refused("is final: a promotion of it has begun"):
        set_(review, **facts)


@pytest.mark.parametrize(
    "field", ["manifest", "outcome", "needed", "roles", "requested_by", "author", "edition", "reasons"]
)
def test_what_a_review_is_about_and_whose_it_is_never_changes(field: str) -> None:
    review, other = world.review(person("stella")), world.review(person("sven"), edition="other")
    values: dict[str, Any] = {
        "manifest": other.manifest,
        "requested_by": None,
        "author": None,
        "outcome": "PASS",
        "needed": 9,
        "roles": [],
        "edition": "other",
        "reasons": [],
    }
    with refused("Cannot update|read.?only"):
        set_(review, **{field: values[field]})


def test_a_review_needs_somebody() -> None:
    with refused("review_needs_somebody"):
        world.review(None, needed=0)


def test_a_review_looks_at_the_manifest_of_its_own_run() -> None:
    review, other = world.review(None), world.review(None, edition="other", name="ks_wells")
    fresh = world.run(review.asset, None, edition="third", at=NOON, manifest=review.manifest)
    about = {
        "family": review.family,
        "edition": "third",
        "outcome": "REVIEW",
        "needed": 1,
        "roles": ["reviewer"],
    }
    for wrong in (
        {"manifest": other.manifest, "asset": review.asset},
        {"manifest": review.manifest, "asset": other.asset},
    ):
        with refused("looks at the manifest of its own run and asset"):
            Review.objects.create(run=fresh, opened_at=NOON, **wrong, **about)
