"""Promotions are queued once, by people or by themselves; holds stop them, lifting lets them go on."""

from typing import Any

import pytest

from kfm_review.errors import Invalid, Missing, NotAllowed, NotPossible
from kfm_review.releases import actions
from kfm_review.releases.models import Hold, Promotion, Release
from kfm_review.reviews.models import Review
from kfm_review.runs.models import Current
from pipelines.model import ReviewTerms
from tests.kfm_review import world
from tests.kfm_review.journey import FAMILY, Journey, events, posted
from tests.kfm_review.world import person

BY_HAND = ReviewTerms(approvals=1, roles=("reviewer",), promote="by_hand")


def approved(journey: Journey, edition: str = "2024-10", **terms: Any) -> Review:
    """Return an approved review, of a family whose manifests carry other terms if asked."""
    review = journey.review_with(edition, **terms)
    journey.decide(review)
    return review


def number(promotion: Promotion | None) -> int:
    """Return the number of the release a promotion is of."""
    assert promotion is not None
    return promotion.release.number


def hold(journey: Journey, **more: Any) -> Hold:
    return actions.hold(
        **{"asset": FAMILY, "actor": journey.reviewer, "why": "Wait.", "now": journey.now(), **more}
    )


def lift(journey: Journey, **more: Any) -> Hold:
    return actions.lift(
        **{"asset": FAMILY, "actor": journey.publisher, "why": "Go.", "now": journey.now(), **more}
    )


def roll_back(journey: Journey, to: int, **more: Any) -> Promotion:
    asked = {"asset": FAMILY, "actor": journey.publisher, "why": "Worse.", "now": journey.now(), **more}
    return actions.roll_back(number=to, **asked)


def by_hand(journey: Journey, review: Review, **more: Any) -> Promotion:
    asked = {"actor": journey.publisher, "why": "It is time.", "now": journey.now(), **more}
    return actions.promote_by_hand(review_id=review.pk, **asked)


def test_an_approved_review_becomes_a_release_and_a_queued_promotion(journey: Journey) -> None:
    review = approved(journey)
    made = actions.promote(review_id=review.pk, now=journey.now())
    assert made is not None
    assert (made.status, made.kind, made.requested_by) == ("queued", "promote", None)
    assert (made.release.number, made.release.manifest_id) == (1, review.manifest_id)
    assert posted("verify") == [{"promotion": made.pk}]
    assert events("release") + events("promotion") == ["release.made", "promotion.requested"]


def test_one_approval_is_promoted_once_however_often_it_is_told(journey: Journey) -> None:
    review = approved(journey)
    actions.promote(review_id=review.pk, now=journey.now())
    assert actions.promote(review_id=review.pk, now=journey.now()) is None
    journey.carry_out(Promotion.objects.get())
    assert actions.promote(review_id=review.pk, now=journey.now()) is None
    assert Promotion.objects.count() == 1


@pytest.mark.parametrize("status", ["open", "returned", "rejected", "superseded"])
def test_what_is_not_approved_is_not_promoted(journey: Journey, status: str) -> None:
    review = world.review(journey.steward)
    Review.objects.filter(pk=review.pk).update(status=status)
    assert actions.promote(review_id=review.pk, now=journey.now()) is None
    with pytest.raises(NotPossible, match="Only an approved review is published"):
        by_hand(journey, review)
    assert not Release.objects.exists()


@pytest.mark.slow
def test_a_number_is_never_used_again(journey: Journey) -> None:
    first = approved(journey)
    assert number(actions.promote(review_id=first.pk, now=journey.now())) == 1
    journey.decide(first, "return")
    journey.carry_out(Promotion.objects.get())
    second = approved(journey, "2026-09")
    assert number(actions.promote(review_id=second.pk, now=journey.now())) == 2


def test_one_thing_at_a_time_is_published_of_an_asset(journey: Journey) -> None:
    first, second = approved(journey), approved(journey, "2026-09")
    promotion = actions.promote(review_id=first.pk, now=journey.now())
    assert promotion is not None
    assert actions.promote(review_id=second.pk, now=journey.now()) is None
    with pytest.raises(NotPossible, match="Release 1 of ks_airports is being published"):
        by_hand(journey, second)
    journey.carry_out(promotion)
    second.refresh_from_db()
    assert second.stale_at is not None  # it was compared with what stood before


def test_what_a_family_publishes_by_hand_waits_for_its_publisher(journey: Journey) -> None:
    review = approved(journey, review=BY_HAND)
    assert actions.promote(review_id=review.pk, now=journey.now()) is None
    made = by_hand(journey, review)
    assert (made.requested_by, made.why, made.release.by) == (
        journey.publisher,
        "It is time.",
        journey.publisher,
    )
    assert journey.carry_out(made).status == "done"
    with pytest.raises(NotPossible, match="Release 1 was published already"):
        by_hand(journey, review)


def test_a_promotion_that_failed_is_asked_for_again_by_hand_under_its_number(journey: Journey) -> None:
    promotion = journey.queued()
    journey.flip(promotion.release.manifest_id)
    assert journey.carry_out(promotion).status == "failed"
    assert actions.promote(review_id=promotion.release.review_id, now=journey.now()) is None
    again = by_hand(journey, promotion.release.review)
    assert again.release == promotion.release


@pytest.mark.parametrize("act", [by_hand, hold, lift, roll_back])
def test_publishing_and_holding_need_their_roles_and_a_reason(journey: Journey, act: Any) -> None:
    review = world.review(journey.steward)
    world.release(review, number=1)
    if act is lift:
        hold(journey)
    given = {by_hand: (review,), roll_back: (1,)}.get(act, ())
    others = (journey.steward, person("otto", "publisher", family="ks_drought"), person("ada", "admin"))
    for somebody in others:
        with pytest.raises(NotAllowed):
            act(journey, *given, actor=somebody)
    with pytest.raises(Invalid, match="Say why"):
        act(journey, *given, why=" ")


def test_a_hold_stops_what_is_approved_and_lifting_lets_it_go_on(journey: Journey) -> None:
    review = approved(journey)
    assert hold(journey).set_by == journey.reviewer
    assert actions.promote(review_id=review.pk, now=journey.now()) is None
    with pytest.raises(NotPossible, match="Lift the hold first"):
        by_hand(journey, review)
    before = len(posted("review-approved"))
    lifted = lift(journey)
    assert (lifted.lifted_by, lifted.lifted_why) == (journey.publisher, "Go.")
    assert posted("review-approved")[before:] == [{"review": review.pk}]
    assert actions.promote(review_id=review.pk, now=journey.now()) is not None
    assert events("asset") == ["asset.held", "asset.hold-lifted"]


def test_a_hold_makes_a_queued_promotion_wait_until_it_is_lifted(journey: Journey) -> None:
    promotion = journey.queued()
    hold(journey)
    assert journey.carry_out(promotion).status == "verifying"
    before = len(posted("verify"))
    lift(journey)
    assert posted("verify")[before:] == [{"promotion": promotion.pk}]
    assert journey.carry_out(promotion).status == "done"


def test_one_hold_is_enough_and_none_is_lifted_that_is_not_there(journey: Journey) -> None:
    journey.ask()
    with pytest.raises(NotPossible, match="is not held"):
        lift(journey)
    hold(journey)
    with pytest.raises(NotPossible, match="held already"):
        hold(journey)


def test_there_is_no_such_asset(journey: Journey) -> None:
    with pytest.raises(Missing, match="There is no asset ks_unicorns"):
        hold(journey, asset="ks_unicorns")


@pytest.mark.slow
def test_rolling_back_promotes_an_older_release_and_holds_the_asset(journey: Journey) -> None:
    first = journey.published("2024-10").release
    journey.published("2026-09")
    back = roll_back(journey, to=1)
    assert (back.kind, back.release, back.why) == ("rollback", first, "Worse.")
    assert "Rolled back to release 1" in Hold.objects.get(lifted_at=None).why
    assert journey.carry_out(back).status == "done"
    assert Current.objects.get().release_number == 1
    assert events()[-2:] == ["release.rolled-back", "promotion.done"]


def test_nothing_undoes_a_roll_back_until_its_hold_is_lifted(journey: Journey) -> None:
    journey.published("2024-10")
    journey.published("2026-09")
    journey.carry_out(roll_back(journey, to=1))
    review = approved(journey, "2026-09")
    assert actions.promote(review_id=review.pk, now=journey.now()) is None
    lift(journey)
    again = actions.promote(review_id=review.pk, now=journey.now())
    assert again is not None
    assert (number(again), journey.carry_out(again).status) == (3, "done")


@pytest.mark.parametrize(("to", "said"), [(2, "is current already"), (3, "was never published")])
def test_one_goes_back_only_to_what_was_published(journey: Journey, to: int, said: str) -> None:
    for number in (1, 2):
        world.release(world.review(journey.steward, edition=str(number)), number=number)
    with pytest.raises(NotPossible, match=said):
        roll_back(journey, to=to)
    assert not Hold.objects.exists()


@pytest.mark.slow
def test_a_release_that_never_became_current_is_not_gone_back_to(journey: Journey) -> None:
    failed = journey.queued("2024-10")
    journey.decide(failed.release.review, "return")
    journey.carry_out(failed)
    journey.published("2026-09")
    with pytest.raises(NotPossible, match="Release 1 was never published"):
        roll_back(journey, to=1)


def test_rolling_back_goes_before_a_promotion_that_a_hold_keeps_waiting(journey: Journey) -> None:
    journey.published("2024-10")
    journey.published("2026-09")
    waiting = journey.queued("2025-09")
    hold(journey)
    back = roll_back(journey, to=1)
    waiting.refresh_from_db()
    assert (waiting.status, waiting.failure) == ("failed", "Pia rolled back instead.")
    assert Hold.objects.count() == 1
    assert journey.carry_out(back).status == "done"


def test_rolling_back_waits_for_what_is_being_published(journey: Journey) -> None:
    for number in (1, 2):
        world.release(world.review(journey.steward, edition=str(number)), number=number)
    waiting = world.review(journey.steward, edition="3")
    world.approve(waiting)
    actions.promote(review_id=waiting.pk, now=journey.now())
    with pytest.raises(NotPossible, match="Release 3 of ks_airports is being published"):
        roll_back(journey, to=1)
    assert not Hold.objects.exists()
