"""Weeks of one family: each an asset of its own, published at once, in one collection that lists all."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pystac
import pytest
from django.db import connection
from django.test import Client

from kfm_review.releases import catalog, promoting
from kfm_review.releases.models import Promotion
from kfm_review.runs.models import Current
from tests.kfm_review.journey import Journey
from tests.kfm_review.world import NOON

pytestmark = pytest.mark.django_db(transaction=True)
DROUGHT = "ks_drought"
WEEKS = ("2026-10-06", "2026-10-13")


class Died(Exception):
    """The promoter is gone."""


def at_once(*acts: Callable[[], object]) -> None:
    together = Barrier(len(acts))

    def one(act: Callable[[], object]) -> None:
        try:
            connection.ensure_connection()
            together.wait(timeout=10)
            act()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as threads:
        list(threads.map(one, acts))


def published(journey: Journey) -> dict[str, Any]:
    """Return the family's collection, validated, with its items read from where it says they are."""
    folder = journey.public / DROUGHT
    collection = json.loads((folder / "collection.json").read_bytes())
    links = [link["href"] for link in collection["links"] if link["rel"] == "item"]
    items = [json.loads((folder / link).read_bytes()) for link in links]
    for one in items:
        pystac.Item.from_dict(one)
    return {**collection, "items": items}


def check_both(journey: Journey) -> None:
    found = published(journey)
    assets = [item["properties"]["kfm:asset"] for item in found["items"]]
    assert sorted(assets) == [f"{DROUGHT}/{week}" for week in WEEKS]
    for item in found["items"]:
        (latest,) = (link["href"] for link in item["links"] if link["rel"] == "latest-version")
        assert latest == f"../{item['id']}/item.json"
    assert found["extent"]["temporal"]["interval"] == [["2026-10-06T00:00:00Z", "2026-10-13T23:59:59Z"]]
    assert found["extent"]["spatial"]["bbox"] == [found["items"][0]["bbox"]]  # all counties, in every week
    datasets = json.loads((journey.public / "dcat" / "catalog.jsonld").read_bytes())["dcat:dataset"]
    assert {one["dct:identifier"] for one in datasets} == {item["id"] for item in found["items"]}
    assert set(Current.objects.values_list("asset__name", flat=True)) == set(assets)


def test_two_weeks_promoted_at_once_leave_a_correct_collection(journey: Journey) -> None:
    promotions = [journey.queued(week, family=DROUGHT) for week in WEEKS]
    at_once(*(lambda pk=one.pk: promoting.carry_out(pk, now=lambda: NOON) for one in promotions))
    assert set(Promotion.objects.values_list("status", flat=True)) == {"done"}
    check_both(journey)


def test_a_week_whose_promoter_dies_before_the_indexes_is_listed_when_it_is_taken_up_again(
    journey: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (journey.queued(week, family=DROUGHT) for week in WEEKS)

    def die(*_: object, **__: object) -> None:
        raise Died

    with monkeypatch.context() as broken:
        broken.setattr(catalog, "index", die)
        with pytest.raises(Died):
            promoting.carry_out(first.pk, now=lambda: NOON)
    at_once(*(lambda pk=one.pk: promoting.carry_out(pk, now=lambda: NOON) for one in (first, second)))
    check_both(journey)


def test_a_week_that_is_rightly_empty_is_approved_with_a_reason_and_published(journey: Journey) -> None:
    review = journey.review("2026-10-20", family=DROUGHT)
    assert (review.run.outcome, review.status) == ("REVIEW", "open")
    promotion = journey.carry_out(journey.approved(review))
    assert promotion.status == "done", promotion.failure
    (item,) = published(journey)["items"]
    assert item["assets"]["data"]["table:row_count"] == 0
    west, south, east, north = item["bbox"]
    assert (round(west), round(south), round(east), round(north)) == (-102, 37, -95, 40)


def test_the_pages_of_a_week_stand_under_its_own_name(journey: Journey) -> None:
    journey.carry_out(journey.queued(WEEKS[0], family=DROUGHT))
    client = Client()
    client.force_login(journey.publisher, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(f"/releases/{DROUGHT}/{WEEKS[0]}/")
    assert page.status_code == 200
    assert WEEKS[0].encode() in page.content
    assert client.get(f"/releases/{DROUGHT}/{WEEKS[1]}/").status_code == 404
    assert client.get("/releases/", follow=True).status_code == 200
