"""Runs: asked for once, carried out in attempts, begun again when silent, buried, cancelled."""

import pytest

from kfm_review.errors import Invalid, Missing, NotAllowed, NotPossible
from kfm_review.reviews import actions as reviews
from kfm_review.reviews.models import Review
from kfm_review.runs import actions
from kfm_review.runs.models import Run
from kfm_review.runs.states import Status
from tests.kfm_review.journey import Journey, events, posted
from tests.kfm_review.world import person


def test_a_request_is_a_run_an_event_and_a_job_for_the_family_s_pool(journey: Journey) -> None:
    run = journey.ask("2024-10")
    assert (run.status, run.base, run.attempts_left) == (Status.REQUESTED, "none", 2)
    assert events() == ["run.requested"]
    [message] = posted("pool.light")
    assert message["task"] == "pipelines.run"
    assert message["job"]["run"] == str(run.pk)
    assert message["job"]["requested_by"] == message["job"]["author"] == "stella"


def test_the_secret_of_an_attempt_is_told_to_its_worker_alone(journey: Journey) -> None:
    run = journey.ask()
    secret = journey.job(run).secret
    assert len(secret) == 64
    assert run.attempts.get().secret_hash != secret


def test_the_same_open_request_is_made_once(journey: Journey) -> None:
    run = journey.ask("2024-10")
    assert journey.ask("2024-10") == run
    assert journey.ask("2026-09") != run
    assert len(posted("pool.light")) == 2


def test_what_was_carried_out_may_be_asked_for_again(journey: Journey) -> None:
    run = journey.ask("2026-09-swapped")
    journey.finish(run)
    assert journey.ask("2026-09-swapped") != run


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ({"edition": "2031-01"}, Invalid),
        ({"partition": "north"}, Invalid),
        ({"why": "  "}, Invalid),
        ({"upload_ids": {"airports": 4711}}, Missing),
    ],
)
def test_a_request_that_cannot_be_carried_out_is_refused_and_leaves_nothing(
    journey: Journey, wrong: dict[str, object], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        journey.ask(**wrong)  # type: ignore[arg-type]  # one thing of the table above
    assert (Run.objects.count(), events(), posted("pool.light")) == (0, [], [])


def test_a_family_that_is_not_there_is_missing(journey: Journey) -> None:
    with pytest.raises(Missing, match="ks_unicorns"):
        actions.request(
            family="ks_unicorns",
            edition="2024-10",
            partition=None,
            upload_ids=(),
            actor=journey.steward,
            why="It is due.",
            now=journey.now(),
        )


def test_only_a_steward_of_the_family_asks_retries_or_cancels(journey: Journey) -> None:
    run, other = journey.ask(), person("otto", "steward", family="ks_drought")
    for somebody in (journey.reviewer, journey.publisher, other):
        with pytest.raises(NotAllowed):
            journey.ask("2026-09", by=somebody)
        with pytest.raises(NotAllowed):
            actions.cancel(run_id=run.pk, actor=somebody, why="No.", now=journey.now())
        with pytest.raises(NotAllowed):
            actions.retry(run_id=run.pk, actor=somebody, why="Again.", now=journey.now())


def test_a_run_starts_when_its_worker_says_so_once(journey: Journey) -> None:
    run = journey.ask()
    for worker in ("host:1", "host:2"):
        actions.started(journey.word(run, "started", worker=worker), now=journey.now())
    run.refresh_from_db()
    assert (run.status, run.attempts.get().worker) == (Status.RUNNING, "host:1")
    assert events("run.started") == ["run.started"]


def test_progress_and_heartbeats_are_noted_on_the_attempt(journey: Journey) -> None:
    run = journey.ask()
    actions.progress(journey.word(run, "progress", step="Cutting the tiles", n=6, of=8), now=journey.now())
    actions.heartbeat(journey.word(run, "heartbeat"), now=(last := journey.now()))
    attempt = run.attempts.get()
    assert (attempt.step, attempt.step_n, attempt.step_of) == ("Cutting the tiles", 6, 8)
    assert attempt.heartbeat_at == last


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ({"secret": "guessed"}, NotPossible),
        ({"secret": None}, NotPossible),
        ({"attempt": 2}, Missing),
        ({"attempt": 0}, Invalid),
        ({"attempt": "1"}, Invalid),
        ({"attempt": 2**40}, Invalid),
        ({"run": "01890a5d-ac96-774b-bcce-b302099a8057"}, Missing),
        ({"run": "../run"}, Invalid),
        ({"run": None}, Invalid),
    ],
)
def test_a_word_that_is_not_of_the_attempt_at_work_moves_nothing(
    journey: Journey, wrong: dict[str, object], refusal: type[Exception]
) -> None:
    run = journey.ask()
    message = {**journey.result(run), **wrong}
    for hear in (actions.started, actions.progress, actions.heartbeat, reviews.receive):
        with pytest.raises(refusal):
            hear(message, now=journey.now())
    run.refresh_from_db()
    assert (run.status, run.attempts.get().heartbeat_at) == (Status.REQUESTED, None)


def test_a_silent_attempt_is_followed_by_another_with_a_secret_of_its_own(journey: Journey) -> None:
    run = journey.ask()
    first = journey.result(run)
    actions.started(journey.word(run, "started"), now=journey.now())
    actions.attempt(run.pk, now=journey.now())
    run.refresh_from_db()
    assert (run.status, run.attempts_left, journey.job(run).attempt) == (Status.REQUESTED, 1, 2)
    assert journey.job(run).secret != first["secret"]
    assert run.attempts.get(number=1).why == actions.SILENT
    with pytest.raises(NotPossible, match="attempt 2 took its place"):
        reviews.receive(first, now=journey.now())
    assert journey.finish(run) is not None


def test_a_run_whose_attempts_are_used_up_is_buried_as_lost_with_an_error_manifest(journey: Journey) -> None:
    run = journey.ask()
    for _ in range(3):
        actions.attempt(run.pk, now=journey.now())
    assert posted("pool.light")[-1]["task"] == "pipelines.bury"
    review = reviews.receive(journey.burial(run), now=journey.now())
    run.refresh_from_db()
    assert (run.status, run.outcome) == (Status.LOST, "ERROR")
    assert review is not None
    assert (review.outcome, review.reasons[0]["gate"]) == ("ERROR", "run")
    assert "fire" in run.failure


def test_a_run_that_cannot_even_be_buried_is_lost_by_its_row_alone(journey: Journey) -> None:
    run = journey.ask()
    for _ in range(3 + 3):
        actions.attempt(run.pk, now=journey.now())
    assert actions.attempt(run.pk, now=journey.now()) is None
    run.refresh_from_db()
    assert (run.status, run.manifest, run.attempts.filter(burial=True).count()) == (Status.LOST, None, 3)
    assert "Not even its end could be written" in run.failure
    assert actions.attempt(run.pk, now=journey.now()) is None


def test_a_killed_attempt_fails_and_its_review_offers_no_approval(journey: Journey) -> None:
    run = journey.ask()
    review = reviews.receive(journey.burial(run), now=journey.now())
    run.refresh_from_db()
    assert (run.status, run.attempts.count()) == (Status.FAILED, 1)
    assert review is not None
    with pytest.raises(NotPossible, match="cannot be approved"):
        journey.decide(review)


def test_a_cancelled_run_tells_its_worker_and_takes_no_late_result(journey: Journey) -> None:
    run = journey.ask()
    late = journey.result(run)
    actions.cancel(run_id=run.pk, actor=journey.steward, why="The wrong one.", now=journey.now())
    run.refresh_from_db()
    assert (run.status, run.ended_at is not None) == (Status.CANCELLED, True)
    assert posted("cancel") == [{"run": str(run.pk), "attempt": 1}]
    with pytest.raises(NotPossible, match="cancelled"):
        reviews.receive(late, now=journey.now())
    assert not Review.objects.exists()
    assert actions.attempt(run.pk, now=journey.now()) is None
    assert journey.ask() != run


def test_what_ended_cannot_be_cancelled(journey: Journey) -> None:
    run = journey.review().run
    with pytest.raises(NotPossible):
        actions.cancel(run_id=run.pk, actor=journey.steward, why="Late.", now=journey.now())


def test_what_ended_is_retried_by_a_steward_for_the_same_author(journey: Journey) -> None:
    run, other = journey.review("2026-09-swapped").run, person("sven", "steward")
    again = actions.retry(run_id=run.pk, actor=other, why="Perhaps by chance.", now=journey.now())
    assert (again.trigger, again.requested_by, again.author) == ("retry", other, journey.steward)
    assert (again.edition, again.request_key) == (run.edition, run.request_key)


@pytest.mark.parametrize("cancelled", [False, True])
def test_what_is_under_way_or_cancelled_is_not_retried(journey: Journey, *, cancelled: bool) -> None:
    run = journey.ask()
    if cancelled:
        actions.cancel(run_id=run.pk, actor=journey.steward, why="No.", now=journey.now())
    with pytest.raises(NotPossible, match="cannot be retried"):
        actions.retry(run_id=run.pk, actor=journey.steward, why="Again.", now=journey.now())


def test_a_request_is_compared_with_what_is_current(journey: Journey) -> None:
    release = journey.published("2024-10").release
    assert journey.ask("2026-09").base == release.manifest_id
