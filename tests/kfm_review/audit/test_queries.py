"""The auditor's page: narrowed by who, what, to what, from when to when; turned over by key."""

from datetime import timedelta

import pytest

from kfm_review.audit import queries
from kfm_review.audit.queries import Filters
from kfm_review.audit.record import record
from tests.kfm_review.world import NOON, person

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def written() -> None:
    rita = person("rita")
    record("run.requested", "run:1", actor=rita, at=NOON - DAY, family="ks_airports")
    record("run.recorded", "run:1", actor=None, at=NOON, family="ks_airports")
    record("review.decided", "review:1", actor=rita, at=NOON + DAY, family="ks_wells")


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (Filters(), ["review.decided", "run.recorded", "run.requested"]),
        (Filters(who="rita"), ["review.decided", "run.requested"]),
        (Filters(who="system"), ["run.recorded"]),
        (Filters(who="nobody"), []),
        (Filters(what="run."), ["run.recorded", "run.requested"]),
        (Filters(target="run:1"), ["run.recorded", "run.requested"]),
        (Filters(target="ks_wells"), ["review.decided"]),
        (Filters(since=NOON.date()), ["review.decided", "run.recorded"]),
        (Filters(until=NOON.date()), ["run.recorded", "run.requested"]),
        (Filters(since=NOON.date(), until=NOON.date()), ["run.recorded"]),
        (Filters(who="rita", what="run."), ["run.requested"]),
    ],
)
def test_filters_narrow_and_the_newest_comes_first(filters: Filters, found: list[str]) -> None:
    assert [event.action for event in queries.events(filters).events] == found
    assert [event.action for event in queries.export(filters)] == found[::-1]


def test_pages_follow_one_another_without_a_gap() -> None:
    first = queries.events(Filters(), page=2)
    assert [event.action for event in first.events] == ["review.decided", "run.recorded"]
    second = queries.events(Filters(), after=first.after, page=2)
    assert [event.action for event in second.events] == ["run.requested"]
    assert second.after is None


def test_few_events_are_counted_and_people_are_named() -> None:
    assert queries.estimate() == 3
    assert [person.username for person in queries.actors()] == ["rita"]
