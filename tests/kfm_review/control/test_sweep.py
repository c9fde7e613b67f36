"""What got lost is found and set going again; what only waits, or works long, is left alone."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import OperationalError
from pytest_django import Settings

from kfm_review.control import broker, dispatch, sweep
from kfm_review.outbox.models import Message
from kfm_review.releases import actions as releases
from kfm_review.releases.models import Promotion
from kfm_review.reviews.models import Review
from kfm_review.runs import actions as runs
from kfm_review.runs.models import Run
from pipelines.model import Json
from tests.kfm_review.control.lying import Lying
from tests.kfm_review.journey import FAMILY, Journey

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("lying")]
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
LEASE = timedelta(seconds=30)


@pytest.fixture(autouse=True)
def lease(settings: Settings) -> None:
    settings.KFM_LEASE_S, settings.KFM_SWEEP_S = LEASE.total_seconds(), 5.0


def sweep_at(now: datetime, *, awake: datetime = LONG_AGO) -> None:
    sweep.sweep(now=now, awake=awake)


def sent(journey: Journey, edition: str = "2024-10") -> Run:
    """Return a run whose attempt lies in its queue."""
    run = journey.ask(edition)
    dispatch.send_due(now=journey.now())
    return run


def taken(journey: Journey, lying: Lying, edition: str = "2024-10") -> Run:
    """Return a run whose attempt a worker took out of its queue."""
    run = sent(journey, edition)
    assert lying.take("pool.light")
    return run


def begun(journey: Journey, lying: Lying, edition: str = "2024-10") -> Run:
    """Return a run at which a worker works."""
    run = taken(journey, lying, edition)
    runs.started(journey.word(run, "started", worker="host:1"), now=journey.now())
    return run


def attempts(run: Run) -> int:
    return run.attempts.count()


def unreported(journey: Journey, run: Run, *, at: datetime) -> Json:
    """Leave the run's result in the store, as a worker does whose message gets lost."""
    words = {**journey.result(run), "at": at.isoformat()}
    journey.places.results.leave(words["run"], words["attempt"], words)
    return words


def test_a_run_that_is_heard_of_is_left_alone(journey: Journey, lying: Lying) -> None:
    run = begun(journey, lying)
    sweep_at(journey.now() + LEASE - timedelta(seconds=3))
    runs.heartbeat(journey.word(run, "heartbeat"), now=journey.now() + LEASE)
    sweep_at(journey.now() + LEASE * 2 - timedelta(seconds=4))
    assert attempts(run) == 1


def test_a_run_that_is_silent_begins_again_once(journey: Journey, lying: Lying) -> None:
    run = begun(journey, lying)
    late = journey.now() + LEASE * 2
    sweep_at(late)
    sweep_at(late)
    assert attempts(run) == 2
    run.refresh_from_db()
    assert run.status == "requested"
    assert run.attempts.get(number=1).why == sweep.SILENT


def test_after_the_last_attempt_a_run_is_buried_and_the_burial_waits_for_a_worker(
    journey: Journey, lying: Lying
) -> None:
    run, late = begun(journey, lying), journey.now()
    for _ in range(3):
        late += LEASE * 2
        sweep_at(late)
        dispatch.send_due(now=late)
        lying.take("pool.light")
        if run.attempts.filter(burial=True).exists():
            break
        runs.started(journey.word(run, "started", worker="host:1"), now=late)
    assert run.attempts.get(burial=True).number == 4
    runs.attempt(run.pk, now=late)
    dispatch.send_due(now=late)
    for _ in range(5):  # no worker is there: the burial lies in its queue
        late += LEASE * 2
        sweep_at(late)
    assert run.attempts.filter(burial=True).count() == 2


def test_what_still_waits_in_its_queue_is_not_sent_twice(journey: Journey) -> None:
    run = sent(journey)
    sweep_at(journey.now() + LEASE * 20)
    assert attempts(run) == 1


def test_what_was_not_sent_yet_is_not_lost(journey: Journey) -> None:
    run = journey.ask()
    sweep_at(journey.now() + LEASE * 20)
    assert attempts(run) == 1


def test_what_was_taken_and_never_begun_begins_again(journey: Journey, lying: Lying) -> None:
    run = taken(journey, lying)
    sweep_at(journey.now() + LEASE / 2)
    assert attempts(run) == 1
    sweep_at(journey.now() + LEASE * 2)
    assert attempts(run) == 2
    assert run.attempts.get(number=1).why == sweep.NOT_TAKEN


def test_what_was_lost_begins_again_although_later_ones_wait(journey: Journey, lying: Lying) -> None:
    lost = taken(journey, lying)
    journey._now += LEASE * 2
    later = begun(journey, lying, "2025-09")
    waits = sent(journey, "2026-09")
    runs.heartbeat(journey.word(later, "heartbeat"), now=journey.now() + LEASE * 2)
    sweep_at(journey.now() + LEASE * 2)
    assert [attempts(run) for run in (lost, later, waits)] == [2, 1, 1]


def test_a_cancelled_run_has_no_ghost(journey: Journey, lying: Lying) -> None:
    run = begun(journey, lying)
    runs.cancel(run_id=run.pk, actor=journey.steward, why="A mistake.", now=journey.now())
    sweep_at(journey.now() + LEASE * 20)
    assert attempts(run) == 1


def test_who_just_woke_up_listens_before_he_judges_silence(journey: Journey, lying: Lying) -> None:
    run = begun(journey, lying)
    late = journey.now() + LEASE * 20
    sweep_at(late, awake=late - LEASE / 2)
    assert attempts(run) == 1
    sweep_at(late, awake=late - LEASE)
    assert attempts(run) == 2


def test_who_has_not_read_everything_judges_no_silence(journey: Journey, lying: Lying) -> None:
    run = begun(journey, lying)
    lying.leave(journey.word(run, "heartbeat"))
    sweep_at(journey.now() + LEASE * 2)
    assert attempts(run) == 1


@pytest.mark.usefixtures("broker_away")
def test_while_the_broker_is_away_silence_means_nothing(journey: Journey) -> None:
    run = journey.ask()
    runs.started(journey.word(run, "started", worker="host:1"), now=journey.now())
    with pytest.raises(broker.away()):
        sweep_at(journey.now() + LEASE * 2)
    assert attempts(run) == 1


def test_a_result_that_was_never_reported_is_taken_from_the_store(journey: Journey, lying: Lying) -> None:
    run = begun(journey, lying)
    reported = unreported(journey, run, at=journey.now())
    sweep_at(datetime.fromisoformat(reported["at"]) + timedelta(seconds=4))
    assert not Review.objects.exists()  # its message may still be on its way
    sweep_at(journey.now() + LEASE * 2)
    assert Review.objects.get().run == run
    assert attempts(run) == 1
    assert list(journey.places.results.waiting()) == []


def test_a_result_of_an_attempt_that_is_over_is_forgotten(journey: Journey, lying: Lying) -> None:
    run = begun(journey, lying)
    unreported(journey, run, at=journey.now())
    runs.attempt(run.pk, now=journey.now())
    sweep_at(journey.now() + timedelta(seconds=10))
    assert list(journey.places.results.waiting()) == []
    assert not Review.objects.exists()


@pytest.mark.parametrize("at", ["yesterday", "2026-11-24T12:00:00", "2999-01-01T00:00:00+00:00", None])
def test_a_result_that_does_not_rightly_say_when_is_judged_at_once(
    journey: Journey, lying: Lying, at: str | None
) -> None:
    words = {**journey.result(begun(journey, lying)), "at": at}
    journey.places.results.leave(words["run"], words["attempt"], words)
    sweep_at(journey.now())
    assert Review.objects.exists()


def test_one_result_that_breaks_does_not_stop_the_others(journey: Journey, lying: Lying) -> None:
    forged = {"kind": "recorded", "run": "0", "attempt": 1, "at": LONG_AGO.isoformat(), "huge": 2**70}
    journey.places.results.leave("0", 1, {"kind": "recorded", "run": "0", "attempt": 1})
    results_folder(journey).joinpath("0.1.json").write_text(str(forged).replace("'", '"'))
    run = begun(journey, lying)
    unreported(journey, run, at=journey.now())
    sweep_at(journey.now() + timedelta(seconds=10))
    assert Review.objects.get().run == run
    assert list(journey.places.results.waiting()) == []


def results_folder(journey: Journey) -> Path:
    return journey.root / "results"


def test_one_run_that_breaks_does_not_stop_the_others(
    journey: Journey, lying: Lying, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = begun(journey, lying), begun(journey, lying, "2025-09")
    attempt = runs.attempt

    def sometimes(run_id: object, **more: object) -> object:
        if run_id == first.pk:
            raise LookupError
        return attempt(run_id, **more)  # type: ignore[arg-type]  # passed on

    monkeypatch.setattr(runs, "attempt", sometimes)
    sweep_at(journey.now() + LEASE * 2)
    assert [attempts(run) for run in (first, second)] == [1, 2]


def test_a_database_that_is_away_breaks_the_round(
    journey: Journey, lying: Lying, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> None:
        raise OperationalError("gone")

    begun(journey, lying)
    monkeypatch.setattr(runs, "attempt", away)
    with pytest.raises(OperationalError):
        sweep_at(journey.now() + LEASE * 2)


def promotion(journey: Journey, lying: Lying) -> Promotion:
    """Return a queued promotion whose message is lost."""
    made = journey.queued()
    dispatch.send_due(now=journey.now())
    lying.empty()
    return made


def test_a_promotion_whose_message_was_lost_is_sent_again_once_in_a_lease(
    journey: Journey, lying: Lying
) -> None:
    made, late = promotion(journey, lying), journey.now() + LEASE * 2
    sweep_at(made.at + LEASE / 2)
    assert lying.all("promote") == []
    for seconds in (0, 1, 29, 30):
        sweep_at(late + timedelta(seconds=seconds))
        sweep_at(late + timedelta(seconds=seconds))
    assert [arguments for _, arguments, _ in lying.all("promote")] == [[made.pk]]
    sweep_at(late + LEASE)
    assert len(lying.all("promote")) == 1


def test_a_promotion_that_waits_in_queue_or_outbox_is_not_sent_twice(journey: Journey, lying: Lying) -> None:
    journey.queued()
    Message.objects.filter(queue="verify").delete()
    sweep_at(journey.now() + LEASE * 20)
    assert lying.all("promote") == []
    dispatch.send_due(now=journey.now())
    sweep_at(journey.now() + LEASE * 20)
    assert len(lying.all("promote")) == 1


@pytest.mark.parametrize(("fence", "leases"), [(1, 1), (3, 4), (7, 64), (99, 64)])
def test_a_promotion_left_by_a_crash_is_sent_again_each_time_later(
    journey: Journey, lying: Lying, fence: int, leases: int
) -> None:
    made, at = promotion(journey, lying), journey.now()
    Promotion.objects.filter(pk=made.pk).update(status="running", started_at=at, tried_at=at, fence=fence)
    sweep_at(at + LEASE * leases - timedelta(seconds=1))
    assert lying.all("promote") == []
    sweep_at(at + LEASE * leases)
    assert len(lying.all("promote")) == 1


def test_what_is_done_or_waits_for_a_hold_is_left_alone(journey: Journey, lying: Lying) -> None:
    made = promotion(journey, lying)
    releases.hold(asset=FAMILY, actor=journey.reviewer, why="Wait.", now=journey.now())
    sweep_at(journey.now() + LEASE * 20)
    assert lying.all("promote") == []
    releases.lift(asset=FAMILY, actor=journey.publisher, why="Go.", now=journey.now())
    dispatch.send_next(now=journey.now())
    assert Message.objects.filter(queue="promote", sent_at=None).exists()
    journey.carry_out(made)
    dispatch.send_due(now=journey.now())
    lying.empty()
    sweep_at(journey.now() + LEASE * 20)
    assert lying.all("promote") == []
