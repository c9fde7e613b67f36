"""The archaeological sites as a real run made them: no key, no place reaches who is not cleared."""

import csv
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from kfm_review.accounts.models import Clearance
from kfm_review.api import views
from kfm_review.reviews import actions
from kfm_review.reviews.models import Review
from kfm_review.web.views import artifact
from pipelines import spec
from tests.kfm_review.journey import Journey
from tests.kfm_review.web.walking import read

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
EDITION = "2025-05"


def places() -> Iterator[str]:
    """Yield every key and every place of the edition; one number alone may be some county's corner."""
    sample = spec.family("ks_sites").folder / "samples" / f"{EDITION}.csv"
    with sample.open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            yield from (row["id"], f"{row['lon']},{row['lat']}")


def addresses(review: Review) -> list[str]:
    """Return where the review, its run and all of its bytes are asked for."""
    named = [*review.manifest.artifacts.values_list("sha256", flat=True), review.manifest_id]
    named += review.run.documents.values_list("sha256", flat=True)
    pages = ("/queue/?q=ks_sites", f"/reviews/{review.pk}/", f"/runs/{review.run_id}/", "/releases/ks_sites/")
    lists = ("/runs/", "/audit/events.jsonl", "/audit/events.csv", "/api/runs/", "/api/reviews/")
    things = (f"/api/runs/{review.run_id}/", f"/api/reviews/{review.pk}/", f"/reviews/{review.pk}/exception/")
    return [*pages, *lists, *things, *(f"/artifacts/{one}/?inline" for one in named)]


def test_no_key_and_no_place_of_the_sites_reaches_who_is_not_cleared(journey: Journey) -> None:
    views._store.cache_clear()
    artifact._store.cache_clear()
    review = journey.review(EDITION, family="ks_sites")
    words, slipped, had = set(places()), {}, 0
    client = Client()
    client.force_login(journey.reviewer, backend="django.contrib.auth.backends.ModelBackend")
    for address in addresses(review):
        response = client.get(address)
        body = read(response)
        had += address.startswith("/artifacts/") and response.status_code == 200
        if found := [word for word in words if word in body]:
            slipped[address] = found[:3]
    assert (slipped, had) == ({}, 1), "of all bytes, only the map by county is had"

    now = timezone.now()
    until = now.date() + timedelta(days=1)
    Clearance.objects.create(user=journey.reviewer, label="restricted", until=until, granted_at=now)
    asked = {"manifest": review.manifest_id, "why": "To look."}
    actions.reveal(review_id=review.pk, actor=journey.reviewer, now=now, **asked)
    preview = review.manifest.artifacts.get(role="preview").sha256
    exact = read(client.get(f"/artifacts/{preview}/?inline"))
    assert sum(word in exact for word in words) > len(words) / 3, "the words are such as exact maps hold"
