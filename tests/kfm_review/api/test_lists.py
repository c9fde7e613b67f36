"""Runs, reviews and releases as lists: narrowed, turned over by cursor, within clearances."""

from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from kfm_review.accounts.models import Clearance, User
from kfm_review.runs.models import Run
from pipelines.model import Json
from tests.kfm_review import world
from tests.kfm_review.api.conftest import SignedIn
from tests.kfm_review.world import NOON, person

pytestmark = pytest.mark.django_db
LISTS = ("runs", "reviews", "releases")


def read(client: Client, address: str, query: Json, *, code: int = 200) -> Json:
    response = client.get(f"/api/{address}/", query)
    assert response.status_code == code, response.content
    found: Json = response.json()
    return found


def results(client: Client, address: str, **query: Any) -> list[Json]:
    found: list[Json] = read(client, address, query)["results"]
    return found


def many(number: int, **more: Any) -> User:
    """Leave that many runs, reviews and releases; return who asked for them."""
    stella = person("stella", "steward")
    for each, at in zip(range(1, number + 1), count(), strict=False):
        moment = NOON + timedelta(minutes=at)
        world.release(world.review(stella, edition=f"e{each}", at=moment, **more), number=each, at=moment)
    return stella


@pytest.mark.parametrize("address", LISTS)
def test_the_newest_comes_first_and_every_page_leads_on(client: Client, address: str) -> None:
    many(5)
    page = read(client, address, {"size": 2})
    seen = [row["id"] for row in page["results"]]
    while page["next"]:
        page = client.get(page["next"]).json()
        seen += [row["id"] for row in page["results"]]
    assert len(seen) == 5
    assert seen == sorted(seen, reverse=True)
    back = client.get(page["previous"]).json()
    assert [row["id"] for row in back["results"]] == seen[2:4]


def test_what_comes_meanwhile_shifts_no_page(client: Client) -> None:
    stella = many(3)
    page = read(client, "runs", {"size": 2})
    world.review(stella, edition="late", at=NOON + timedelta(days=1))
    assert [row["edition"] for row in client.get(page["next"]).json()["results"]] == ["e1"]


@pytest.mark.parametrize("address", LISTS)
@pytest.mark.parametrize(
    "cursor",
    ["x", "cD1ub3RoaW5n", "cD0lMDA=", "bz05OTk5OTk5OTk5", "cj0xJnA9MTc=", "cD05OTk5OTk5OTk5OTk5OTk5OTk5OTk="],
)
def test_a_cursor_that_was_not_handed_out_breaks_nothing(client: Client, address: str, cursor: str) -> None:
    response = client.get(f"/api/{address}/", {"cursor": cursor})
    assert response.status_code in (200, 404, 422)
    assert set(response.json()) in ({"message", "cause", "next_step"}, {"next", "previous", "results"})


def test_pages_are_bounded(client: Client) -> None:
    many(52)
    given = {"2": 2, "200": 52, "9999": 52, "0": 50, "x": 50, "": 50}
    assert {size: len(results(client, "runs", size=size)) for size in given} == given
    assert len(results(client, "runs")) == 50


@pytest.mark.parametrize(
    ("query", "editions"),
    [
        ({"edition": "e2"}, ["e2"]),
        ({"edition": ["e1", "e3"]}, ["e3", "e1"]),
        ({"asset": "ks_airports"}, ["e3", "e2", "e1"]),
        ({"family": "ks_wells"}, []),
        ({"status": "recorded", "edition": "e1"}, ["e1"]),
        ({"status": "running"}, []),
        ({"outcome": ["REVIEW", "FAIL"]}, ["e3", "e2", "e1"]),
    ],
)
def test_runs_are_narrowed(client: Client, query: Json, editions: list[str]) -> None:
    many(3)
    assert [row["edition"] for row in results(client, "runs", **query)] == editions


def test_reviews_and_releases_are_narrowed_by_words_of_their_own(client: Client) -> None:
    many(2)
    world.review(None, edition="open")
    assert [row["edition"] for row in results(client, "reviews", status="open")] == ["open"]
    assert [row["number"] for row in results(client, "releases", channel="public")] == [2, 1]
    assert results(client, "releases", channel="restricted") == []


@pytest.mark.parametrize(
    ("address", "query", "said"),
    [
        ("runs", {"state": "running"}, "There is no filter 'state'"),
        ("runs", {"status": "open"}, "status cannot be 'open'"),
        ("runs", {"outcome": "NOT_RUN"}, "outcome cannot be"),
        ("runs", {"edition": "a\x00b"}, "edition cannot be"),
        ("runs", {"edition": "x" * 201}, "edition cannot be"),
        ("reviews", {"status": "running"}, "status cannot be"),
        ("releases", {"status": "done"}, "There is no filter"),
    ],
)
def test_no_filter_is_ignored(client: Client, address: str, query: Json, said: str) -> None:
    reason = read(client, address, query, code=422)
    assert said in reason["message"]
    assert reason["next_step"]


@pytest.mark.parametrize("address", LISTS)
def test_only_what_is_within_clearance_is_listed(signed_in: SignedIn, address: str) -> None:
    many(2, label="restricted")
    nils = person("nils", "auditor")
    client, today = signed_in(nils), timezone.now().date()
    assert results(client, address) == []
    cleared = Clearance.objects.create(user=nils, label="restricted", until=today, granted_at=NOON)
    assert len(results(client, address)) == 2
    Clearance.objects.filter(pk=cleared.pk).update(until=today - timedelta(days=1))
    assert results(client, address) == []
    Clearance.objects.filter(pk=cleared.pk).update(until=today, ended_at=NOON)
    assert results(client, address) == []


def test_a_run_that_made_nothing_hides_nothing(client: Client) -> None:
    waiting = world.run(world.asset(), None, edition="e", at=NOON, status="requested")
    assert [row["id"] for row in results(client, "runs")] == [str(waiting.pk)]


@pytest.mark.parametrize(("address", "queries"), [("runs", 5), ("reviews", 7), ("releases", 6)])
def test_a_long_list_asks_no_more_than_a_short_one(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, address: str, queries: int
) -> None:
    many(20)
    with django_assert_num_queries(queries):
        results(client, address)
    assert Run.objects.count() == 20
