"""The outbox is carried out: once, in order, and whatever stands in the way."""

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event as Flag
from threading import Thread

import pytest
from django.db import connection

from kfm_review.audit.models import Event
from kfm_review.control import broker, dispatch, results
from kfm_review.outbox.models import Message
from kfm_review.outbox.post import post
from kfm_review.releases.models import Promotion
from kfm_review.runs import actions as runs
from kfm_review.runs.models import Run
from tests.kfm_review.control.lying import Lying
from tests.kfm_review.journey import Journey
from tests.kfm_review.world import NOON

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


def wait(holds: Callable[[], object]) -> None:
    end = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_an_attempt_goes_to_its_pool_under_its_own_id(journey: Journey, lying: Lying) -> None:
    run = journey.ask()
    assert dispatch.send_due(now=journey.now()) == 1
    [(task, [job], name)] = lying.all("pool.light")
    assert (task, job["run"], job["attempt"], name) == ("pipelines.run", str(run.pk), 1, f"{run.pk}.1")


def test_a_burial_goes_there_too_with_its_reason(journey: Journey, lying: Lying) -> None:
    run = journey.ask()
    for _ in range(3):
        runs.attempt(run.pk, now=journey.now())
    dispatch.send_due(now=journey.now())
    task, [job, why], _ = lying.all("pool.light")[-1]
    assert (task, job["attempt"]) == ("pipelines.bury", 4)
    assert "It was tried 3 times." in why


def test_an_approval_becomes_a_promotion_and_the_promotion_a_message(journey: Journey, lying: Lying) -> None:
    journey.decide(journey.review())
    dispatch.send_due(now=journey.now())
    promotion = Promotion.objects.get()
    [(task, [order], _)] = lying.all("pool.verify")
    assert (task, promotion.status, order["nonce"]) == ("pipelines.verify", "verifying", promotion.nonce)
    results.take(json.dumps(journey.verified(promotion)).encode(), now=journey.now())
    dispatch.send_due(now=journey.now())
    [(task, arguments, _)] = lying.all("promote")
    assert (task, arguments) == ("kfm_review.tasks.promote", [promotion.pk])


def test_a_stale_review_s_run_is_asked_for_again(journey: Journey, lying: Lying) -> None:
    journey.published("2024-10")
    waiting = journey.review("2026-09-halved")
    journey.published("2026-09")
    dispatch.send_due(now=journey.now())
    again = Run.objects.get(trigger="stale")
    assert (again.edition, again.base != waiting.run.base) == ("2026-09-halved", True)
    assert lying.all("pool.light")[-1][1][0]["run"] == str(again.pk)


def test_a_cancelled_run_is_stopped(journey: Journey, lying: Lying, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001  # is there
    stopped: list[tuple[str, int]] = []
    monkeypatch.setattr(broker, "stop_work", lambda run, attempt: stopped.append((run, attempt)))
    run = journey.ask()
    runs.cancel(run_id=run.pk, actor=journey.steward, why="A mistake.", now=journey.now())
    dispatch.send_due(now=journey.now())
    assert stopped == [(str(run.pk), 1)]


def test_messages_go_in_order_and_when_they_are_due(lying: Lying) -> None:
    for number, due in enumerate((NOON, NOON + SECOND, NOON)):
        post("promote", {"promotion": number}, at=NOON, due=due)
    assert dispatch.send_due(now=NOON) == 2
    assert dispatch.send_due(now=NOON) == 0
    assert dispatch.send_due(now=NOON + SECOND) == 1
    assert [arguments for _, arguments, _ in lying.all("promote")] == [[0], [2], [1]]


@pytest.mark.usefixtures("broker_away")
def test_while_the_broker_is_away_nothing_is_lost_or_given_up(lying: Lying) -> None:
    post("promote", {"promotion": 1}, at=NOON)
    for _ in range(dispatch.TRIES + 1):
        with pytest.raises(broker.away()):
            dispatch.send_due(now=NOON)
    kept = Message.objects.get()
    assert (kept.sent_at, kept.tries) == (None, 0)
    assert lying.all("promote") == []


def test_a_message_for_nobody_is_set_aside_and_the_next_one_goes(lying: Lying) -> None:
    post("telegraph", {}, at=NOON)
    post("promote", {"promotion": 1}, at=NOON)
    dispatch.send_due(now=NOON)
    event = Event.objects.get(action="message.set-aside")
    assert "Nobody empties the queue 'telegraph'" in event.why
    assert len(lying.all("promote")) == 1


def test_a_message_that_breaks_is_tried_again_later_and_later_and_then_set_aside() -> None:
    post("review-approved", {"wrong": 1}, at=NOON)
    now, waited = NOON, []
    while Message.objects.get().sent_at is None:
        dispatch.send_due(now=now)
        due = Message.objects.get().due_at
        waited.append((due - now).total_seconds())
        now = due
    assert waited == [2.0**n for n in range(1, dispatch.TRIES + 1)]
    assert Event.objects.get().action == "message.set-aside"


def test_what_is_refused_is_not_tried_again() -> None:
    post("review-approved", {"review": 0}, at=NOON)
    dispatch.send_due(now=NOON)
    assert "There is no review 0" in Message.objects.get().error
    assert dispatch.send_due(now=NOON) == 0


@pytest.mark.django_db(transaction=True)
def test_two_dispatchers_send_each_message_once(lying: Lying) -> None:
    for number in range(40):
        post("promote", {"promotion": number}, at=NOON)

    def dispatcher(_: int) -> int:
        try:
            return dispatch.send_due(now=NOON)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        assert sum(threads.map(dispatcher, range(2))) == 40
    assert sorted(arguments[0] for _, arguments, _ in lying.all("promote")) == list(range(40))


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_loop_is_woken_and_sends_at_once(lying: Lying) -> None:
    over = Flag()

    def loop() -> None:
        dispatch.loop(over)
        connection.close()

    thread = Thread(target=loop)
    thread.start()
    time.sleep(0.3)
    try:
        post("promote", {"promotion": 7}, at=NOON)
        began = time.monotonic()
        wait(lambda: lying.take("promote"))
        assert time.monotonic() - began < dispatch.LOOK_AGAIN_S / 2
    finally:
        over.set()
        thread.join()
