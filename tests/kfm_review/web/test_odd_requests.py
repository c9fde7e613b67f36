"""Requests that no page of ours sends are answered with a refusal, never with a broken page."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from kfm_review.audit.queries import Filters, events
from kfm_review.runs import deliveries
from tests.kfm_review import world

pytestmark = pytest.mark.django_db
HUGE = "9" * 200


@pytest.fixture
def client() -> Client:
    """Return the client of somebody who may do much, whose failures are pages as in production."""
    client = Client(raise_request_exception=False)
    somebody = world.person("ada", "auditor", "reviewer", "steward", "publisher")
    client.force_login(somebody, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/queue/?after=mine~9999-12-31T23:59:59-23:59~1", 422),
        ("/queue/?after=mine~0001-01-01T00:00:00%2B23:59~1", 422),
        (f"/queue/?after=mine~2026-01-01~{HUGE}", 200),
        (f"/runs/new/?answers={HUGE}", 404),
        (f"/reviews/{HUGE}/", 404),
        ("/releases/%00/", 404),
        (f"/releases/{'a' * 201}/", 404),
        ("/releases/none/", 404),
        ("/audit/?until=9999-12-31", 200),
        ("/audit/?since=0001-01-01&until=0001-01-01", 200),
        ("/audit/events.csv?until=9999-12-31", 200),
    ],
)
def test_an_odd_address_is_answered(client: Client, address: str, status: int) -> None:
    assert client.get(address).status_code == status


@pytest.mark.parametrize(
    "address",
    [
        "/reviews/999/decisions/",
        "/releases/none/hold/",
        "/releases/none/roll-back/",
        "/runs/01a21d5d-d35d-736a-87af-000000000000/cancel/",
        f"/runs/new/?answers={HUGE}",
    ],
)
def test_a_refused_deed_whose_page_cannot_be_had_is_a_refusal_still(client: Client, address: str) -> None:
    response = client.post(address, {"why": "Because.", "number": 1})
    assert response.status_code == 404
    assert b"There is no " in response.content


@pytest.mark.parametrize("path", ["a" * 300, "a/" * 2000, "%00", "circle", "../candidates", "objects"])
def test_no_name_breaks_the_catalog(client: Client, tmp_path: Path, settings: Settings, path: str) -> None:
    settings.STORE_URL = tmp_path.as_uri()
    (tmp_path / "public" / "objects").mkdir(parents=True)
    (tmp_path / "public" / "circle").symlink_to("circle")
    assert client.get(f"/catalog/{path}").status_code == 404


def test_the_last_day_of_all_is_a_day() -> None:
    assert events(Filters(until=date.max)).events == ()


@pytest.mark.parametrize("address", ["/queue/", "/people/", "/audit/events.csv", "/api/runs/", "/none/"])
def test_a_browser_keeps_no_page_for_whoever_sits_there_next(client: Client, address: str) -> None:
    assert client.get(address).headers["Cache-Control"] == "private, no-store"


class Untouched:
    """A body that says how long it is, and breaks if anybody reads it."""

    def read(self, *_: object) -> bytes:
        raise AssertionError("It was read.")

    readline = read


@pytest.mark.parametrize(
    ("length", "who"), [("5368709120", "somebody"), ("300000", "nobody"), ("x", "nobody")]
)
def test_more_than_anything_asks_for_is_refused_before_it_is_read(
    client: Client, length: str, who: str
) -> None:
    asking = client if who == "somebody" else Client()
    about: Any = {"CONTENT_LENGTH": length, "wsgi.input": Untouched()}
    response = asking.generic("POST", "/runs/new/", content_type="multipart/form-data; boundary=x", **about)
    assert response.status_code == 413
    assert b"Deliver a smaller file" in response.content


def test_an_ordinary_request_asks_no_family_how_large_its_files_may_be(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(deliveries, "most_bytes")
    assert client.get("/queue/").status_code == 200
    assert client.post("/runs/new/", {"family": "none", "why": "x" * 1000}).status_code == 404
