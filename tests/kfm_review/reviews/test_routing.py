"""Where results go: to a review, nowhere because nothing is new, in the place of older ones."""

from dataclasses import replace
from datetime import timedelta

import pytest

from kfm_review.errors import NotAllowed, NotPossible
from kfm_review.releases import actions as releases
from kfm_review.reviews import actions
from kfm_review.reviews.models import Review
from kfm_review.reviews.states import Status
from kfm_review.runs import actions as runs
from kfm_review.runs.models import Run
from pipelines import manifest
from pipelines.model import Outcome
from tests.kfm_review.journey import Journey, events, posted
from tests.kfm_review.world import person


def stands(review: Review) -> Review:
    """Return a review as it stands now."""
    return Review.objects.select_related("run", "asset", "manifest").get(pk=review.pk)


def again(journey: Journey, review: Review) -> Run:
    """Do what the dispatcher does with `request-again`."""
    assert {"review": review.pk} in posted("request-again")
    run = actions.request_again(review_id=review.pk, now=journey.now())
    assert run is not None
    return run


def worse(journey: Journey, *, gate: str) -> Review | None:
    """Put the current content before people with one gate that now asks them to look."""
    run = journey.ask("2025-09")
    message = journey.result(run)
    made = manifest.read(journey.store, message["manifest"])
    gates = [replace(one, outcome=Outcome.REVIEW) if one.gate == gate else one for one in made.gates]
    looked = replace(made, gates=tuple(gates), outcome=Outcome.REVIEW)
    return actions.receive(journey.report(run, looked), now=journey.now())


def test_what_was_recorded_is_put_before_people_with_its_reasons(journey: Journey) -> None:
    review = journey.review("2024-10")
    assert (review.status, review.outcome, review.needed) == ("open", "REVIEW", 1)
    assert [reason["gate"] for reason in review.reasons] == ["rows", "drift"]
    assert (review.requested_by, review.author) == (journey.steward, journey.steward)
    assert events() == ["run.requested", "run.started", "run.recorded", "review.opened"]


def test_a_run_whose_start_was_not_heard_is_recorded_all_the_same(journey: Journey) -> None:
    run = journey.ask()
    assert actions.receive(journey.result(run), now=journey.now()) is not None
    run.refresh_from_db()
    assert (run.status, run.started_at is not None) == ("recorded", True)


def test_a_clean_run_is_ready_to_approve(journey: Journey) -> None:
    journey.published("2024-10")
    run = journey.ask("2025-09")
    made = journey.finish(run)
    assert made is None  # the content is the same
    run.refresh_from_db()
    assert (run.outcome, run.unchanged) == ("PASS", True)


def test_a_run_that_only_repeats_what_is_under_review_is_unchanged(journey: Journey) -> None:
    journey.review("2026-09-swapped")
    run = journey.ask("2026-09-swapped")
    assert journey.finish(run) is None
    run.refresh_from_db()
    assert (run.status, run.unchanged) == ("recorded", True)
    assert "looks at exactly this already" in run.unchanged_why
    assert events()[-1] == "run.unchanged"


def test_what_failed_may_be_requested_again_once_it_was_sent_back(journey: Journey) -> None:
    review = journey.review("2026-09-swapped")
    journey.decide(review, "return")
    assert journey.review("2026-09-swapped").manifest_id == review.manifest_id


def test_an_error_is_never_done_and_the_next_run_takes_its_place(journey: Journey) -> None:
    run = journey.ask("2024-10")
    broken = actions.receive(journey.burial(run), now=journey.now())
    again = actions.receive(journey.burial(journey.ask("2024-10")), now=journey.now())
    assert broken is not None
    assert again is not None
    assert stands(broken).superseded_by == again
    assert stands(journey.review("2024-10")).status == Status.OPEN
    assert stands(again).status == Status.SUPERSEDED


def test_content_that_is_current_already_brings_no_review(journey: Journey) -> None:
    journey.published("2024-10")
    run = journey.ask("2024-10")
    assert journey.finish(run) is None
    run.refresh_from_db()
    assert "release 1, which is current" in run.unchanged_why


def test_a_gate_that_says_worse_of_the_same_content_is_news(journey: Journey) -> None:
    journey.published("2024-10")
    looked_at, passed = worse(journey, gate="drift"), worse(journey, gate="keys")
    assert looked_at is None  # people let exactly that pass before
    assert passed is not None
    assert passed.reasons[0]["gate"] == "keys"


def test_going_back_to_older_content_is_a_change(journey: Journey) -> None:
    journey.published("2024-10")
    journey.published("2026-09")
    review = journey.review("2025-09")
    assert review.manifest.content_digest == Review.objects.get(edition="2024-10").manifest.content_digest


def test_the_newer_of_an_edition_takes_the_older_one_s_place(journey: Journey) -> None:
    one, other = journey.delivered("2024-10"), journey.delivered("2026-09")
    older = journey.review("2026-10", upload_ids={"airports": one.pk})
    newer = journey.review("2026-10", upload_ids={"airports": other.pk})
    assert (stands(older).status, stands(older).superseded_by) == (Status.SUPERSEDED, newer)
    assert stands(newer).status == Status.OPEN
    assert events()[-1] == "review.superseded"


def test_the_newer_request_wins_also_when_its_result_comes_first(journey: Journey) -> None:
    one, other = journey.delivered("2024-10"), journey.delivered("2026-09")
    older = journey.ask("2026-10", upload_ids={"airports": one.pk})
    newer = journey.review("2026-10", upload_ids={"airports": other.pk})
    late = journey.finish(older)
    assert late is not None
    assert (stands(late).status, stands(late).superseded_by) == (Status.SUPERSEDED, newer)
    assert stands(newer).status == Status.OPEN


def test_other_editions_stay_open_side_by_side(journey: Journey) -> None:
    one, other = journey.review("2024-10"), journey.review("2026-09")
    assert (stands(one).status, stands(other).status) == (Status.OPEN, Status.OPEN)


def test_an_approved_review_that_was_not_promoted_gives_way_to_a_newer_one(journey: Journey) -> None:
    one, other = journey.delivered("2024-10"), journey.delivered("2026-09")
    older = journey.review("2026-10", upload_ids={"airports": one.pk})
    journey.decide(older)
    newer = journey.review("2026-10", upload_ids={"airports": other.pk})
    assert stands(older).superseded_by == newer
    assert releases.promote(review_id=older.pk, now=journey.now()) is None


def test_a_promoted_review_is_final_whatever_comes_later(journey: Journey) -> None:
    one, other = journey.delivered("2024-10"), journey.delivered("2026-09")
    first = journey.review("2026-10", upload_ids={"airports": one.pk})
    journey.decide(first)
    promotion = releases.promote(review_id=first.pk, now=journey.now())
    assert promotion is not None
    journey.carry_out(promotion)
    journey.review("2026-10", upload_ids={"airports": other.pk})
    assert (stands(first).status, stands(first).superseded_by) == (Status.APPROVED, None)


def test_two_deliveries_of_one_result_count_once(journey: Journey) -> None:
    run = journey.ask()
    message = journey.result(run)
    assert actions.receive(message, now=journey.now()) is not None
    before = events()
    with pytest.raises(NotPossible, match="takes no more words"):
        actions.receive(message, now=journey.now())
    assert (events(), Review.objects.count()) == (before, 1)


def test_a_release_makes_reviews_of_its_asset_stale_and_they_are_compared_again(journey: Journey) -> None:
    waiting = journey.review("2026-09")
    release = journey.published("2024-10").release
    assert stands(waiting).stale_why == "Release 1 became current."
    run = again(journey, waiting)
    assert (run.base, run.trigger, run.requested_by, run.author) == (
        release.manifest_id,
        "stale",
        None,
        journey.steward,
    )
    fresh = journey.finish(run)
    assert fresh is not None
    assert (stands(waiting).superseded_by, fresh.stale_at) == (fresh, None)
    journey.decide(fresh)


def test_who_retried_a_run_does_not_decide_when_the_system_compares_it_again(journey: Journey) -> None:
    both = person("bo", "steward", "reviewer")
    first = journey.review("2026-09-swapped").run
    retried = runs.retry(run_id=first.pk, actor=both, why="Perhaps by chance.", now=journey.now())
    assert journey.finish(retried) is None  # nothing new while the first is looked at
    journey.decide(first.review, "return")
    retried = runs.retry(run_id=first.pk, actor=both, why="Once more.", now=journey.now())
    waiting = journey.finish(retried)
    assert waiting is not None
    journey.published("2024-10")
    fresh = journey.finish(again(journey, waiting))
    assert fresh is not None
    assert (fresh.run.requested_by, fresh.requested_by, fresh.author) == (None, both, journey.steward)
    for somebody in (both, journey.steward):
        with pytest.raises(NotAllowed):
            journey.decide(fresh, "return", by=somebody)


def test_an_approved_review_overtaken_before_its_promotion_is_opened_again_and_stale(
    journey: Journey,
) -> None:
    approved = journey.review("2026-09")
    journey.decide(approved)
    journey.published("2024-10")
    assert (stands(approved).status, stands(approved).stale_at is not None) == (Status.OPEN, True)
    assert "review.reopened" in events()
    assert releases.promote(review_id=approved.pk, now=journey.now()) is None


def test_a_result_that_comes_after_a_release_is_stale_at_once(journey: Journey) -> None:
    run = journey.ask("2026-09")
    journey.published("2024-10")
    late = journey.finish(run)
    assert late is not None
    assert late.stale_why == "Another release came out while it ran."
    assert journey.finish(again(journey, late)) is not None


def test_a_stale_review_is_requested_again_once(journey: Journey) -> None:
    waiting = journey.review("2026-09")
    journey.published("2024-10")
    run = again(journey, waiting)
    assert actions.request_again(review_id=waiting.pk, now=journey.now()) == run
    journey.finish(run)
    assert actions.request_again(review_id=waiting.pk, now=journey.now()) is None


def test_a_stale_review_whose_edition_runs_just_then_does_not_stay_stale(journey: Journey) -> None:
    waiting = journey.review("2026-09")
    running = journey.ask("2026-09")  # asked before the release, so compared with what was then current
    journey.published("2024-10")
    assert again(journey, waiting) == running
    second = journey.finish(running)
    assert second is not None, "it must not count as unchanged: what it repeats is stale"
    assert stands(waiting).superseded_by == second
    third = journey.finish(again(journey, second))
    assert third is not None
    assert third.stale_at is None


def test_a_stale_review_whose_content_became_current_is_over(journey: Journey) -> None:
    waiting = journey.review("2025-09")
    journey.published("2024-10")  # the same content under an older name
    assert journey.finish(again(journey, waiting)) is None
    assert stands(waiting).status == Status.SUPERSEDED
    assert "review.superseded" in events()


def test_a_new_delivery_names_the_request_for_changes_it_answers(journey: Journey) -> None:
    returned = journey.review("2026-09-swapped")
    journey.decide(returned, "return", reason="Latitude and longitude are exchanged.")
    answer = journey.review("2026-09", answers=returned.pk)
    assert (answer.answers, list(returned.answered_by.all())) == (returned, [answer])


def test_an_answer_to_a_review_of_nothing_is_kept_as_an_ordinary_delivery(journey: Journey) -> None:
    assert journey.review("2024-10", answers=4711).answers is None


def test_a_cancelled_run_leaves_no_ghost(journey: Journey) -> None:
    run = journey.ask()
    runs.started(journey.word(run, "started"), now=journey.now())
    runs.cancel(run_id=run.pk, actor=journey.steward, why="The wrong one.", now=journey.now())
    assert not Review.objects.exists()
    assert not Run.objects.filter(status__in=("requested", "running")).exists()
    assert runs.attempt(run.pk, now=journey.now() + timedelta(days=1)) is None
