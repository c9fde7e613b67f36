"""The API describes itself: without a warning, and as it really answers."""

from io import StringIO
from typing import Any

import pytest
import yaml
from django.core.management import call_command
from django.test import Client

from tests.kfm_review import world
from tests.kfm_review.world import person


def schema() -> Any:
    said = StringIO()
    call_command("spectacular", validate=True, fail_on_warn=True, stdout=said)
    return yaml.safe_load(said.getvalue())


def test_it_is_valid_and_has_no_warnings() -> None:
    assert set(schema()["paths"]) == {
        *("/api/runs/", "/api/runs/{id}/", "/api/reviews/", "/api/reviews/{id}/"),
        *("/api/releases/", "/api/releases/{id}/", "/api/artifacts/{sha256}/"),
    }


def test_it_only_reads() -> None:
    assert {method for path in schema()["paths"].values() for method in path} == {"get"}


@pytest.mark.django_db
def test_it_is_served_to_programs_that_are_not_signed_in_yet() -> None:
    response = Client().get("/api/schema/")
    assert response.status_code == 200
    assert yaml.safe_load(response.content)["info"]["title"] == "KFM Review"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "component"), [("runs", "RunDetail"), ("reviews", "Review"), ("releases", "Release")]
)
def test_what_is_answered_is_what_is_described(client: Client, kind: str, component: str) -> None:
    review = world.review(person("stella", "steward"))
    release = world.release(review, number=1)
    key = {"runs": review.run_id, "reviews": review.pk, "releases": release.pk}[kind]
    described = schema()["components"]["schemas"][component]["properties"]
    assert set(client.get(f"/api/{kind}/{key}/").json()) == set(described)
