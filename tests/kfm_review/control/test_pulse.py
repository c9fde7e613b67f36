"""Processes are asked whether they live: seldom, and never behind work that will answer anyway."""

from datetime import timedelta

import pytest

from kfm_review.control import broker, pulse
from kfm_review.outbox.models import Pulse
from tests.kfm_review.control.lying import Lying
from tests.kfm_review.world import NOON

pytestmark = pytest.mark.django_db


def test_worker_and_promoter_are_asked_the_way_real_work_goes(lying: Lying) -> None:
    pulse.ask("worker")
    pulse.ask("promoter")
    assert [task for task, _, _ in lying.all("pool.light")] == ["pipelines.ping"]
    assert [task for task, _, _ in lying.all("promote")] == ["kfm_review.tasks.ping"]


def test_pings_do_not_pile_up_for_who_is_away(lying: Lying) -> None:
    for _ in range(5):
        pulse.ask("worker")
    assert broker.waiting("pool.light") == 1
    lying.empty()


def test_only_who_is_silent_is_asked() -> None:
    Pulse.objects.create(process="worker", answered_at=NOON)
    assert not pulse._silent("worker", since=NOON - timedelta(seconds=1), first=False)
    assert pulse._silent("worker", since=NOON, first=False)
    assert pulse._silent("worker", since=NOON - timedelta(seconds=1), first=True)
