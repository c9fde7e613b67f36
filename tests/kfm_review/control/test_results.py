"""What workers report is taken: once, whole, and never by halves; what is no result is set aside."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event as Flag
from threading import Thread

import pytest
from django.db import OperationalError, connection

from kfm_review.audit.models import Event
from kfm_review.control import broker, results
from kfm_review.outbox.models import Pulse
from kfm_review.reviews import actions as reviews
from kfm_review.reviews.models import Review
from kfm_review.runs import actions as runs
from kfm_review.runs.models import Run
from pipelines.model import Json
from tests.kfm_review.control.lying import Lying
from tests.kfm_review.journey import Journey, events
from tests.kfm_review.world import NOON

pytestmark = pytest.mark.django_db


def take(words: Json | bytes) -> None:
    results.take(words if isinstance(words, bytes) else json.dumps(words).encode(), now=NOON)


def left(journey: Journey) -> list[Json]:
    return list(journey.places.results.waiting())


def leave(journey: Journey, words: Json) -> Json:
    journey.places.results.leave(words["run"], words["attempt"], words)
    return words


def test_a_run_s_words_are_taken_in_turn_until_it_is_before_people(journey: Journey) -> None:
    run = journey.ask()
    take(journey.word(run, "started", worker="host:1"))
    take(journey.word(run, "progress", step="Pinning", n=1, of=8))
    take(journey.word(run, "heartbeat"))
    take(leave(journey, journey.result(run)))
    assert Review.objects.get().run == run
    assert Pulse.objects.get(process="worker")
    assert left(journey) == []


def test_the_same_result_twice_counts_once(journey: Journey) -> None:
    result = journey.result(journey.ask())
    take(result)
    take(leave(journey, result))
    assert Review.objects.count() == 1
    assert left(journey) == []
    assert "result.set-aside" not in events()


def test_the_end_of_a_run_that_broke_is_taken(journey: Journey) -> None:
    run = journey.ask()
    take(leave(journey, journey.burial(run)))
    run.refresh_from_db()
    assert (run.status, left(journey)) == ("failed", [])


def test_a_result_that_is_refused_begins_the_run_again_and_is_forgotten(journey: Journey) -> None:
    run = journey.ask()
    result = leave(journey, journey.result(run))
    journey.flip(result["manifest"])
    take(result)
    assert (run.attempts.count(), left(journey)) == (2, [])


def test_who_does_not_know_the_secret_changes_nothing_and_clears_nothing(journey: Journey) -> None:
    run = journey.ask()
    right = leave(journey, journey.result(run))
    take({**right, "secret": "guessed"})
    assert not Review.objects.exists()
    assert left(journey) == [right]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"7",
        b'{"kind":"recorded","kind":"failed"}',
        b'{"kind":"approved"}',
        b'{"kind":["pong"]}',
        b'{"kind":"pong","n":' + b"9" * 5000 + b"}",
        b'{"kind":"pong","n":NaN}',
        b"\xff",
        b"[" * 100_000,
        b'{"kind":"pong","x":"' + b"x" * results.LONGEST + b'"}',
    ],
)
def test_what_is_no_result_is_set_aside(body: bytes) -> None:
    take(body)
    assert events() == ["result.set-aside"]


@pytest.mark.parametrize(
    "words",
    [
        {"kind": "started"},
        {"kind": "recorded", "run": "no id"},
        {"kind": "recorded", "run": "0197a000-0000-7000-8000-000000000000", "attempt": 1},
        {"kind": "heartbeat", "run": 7, "attempt": "one"},
    ],
)
def test_what_speaks_of_no_run_is_set_aside(words: Json) -> None:
    take(words)
    assert events() == ["result.set-aside"]


@pytest.mark.parametrize("attempt", ["one", 0, 2, None, 2**40])
def test_what_speaks_of_no_attempt_is_set_aside(journey: Journey, attempt: object) -> None:
    take({**journey.word(journey.ask(), "recorded"), "attempt": attempt})
    assert events("result") == ["result.set-aside"]


def test_a_result_that_cannot_be_taken_is_set_aside_after_three_times(
    journey: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broke(*_: object, **__: object) -> None:
        raise LookupError("A bug.")

    monkeypatch.setattr(reviews, "receive", broke)
    result = journey.result(journey.ask())
    for _ in range(results.TRIES - 1):
        with pytest.raises(LookupError):
            take(result)
    take(result)
    assert "A bug." in Event.objects.get(action="result.set-aside").why


def test_a_database_that_is_away_sets_nothing_aside(
    journey: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> None:
        raise OperationalError("gone")

    result = journey.result(journey.ask())
    monkeypatch.setattr(reviews, "receive", away)
    for _ in range(results.TRIES + 2):
        with pytest.raises(OperationalError):
            take(result)
    assert events("result") == []


@pytest.mark.parametrize("kind", results.ALIVE)
def test_whoever_works_on_what_is_over_is_stopped(
    journey: Journey, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    stopped: list[tuple[str, int]] = []
    monkeypatch.setattr(broker, "stop_work", lambda run, attempt: stopped.append((run, attempt)))
    cancelled, superseded = journey.ask(), journey.ask("2025-09")
    words = [journey.word(run, kind, worker="host:1") for run in (cancelled, superseded)]
    runs.cancel(run_id=cancelled.pk, actor=journey.steward, why="A mistake.", now=journey.now())
    runs.attempt(superseded.pk, now=journey.now())
    for each in words:
        take(each)
    assert stopped == [(str(cancelled.pk), 1), (str(superseded.pk), 1)]
    take({**journey.word(superseded, kind), "secret": "guessed"})
    assert len(stopped) == 2


@contextmanager
def listening() -> Iterator[list[BaseException]]:
    """Run the loop in a thread of its own; yield what broke it."""
    over, broke = Flag(), list[BaseException]()

    def loop() -> None:
        try:
            results.loop(over)
        except OperationalError as error:
            broke.append(error)
        finally:
            connection.close()

    thread = Thread(target=loop)
    thread.start()
    try:
        yield broke
    finally:
        over.set()
        thread.join()


def wait(holds: Callable[[], object]) -> None:
    end = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_loop_takes_what_lies_in_the_broker(journey: Journey, lying: Lying) -> None:
    run = journey.ask()
    lying.leave(journey.word(run, "started", worker="host:1"))
    lying.leave(b"no result")
    lying.leave(journey.result(run))
    with listening() as broke:
        wait(Review.objects.exists)
    assert (broke, broker.waiting("results")) == ([], 0)
    assert events("result") == ["result.set-aside"]


@pytest.mark.django_db(transaction=True)
def test_what_was_not_committed_comes_back(
    journey: Journey, lying: Lying, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> None:
        raise OperationalError("gone")

    run = journey.ask()
    lying.leave(journey.result(run))
    with monkeypatch.context() as patched:
        patched.setattr(reviews, "receive", away)
        with listening() as broke:
            wait(lambda: broke)
    assert broker.waiting("results") == 1
    with listening():
        wait(Review.objects.exists)
    run = Run.objects.get()
    assert run.status == "recorded"
