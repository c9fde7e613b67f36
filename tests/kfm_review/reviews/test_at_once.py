"""Two people, two promoters, two results at the same moment: one stands, the other is told."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from kfm_review.errors import NotPossible, Refused
from kfm_review.releases import actions as releases
from kfm_review.releases import catalog, promoting
from kfm_review.releases.models import Promotion, Release
from kfm_review.reviews import actions
from kfm_review.reviews.models import Decision, Review
from kfm_review.runs.models import Current, Run
from tests.kfm_review.journey import Journey, events
from tests.kfm_review.world import NOON, person

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Do all of it at the same moment, each on its own connection; return results or refusals."""
    together = Barrier(len(acts))

    def one(act: Callable[[], Any]) -> Any:
        try:
            connection.ensure_connection()
            together.wait(timeout=10)
            return act()
        except Refused as refused:
            return refused
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(one, acts))


def test_of_two_decisions_at_once_one_stands_and_the_other_is_told_by_whom(journey: Journey) -> None:
    review, rolf = journey.review(), person("rolf", "reviewer")

    def decide(by: Any, verdict: str) -> Callable[[], Decision]:
        return lambda: actions.decide(
            review_id=review.pk,
            manifest=review.manifest_id,
            actor=by,
            verdict=verdict,
            reason="Looked at.",
            now=NOON,
        )

    said = at_once(decide(journey.reviewer, "approve"), decide(rolf, "reject"))
    [stands] = Decision.objects.select_related("by")
    [told] = [one for one in said if isinstance(one, NotPossible)]
    assert f"already by {stands.by}" in str(told)
    review.refresh_from_db()
    assert review.status == {"approve": "approved", "reject": "rejected"}[stands.verdict]


def abstain(journey: Journey, review: Review, *, reason: str) -> Callable[[], Decision]:
    return lambda: actions.decide(
        review_id=review.pk,
        manifest=review.manifest_id,
        actor=journey.reviewer,
        verdict="abstain",
        reason=reason,
        now=NOON,
    )


def test_one_person_at_once_numbers_without_a_gap(journey: Journey) -> None:
    review = journey.review()
    said = at_once(*[abstain(journey, review, reason=f"Not before {hour}.") for hour in (1, 2, 3)])
    assert sorted(one.n for one in said) == [1, 2, 3]


def test_one_decision_sent_twice_at_once_is_one(journey: Journey) -> None:
    review = journey.review()
    said = at_once(*[abstain(journey, review, reason="Not now.")] * 3)
    assert {one.pk for one in said} == {Decision.objects.get().pk}
    assert events("review.decided") == ["review.decided"]


def test_the_same_request_twice_at_once_is_one_run(journey: Journey) -> None:
    first, second = at_once(journey.ask, journey.ask)
    assert first == second
    assert Run.objects.count() == 1


def test_one_result_delivered_twice_at_once_is_kept_once(journey: Journey) -> None:
    run = journey.ask()
    message = journey.result(run)
    said = at_once(*[lambda: actions.receive(message, now=NOON)] * 2)
    assert {type(one) for one in said} == {Review, NotPossible}
    assert Review.objects.count() == 1


def test_an_approval_delivered_twice_at_once_is_one_promotion(journey: Journey) -> None:
    review = journey.review()
    journey.decide(review)
    said = at_once(*[lambda: releases.promote(review_id=review.pk, now=NOON)] * 2)
    assert sorted(one is None for one in said) == [False, True]
    assert (Promotion.objects.count(), Release.objects.count()) == (1, 1)


def test_two_promoters_with_one_promotion_publish_it_once(journey: Journey) -> None:
    promotion = journey.queued()

    def carry_out() -> Promotion | None:
        try:
            return promoting.carry_out(promotion.pk, now=lambda: NOON)
        except catalog.Overtaken:
            return None

    said = at_once(carry_out, carry_out)
    promotion.refresh_from_db()
    assert (promotion.status, len([one for one in said if one])) == ("done", 1)
    assert (Current.objects.count(), events("release.published")) == (1, ["release.published"])


def test_a_hold_and_a_promotion_at_once_leave_either_a_release_or_none(journey: Journey) -> None:
    promotion = journey.queued()
    at_once(
        lambda: promoting.carry_out(promotion.pk, now=lambda: NOON),
        lambda: releases.hold(asset="ks_airports", actor=journey.reviewer, why="Wait.", now=NOON),
    )
    promotion.refresh_from_db()
    published = Current.objects.exists()
    assert published == (promotion.status == "done")
    assert (journey.public / "catalog.json").exists() == published
