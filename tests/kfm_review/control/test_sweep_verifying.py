"""Second runs that got lost are asked for again, and not for ever."""

import pytest

from kfm_review.control import dispatch
from kfm_review.outbox.models import Message
from kfm_review.releases import verifying
from kfm_review.releases.models import Promotion
from tests.kfm_review.control.lying import Lying
from tests.kfm_review.control.test_sweep import LEASE, sweep_at
from tests.kfm_review.journey import Journey

pytestmark = pytest.mark.django_db


def asked(journey: Journey, lying: Lying) -> Promotion:
    """Return a promotion whose second run was asked for, and lost."""
    journey.decide(journey.review())
    dispatch.send_due(now=journey.now())
    lying.empty()
    return Promotion.objects.get()


def test_a_second_run_that_nobody_answers_is_asked_for_again_each_time_later(
    journey: Journey, lying: Lying
) -> None:
    made = asked(journey, lying)
    assert (made.status, made.asked) == ("verifying", 1)
    sweep_at(made.at + LEASE / 2)
    assert not Message.objects.filter(queue="pool.verify", sent_at=None).exists()
    sweep_at(journey.now() + LEASE * 2)
    dispatch.send_due(now=journey.now() + LEASE * 2)
    [(_, [order], _)] = lying.all("pool.verify")
    assert (order["promotion"], order["nonce"]) == (made.pk, made.nonce)


def test_a_second_run_that_is_never_answered_ends_the_promotion(journey: Journey, lying: Lying) -> None:
    made = asked(journey, lying)
    Promotion.objects.filter(pk=made.pk).update(asked=verifying.TRIES)
    sweep_at(journey.now() + LEASE * 100)
    made.refresh_from_db()
    assert (made.status, made.failure) == ("failed", verifying.UNANSWERED)


def test_a_second_run_that_still_lies_in_its_queue_is_not_asked_for_twice(
    journey: Journey,
    lying: Lying,  # noqa: ARG001  # there it lies
) -> None:
    journey.decide(journey.review())
    dispatch.send_due(now=journey.now())
    sweep_at(journey.now() + LEASE * 100)
    assert Promotion.objects.get().asked == 1
