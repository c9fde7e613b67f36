"""Passed by exception, wherever people look: a word of its own, never PASS, and gone when it ends."""

from datetime import timedelta

import pytest
from django.test import Client

from kfm_review.errors import NotAllowed, NotPossible
from kfm_review.people.queries import viewer
from kfm_review.reviews.models import Review
from kfm_review.reviews.queries.facets import Filters
from kfm_review.reviews.queries.queue import queue
from kfm_review.waivers import queries
from kfm_review.waivers.models import Ending
from tests.kfm_review import world
from tests.kfm_review.waivers.conftest import Excusable

pytestmark = pytest.mark.django_db
WORDS = "passed by exception"


def row(excusable: Excusable, *, later: timedelta = timedelta()) -> Review:
    """Return the review as the reviewer's queue shows it."""
    now = excusable.now() + later
    shown = queue(viewer=viewer(excusable.journey.reviewer, today=now.date(), now=now), filters=Filters())
    return next(one for group in shown.groups for one in group.reviews if one.pk == excusable.review.pk)


def pages(excusable: Excusable) -> dict[str, str]:
    """Return what the pages about a review say to its reviewer."""
    client, review = Client(), excusable.review
    client.force_login(excusable.journey.reviewer)
    places = ("/queue/", f"/reviews/{review.pk}/", f"/runs/{review.run_id}/")
    return {place: client.get(place).content.decode() for place in places}


def test_a_row_of_the_queue_says_so_while_the_exception_lives(excusable: Excusable) -> None:
    assert row(excusable).shown == "FAIL"
    excusable.granted()
    shown = row(excusable)
    assert shown.shown == "EXCUSED"
    outcomes = {one["gate"]: one["outcome"] for one in shown.told}
    assert {outcomes[gate] for gate in excusable.failing} == {"EXCUSED"}
    assert row(excusable, later=timedelta(days=31)).shown == "FAIL"


def test_what_is_excused_in_part_still_fails() -> None:
    reasons = [{"gate": gate, "outcome": outcome} for gate, outcome in (("keys", "FAIL"), ("rows", "FAIL"))]
    shown = Review(outcome="FAIL", reasons=reasons)
    shown.excused = frozenset({"keys"})
    assert shown.shown == "FAIL"
    assert [one["outcome"] for one in shown.told] == ["EXCUSED", "FAIL"]
    shown.excused = frozenset({"keys", "rows"})
    assert shown.shown == "EXCUSED"
    assert Review(outcome="ERROR", reasons=[]).shown == "ERROR"


def test_every_page_about_it_says_so(excusable: Excusable) -> None:
    assert not any(WORDS in said for said in pages(excusable).values())
    excusable.granted()
    for place, said in pages(excusable).items():
        assert WORDS in said, place


def test_what_let_a_release_stand_is_told_after_its_end(excusable: Excusable) -> None:
    manifest, before = excusable.review.manifest, excusable.now()
    waiver = excusable.granted().waiver
    at = excusable.now()
    Ending.objects.create(waiver=waiver, how="voided", why="Worse.", at=excusable.now())
    assert not queries.excused(manifest, at=at).by
    assert set(queries.let_stand(manifest, at=at)) == set(excusable.failing)
    assert queries.let_stand(manifest, at=before) == {}
    assert queries.let_stand(manifest, at=excusable.now()) == {}


def test_who_decided_on_what_a_wider_exception_covers_has_no_part_in_it(excusable: Excusable) -> None:
    ann = excusable.governed.user("ann")
    other = world.review(excusable.journey.publisher, edition="2026-10")
    said = {"verdict": "approve", "role": "reviewer", "reason": "x", "at": excusable.now()}
    for somebody in (ann, excusable.journey.reviewer):
        other.decisions.model.objects.create(review=other, manifest=other.manifest, by=somebody, n=1, **said)
    with pytest.raises(NotPossible, match="You decided"):
        excusable.request(by=excusable.journey.reviewer, reach="asset")
    with pytest.raises(NotAllowed, match="may not sign"):
        excusable.granted(reach="asset")
    (asked,) = queries.waiting(excusable.review.manifest)
    assert excusable.answer(asked, "ben").waiver.signed_by == ["ben"]
