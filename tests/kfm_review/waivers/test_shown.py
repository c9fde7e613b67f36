"""Passed by exception, wherever people look: a word of its own, never PASS, and gone when it ends."""

from datetime import timedelta

import pytest
from django.test import Client

from kfm_review.accounts.models import User
from kfm_review.errors import NotAllowed, NotPossible
from kfm_review.people.queries import viewer
from kfm_review.reviews import excusing
from kfm_review.reviews.models import Review
from kfm_review.reviews.queries.facets import Filters
from kfm_review.reviews.queries.queue import queue, waiting_for
from kfm_review.waivers import queries
from kfm_review.waivers.models import Ending
from kfm_review.web.sentences import whose_turn
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


def line(excusable: Excusable, who: User) -> tuple[str, str]:
    """Return whose turn the queue says it is for somebody, and why."""
    now = excusable.now()
    looking = viewer(who, today=now.date(), now=now)
    groups = queue(viewer=looking, filters=Filters()).groups
    found = next(one for group in groups for one in group.reviews if one.pk == excusable.review.pk)
    return found.turn, f"{whose_turn(found, looking).first}: {whose_turn(found, looking).then}"


def test_the_queue_says_what_a_failing_review_waits_for(excusable: Excusable) -> None:
    reviewer, ann = excusable.journey.reviewer, excusable.governed.user("ann")
    assert line(excusable, reviewer) == ("mine", "You, as reviewer: cannot pass as it is")
    asked = excusable.request()
    assert line(excusable, ann) == ("mine", "You, as governance: its exception waits for a signature")
    excusable.answer(asked)
    assert line(excusable, reviewer) == ("mine", "You, as reviewer: approval 1 of 1")
    turn, said = line(excusable, ann)
    assert (turn, said.split(":")[0]) == ("barred", "Not you")
    assert waiting_for(viewer(ann, today=excusable.now().date(), now=excusable.now())) == 0


def test_each_page_of_an_exception_names_who_is_next(excusable: Excusable) -> None:
    ann, ben = Client(), Client()
    ann.force_login(excusable.governed.user("ann"))
    ben.force_login(excusable.governed.user("ben"))
    asked = excusable.request(kind="SOVEREIGNTY")
    assert "Waits for 2 of you, " in ann.get(f"/exceptions/{asked.pk}/").content.decode()
    prepared = excusing.prepare(
        request_id=asked.pk,
        decision="approve",
        actor=excusable.governed.user("ann"),
        now=excusable.now(),
    )
    said = ben.get(f"/statements/{prepared.digest}/").content.decode()
    assert f'<a href="/exceptions/{asked.pk}/">{asked.pk}</a> / statement' in said
    assert "Who can: ann." in said or "Who else can: ann." in said
    excusable.sign(prepared, "ann")
    assert "waits for you" in ben.get("/exceptions/").content.decode()
    assert '1<span class="unseen"> for you to sign</span>' in ben.get("/queue/").content.decode()
    assert "for you to sign" not in ann.get("/queue/").content.decode()
    assert "you have signed it" in ann.get(f"/exceptions/{asked.pk}/").content.decode()
    excusable.sign(prepared, "ben")
    granted = ben.get(f"/exceptions/{asked.pk}/").content.decode()
    assert f"Next: {excusable.journey.reviewer} approves" in granted
    steward = Client()
    steward.force_login(excusable.journey.steward)
    assert "Revoke it, because" in granted
    assert "Revoke it, because" not in steward.get(f"/exceptions/{asked.pk}/").content.decode()
