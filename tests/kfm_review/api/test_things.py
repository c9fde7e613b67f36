"""One run, review or release; who may read; and how the API says what is wrong."""

import json
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from pytest_django import Settings

from kfm_review.accounts.models import User
from kfm_review.reviews.models import Decision
from kfm_review.runs.models import Finding
from tests.kfm_review import world
from tests.kfm_review.api.conftest import SignedIn
from tests.kfm_review.world import NOON, person

pytestmark = pytest.mark.django_db
NOWHERE = UUID(int=0)
ADDRESSES = (
    *("runs/", "reviews/", "releases/", f"runs/{NOWHERE}/", "reviews/1/", "releases/1/"),
    f"artifacts/{'0' * 64}/",
)


def test_one_run_tells_attempts_gates_findings_difference_and_where_the_bytes_are(client: Client) -> None:
    review = world.review(person("stella", "steward"))
    keys = review.manifest.gates.get(gate="keys")
    Finding.objects.create(result=keys, position=0, rule="keys.reused", message="99KS", remedy="Look.")
    told = client.get(f"/api/runs/{review.run_id}/").json()
    assert (told["alias"], told["requested_by"], told["status"]) == (review.run.alias, "stella", "recorded")
    assert [attempt["number"] for attempt in told["attempts"]] == [1]
    assert "secret_hash" not in told["attempts"][0]
    content = told["content"]
    assert [gate["gate"] for gate in content["gates"]] == ["schema", "rows", "keys", "labels"]
    assert content["gates"][2]["findings"][0]["rule"] == "keys.reused"
    assert (content["diff"]["added"], content["diff"]["moved"]) == (19, 12)
    for artifact in (*content["artifacts"], *told["documents"]):
        assert artifact["href"] == f"http://testserver/api/artifacts/{artifact['sha256']}/"


def test_one_review_tells_its_decisions(client: Client) -> None:
    review = world.review(person("stella", "steward"))
    rita = User.objects.get(username="rita")
    Decision.objects.create(
        review=review,
        manifest=review.manifest,
        by=rita,
        n=1,
        verdict="reject",
        role="reviewer",
        reason="No.",
        at=NOON,
    )
    told = client.get(f"/api/reviews/{review.pk}/").json()
    assert told["manifest"] == review.manifest_id
    assert told["decisions"] == [
        {
            "by": "rita",
            "role": "reviewer",
            "n": 1,
            "verdict": "reject",
            "reason": "No.",
            "at": "2026-11-24T12:00:00Z",
        }
    ]


def test_one_release_tells_whether_it_is_current_and_what_was_checked(client: Client) -> None:
    stella = person("stella", "steward")
    old = world.release(world.review(stella, edition="2024-10"), number=1)
    new = world.release(world.review(stella), number=2)
    told = [client.get(f"/api/releases/{release.pk}/").json() for release in (old, new)]
    assert [one["current"] for one in told] == [False, True]
    assert told[1]["promotions"][0]["checks"][0]["id"] == "artifacts"


@pytest.mark.parametrize("address", ["runs", "reviews", "releases"])
def test_what_a_person_is_not_cleared_for_is_not_there(signed_in: SignedIn, address: str) -> None:
    review = world.review(None, label="restricted")
    release = world.release(review, number=1)
    key = {"runs": review.run_id, "reviews": review.pk, "releases": release.pk}[address]
    response = signed_in(person("nils", "auditor")).get(f"/api/{address}/{key}/")
    assert response.status_code == 404
    assert "nobody cleared you" in response.json()["cause"]


def reason(client: Client, address: str, status: int, **more: Any) -> dict[str, str]:
    response = client.get(f"/api/{address}", **more)
    assert (response.status_code, response["Content-Type"]) == (status, "application/json")
    assert list(response.json()) == ["message", "cause", "next_step"]
    return dict(response.json())


@pytest.mark.parametrize("address", ADDRESSES)
def test_who_is_not_signed_in_reads_nothing(address: str) -> None:
    assert "not signed in" in reason(Client(), address, 403)["message"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_who_holds_no_role_reads_nothing(signed_in: SignedIn, address: str) -> None:
    said = reason(signed_in(person("nils")), address, 403)
    assert (said["cause"], bool(said["next_step"])) == ("Your account holds no role.", True)


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_closed_account_reads_nothing(signed_in: SignedIn, address: str) -> None:
    client = signed_in(person("nils", "auditor"))
    User.objects.filter(username="nils").update(is_active=False)
    reason(client, address, 403)


@pytest.mark.parametrize(
    "address",
    [f"runs/{NOWHERE}/", "reviews/7/", "releases/7/", f"reviews/{10**30}/", f"artifacts/{'0' * 64}/"],
)
def test_what_is_not_there_is_said_with_the_next_step(client: Client, address: str) -> None:
    assert reason(client, address, 404)["next_step"]


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
@pytest.mark.parametrize("address", ADDRESSES)
def test_nothing_is_written_here(client: Client, address: str, method: str) -> None:
    response = getattr(client, method)(f"/api/{address}", "{}", content_type="application/json")
    assert response.status_code == 405
    assert response.json()["message"]


def test_a_client_that_wants_no_json_is_told_in_json(client: Client) -> None:
    response = client.get("/api/runs/", headers={"Accept": "text/csv"})
    assert response.status_code == 406
    assert json.loads(response.content)["message"]


def test_the_browsable_page_of_the_framework_is_not_served(client: Client) -> None:
    assert client.get("/api/runs/", headers={"Accept": "text/html,*/*"})["Content-Type"] == "application/json"


def test_what_breaks_is_not_told_to_the_outside(client: Client, settings: Settings) -> None:
    settings.STORE_URL = "s3://elsewhere"
    client.raise_request_exception = False
    review = world.review(None)
    artifact = review.manifest.artifacts.all()[0]
    response = client.get(f"/api/artifacts/{artifact.sha256}/")
    assert response.status_code == 500
    assert "Traceback" not in response.content.decode()
