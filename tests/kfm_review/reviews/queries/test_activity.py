"""A run's page: what it did, in which order, and what its viewer may do about it."""

from uuid import uuid4

import pytest
from pytest_django import DjangoAssertNumQueries

from kfm_review.accounts.models import User
from kfm_review.errors import Missing
from kfm_review.people.queries import Viewer, viewer
from kfm_review.reviews.queries.activity import activity
from kfm_review.runs.states import Status
from kfm_review.runs.withheld import Sight
from tests.kfm_review import world
from tests.kfm_review.journey import Journey
from tests.kfm_review.world import NOON, person

pytestmark = pytest.mark.django_db


def seen(by: User) -> Viewer:
    return viewer(by, today=NOON.date())


def test_a_run_is_shown_with_its_phases_origin_and_review(journey: Journey) -> None:
    review = journey.review("2024-10")
    found = activity(review.run_id, viewer=seen(journey.steward))
    assert [phase.title for phase in found.phases] == [
        "Before the steps",
        "After the steps",
        "Policy",
        "Score",
    ]
    assert found.said == "18 gates: 16 PASS, 2 REVIEW"
    assert (found.review, found.base, found.active, found.attempt) == (
        review,
        None,
        False,
        review.run.attempts.get(),
    )
    assert found.origin is not None
    assert found.origin.said == (
        f"Run {review.run.alias} used airports; it made manifest, 5 artifacts, 3 documents; "
        "worker ran it for Stella."
    )


def test_a_run_that_waits_has_said_nothing_yet(journey: Journey) -> None:
    run = journey.ask()
    found = activity(run.pk, viewer=seen(journey.steward))
    assert (found.active, found.said, found.origin, found.review) == (True, "none has spoken", None, None)
    assert (found.gates, found.phases, found.trends) == ((), (), {})


def test_it_names_the_release_it_was_compared_with_while_that_is_current(journey: Journey) -> None:
    journey.published("2024-10")
    review = journey.review("2026-09")
    assert activity(review.run_id, viewer=seen(journey.steward)).base == 1
    journey.carry_out(journey.approved(review))
    assert activity(review.run_id, viewer=seen(journey.steward)).base is None


@pytest.mark.parametrize(
    ("status", "cancel", "retry"),
    [
        (Status.REQUESTED, True, False),
        (Status.RUNNING, True, False),
        (Status.LOST, False, True),
        (Status.CANCELLED, False, False),
    ],
)
def test_a_steward_may_cancel_what_is_under_way_and_retry_what_ended(
    status: Status, *, cancel: bool, retry: bool
) -> None:
    run = world.run(world.asset(), None, edition="2026-09", at=NOON, status=status)
    mine = activity(run.pk, viewer=seen(person("stella", "steward")))
    assert (mine.may_cancel, mine.may_retry) == (cancel, retry)
    others = activity(run.pk, viewer=seen(person("rita", "reviewer", "admin")))
    assert (others.may_cancel, others.may_retry) == (False, False)


def test_a_run_of_another_family_is_not_a_steward_s_to_cancel() -> None:
    run = world.run(world.asset(), None, edition="2026-09", at=NOON, status="running")
    otto = person("otto", "steward", family="ks_wells")
    assert not activity(run.pk, viewer=seen(otto)).may_cancel


def test_what_a_person_is_not_cleared_for_is_an_outline_or_missing() -> None:
    review = world.review(None, label="restricted")
    found = activity(review.run_id, viewer=seen(person("rita", "reviewer")))
    assert (found.sight, found.artifacts, found.documents, found.origin) == (Sight.OUTLINE, (), (), None)
    assert (found.run.why, found.trends) == ("withheld", {})
    with pytest.raises(Missing, match="There is no run"):
        activity(review.run_id, viewer=seen(person("otto", "reviewer", family="ks_wells")))
    with pytest.raises(Missing):
        activity(uuid4(), viewer=seen(person("rolf", "reviewer")))


def test_a_run_s_page_costs_a_fixed_number_of_queries(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(4):
        review = world.review(person(f"s{_}", "steward"))
    who = seen(person("rita", "reviewer"))
    with django_assert_num_queries(10):
        found = activity(review.run_id, viewer=who)
        assert [(gate.gate, list(gate.findings.all())) for gate in found.gates]
        assert found.run.manifest is not None
        assert found.run.manifest.diff.added == 19
