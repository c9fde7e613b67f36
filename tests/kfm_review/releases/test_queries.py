"""What the releases page says: what is current, what may come back, what is under way, what stopped."""

import pytest
from pytest_django import DjangoAssertNumQueries

from kfm_review.errors import Missing
from kfm_review.releases import actions, queries
from kfm_review.releases.models import Promotion
from tests.kfm_review import world
from tests.kfm_review.journey import FAMILY, Journey
from tests.kfm_review.viewers import ANYONE
from tests.kfm_review.world import person

pytestmark = pytest.mark.django_db


def roll_back(journey: Journey, number: int) -> Promotion:
    made = actions.roll_back(
        asset=FAMILY, number=number, actor=journey.publisher, why="Worse.", now=journey.now()
    )
    return journey.carry_out(made)


def hold(journey: Journey) -> None:
    actions.hold(asset=FAMILY, actor=journey.reviewer, why="Wait.", now=journey.now())


@pytest.mark.slow
def test_a_shelf_tells_what_is_current_and_what_may_come_back(journey: Journey) -> None:
    first, second = journey.published("2024-10"), journey.published("2026-09")
    shelf = queries.shelf(FAMILY, viewer=ANYONE)
    assert (shelf.current, shelf.since, shelf.older) == (second.release, second, (first.release,))
    assert [(line.release.number, line.kind, line.may_return) for line in shelf.timeline] == [
        (2, "current", False),
        (1, "old", True),
    ]
    assert (shelf.hold, shelf.under_way, shelf.stopped, shelf.approved) == (None, (), None, ())


def test_a_shelf_tells_of_a_roll_back_and_its_hold(journey: Journey) -> None:
    journey.published("2024-10")
    journey.published("2026-09")
    roll_back(journey, 1)
    shelf = queries.shelf(FAMILY, viewer=ANYONE)
    assert shelf.current is not None
    assert shelf.current.number == 1
    assert [(line.release.number, line.kind, line.may_return) for line in shelf.timeline] == [
        (1, "current", False),
        (2, "old", True),
        (1, "old", False),
    ]
    assert shelf.hold is not None
    assert shelf.hold.set_by == journey.publisher
    actions.lift(asset=FAMILY, actor=journey.publisher, why="Mended.", now=journey.now())
    after = queries.shelf(FAMILY, viewer=ANYONE)
    assert (after.hold, len(after.holds)) == (None, 1)


def test_a_shelf_tells_what_is_under_way_and_what_waits(journey: Journey) -> None:
    promotion = journey.queued("2024-10")
    waiting = journey.review("2026-09")
    shelf = queries.shelf(FAMILY, viewer=ANYONE)
    assert (shelf.under_way, shelf.current, shelf.next_review) == ((promotion,), None, waiting)
    journey.decide(waiting)
    assert queries.shelf(FAMILY, viewer=ANYONE).approved == (waiting,)


def test_a_shelf_tells_what_stopped_until_something_else_is_tried(journey: Journey) -> None:
    promotion = journey.queued("2024-10")
    journey.flip(promotion.release.manifest_id)
    journey.carry_out(promotion)
    shelf = queries.shelf(FAMILY, viewer=ANYONE)
    assert (shelf.stopped, shelf.older, shelf.approved) == (promotion, (), (promotion.release.review,))
    journey.published("2026-09")
    assert queries.shelf(FAMILY, viewer=ANYONE).stopped is None


def test_an_asset_without_releases_has_an_empty_shelf(journey: Journey) -> None:
    journey.ask()
    shelf = queries.shelf(FAMILY, viewer=ANYONE)
    assert (shelf.current, shelf.since, shelf.timeline, shelf.older) == (None, None, (), ())


def test_there_is_no_such_asset() -> None:
    with pytest.raises(Missing, match="There is no asset ks_unicorns"):
        queries.shelf("ks_unicorns", viewer=ANYONE)


def test_the_list_of_assets_says_how_each_stands(journey: Journey) -> None:
    world.asset("ks_wells")
    journey.published("2024-10")
    journey.queued("2026-09")
    hold(journey)
    airports, wells = queries.assets(ANYONE)
    assert (airports.number, airports.held, airports.promoting, airports.newest) == (
        1,
        True,
        True,
        "verifying",
    )
    assert (wells.number, wells.held, wells.promoting, wells.newest) == (None, False, False, None)


def test_a_review_knows_how_far_it_got(journey: Journey) -> None:
    review = journey.review("2024-10")
    before = queries.publication(review, viewer=ANYONE)
    assert (before.release, before.promotion, before.hold, before.base, before.current) == (None,) * 5
    promotion = journey.approved(review)
    hold(journey)
    queued = queries.publication(review, viewer=ANYONE)
    assert (queued.release, queued.promotion) == (promotion.release, promotion)
    assert queued.hold is not None


def test_a_review_knows_its_base_and_what_is_current_now(journey: Journey) -> None:
    first = journey.published("2024-10").release
    review = journey.review("2026-09")
    assert (
        queries.publication(review, viewer=ANYONE).base,
        queries.publication(review, viewer=ANYONE).current,
    ) == (first, first)
    second = journey.carry_out(journey.approved(review)).release
    assert (
        queries.publication(review, viewer=ANYONE).base,
        queries.publication(review, viewer=ANYONE).current,
    ) == (first, second)


def test_a_shelf_and_the_list_cost_a_fixed_number_of_queries(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    stella = person("stella")
    for number in range(1, 6):
        world.release(world.review(stella, edition=str(number)), number=number)
    with django_assert_num_queries(10):
        shelf = queries.shelf(FAMILY, viewer=ANYONE)
        for line in shelf.timeline:
            assert line.release.manifest.diff.added == 19
            assert [decision.by.full_name for decision in line.release.review.decisions.all()]
            assert line.release.review.run.alias
    with django_assert_num_queries(1):
        assert [asset.number for asset in queries.assets(ANYONE)] == [5]
