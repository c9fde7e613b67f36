"""Who decided or excused, by the audit record: rows that somebody writes past every action are not enough."""

from datetime import timedelta
from typing import Any

import pytest

from kfm_review.accounts.models import RoleGrant, User
from kfm_review.audit import sequence
from kfm_review.audit.logkey import LogKey
from kfm_review.audit.record import record
from kfm_review.people import actions as people
from kfm_review.releases import actions, testimony
from kfm_review.releases.models import Promotion
from kfm_review.reviews.models import Decision
from kfm_review.runs.models import Current
from kfm_review.waivers.models import Waiver
from tests.kfm_review.journey import FAMILY, Journey
from tests.kfm_review.releases.test_bundling import answered, released, reviewed
from tests.kfm_review.releases.vouched import POISONS, poison, rewrite, wrong
from tests.kfm_review.roles import PROMOTER, working_as
from tests.kfm_review.world import NOON, person
from tests.pipelines.bundle import signers

pytestmark = pytest.mark.django_db
NO_GRANT = "No event of the signed log tells who gave rita the role of reviewer"
LACKS = "rita did not hold the role of reviewer"


def said(promotion: Promotion, journey: Journey) -> str:
    """Return what stands against a promotion, which is that its approvals are not borne out."""
    against = wrong(promotion, journey)
    assert set(against) <= {"recorded"}
    return against.get("recorded", "")


def given(by: User | None, journey: Journey, **more: Any) -> None:
    """Record that rita was given her role by somebody, at once or at another time."""
    told = {"at": journey.now(), "family": "", "role": "reviewer", **more}
    record("role.granted", "person:rita", actor=by, **told)
    sequence.sequence()


def forget_grants() -> None:
    rewrite("audit_event", "action = 'role.forgotten' WHERE action = 'role.granted'")


def test_who_holds_the_role_no_more_has_not_approved(journey: Journey, signed: Promotion) -> None:
    with working_as(PROMOTER):
        assert said(signed, journey) == ""
    held = RoleGrant.objects.get(user=journey.reviewer)
    people.end_grant(grant_id=held.pk, actor=User.objects.get(username="root"), now=journey.now())
    assert LACKS in said(signed, journey)
    failed = journey.carry_out(signed)
    assert failed.status == "failed"
    assert LACKS in failed.failure


def test_what_somebody_approved_who_left_is_decided_by_somebody_else(journey: Journey) -> None:
    promotion = journey.queued()
    review = promotion.release.review
    RoleGrant.objects.filter(user=journey.reviewer).update(ended_at=journey.now())
    assert journey.carry_out(promotion).status == "failed"
    review.refresh_from_db()
    assert review.status == "open"
    journey.decide(review, by=person("ruth", "reviewer"))
    assert review.status == "approved"
    again = journey.promoted(review)
    assert journey.carry_out(again).status == "done"


def test_a_closed_account_has_not_approved(journey: Journey, signed: Promotion) -> None:
    User.objects.filter(pk=journey.reviewer.pk).update(is_active=False)
    assert "The account of rita is closed" in said(signed, journey)


def test_a_role_that_only_a_row_tells_of_is_none(journey: Journey, signed: Promotion) -> None:
    forget_grants()
    assert NO_GRANT in said(signed, journey)


def test_a_role_that_came_after_the_decision_is_none(journey: Journey, signed: Promotion) -> None:
    forget_grants()
    given(person("otto", "admin"), journey)
    assert NO_GRANT in said(signed, journey)
    rewrite("accounts_rolegrant", "granted_at = %s WHERE role = 'reviewer'", str(journey.now()))
    assert LACKS in said(signed, journey)


@pytest.mark.parametrize("giver", ["rita", None])
def test_nobody_gives_himself_a_role_nor_is_it_given_by_nobody(
    journey: Journey, signed: Promotion, giver: str | None
) -> None:
    forget_grants()
    given(User.objects.get(username=giver) if giver else None, journey, at=NOON)
    assert NO_GRANT in said(signed, journey)


def test_a_role_of_another_family_is_none(journey: Journey, signed: Promotion) -> None:
    forget_grants()
    given(person("otto", "admin"), journey, at=NOON, family="ks_drought")
    assert NO_GRANT in said(signed, journey)
    given(User.objects.get(username="otto"), journey, at=NOON, family=FAMILY)
    assert said(signed, journey) == ""


def test_a_grant_that_is_dated_back_is_none(journey: Journey, signed: Promotion) -> None:
    """It came into the tree long after a checkpoint was signed that would have held it."""
    forget_grants()
    sequence.checkpoint(now=NOON + timedelta(hours=1), signer=LogKey(private=signers.SEQUENCER))
    given(person("otto", "admin"), journey, at=NOON)
    assert NO_GRANT in said(signed, journey)


def test_what_ended_a_role_counts_whatever_it_says(journey: Journey, signed: Promotion) -> None:
    poison("role.ended", "person:rita", {"more": []}, at=journey.now().isoformat())
    sequence.sequence()
    assert NO_GRANT in said(signed, journey)


@pytest.mark.parametrize("change", [{"reason": "I did not look."}, {"at": NOON}, {"verdict": "return"}])
def test_only_the_event_of_this_very_decision_tells_of_it(signed: Promotion, change: dict[str, Any]) -> None:
    (decision,) = Decision.objects.filter(review=signed.release.review)
    assert testimony.decided(decision) is not None
    vars(decision).update(change)
    assert testimony.decided(decision) is None


def test_a_way_back_asks_only_who_held_the_role_then(journey: Journey) -> None:
    journey.published("2024-10")
    journey.published("2026-09")
    RoleGrant.objects.filter(user=journey.reviewer).update(ended_at=journey.now())
    back = actions.roll_back(asset=FAMILY, number=1, actor=journey.publisher, why="Worse.", now=journey.now())
    assert journey.carry_out(back).status == "done"


@pytest.mark.parametrize("at", ["2026-11-24T12:00:00+00:00", "2026-11-24T12:00:00"])
def test_an_event_that_says_nothing_sound_hides_no_other(journey: Journey, at: str) -> None:
    review = journey.review()
    for details in POISONS:
        poison(testimony.DECIDED, f"review:{review.pk}", details, at=at)
        poison("role.granted", "person:rita", details, at=at)
    promotion = journey.approved(review)
    assert wrong(promotion, journey) == {}
    assert journey.carry_out(promotion).status == "done"


def test_a_grant_that_says_nothing_sound_gives_nothing_and_takes_nothing(
    journey: Journey, signed: Promotion
) -> None:
    for details in POISONS:
        poison("role.granted", "person:rita", details, at=NOON.isoformat())
    sequence.sequence()
    assert said(signed, journey) == ""
    forget_grants()
    assert NO_GRANT in said(signed, journey)


@pytest.mark.slow
def test_an_exception_counts_by_the_event_that_granted_it(house: Journey) -> None:
    review = reviewed(house, "2026-09-duplicates")
    answered(house, review, "approve")
    (waiver,) = Waiver.objects.all()
    event = testimony.granted(waiver)
    assert event is not None
    earlier = waiver.at - timedelta(days=9)
    for name, other in {"at": earlier, "signed_by": ["ann"], "statement_id": "0" * 64}.items():
        kept = getattr(waiver, name)
        setattr(waiver, name, other)
        assert testimony.granted(waiver) is None
        setattr(waiver, name, kept)
    poison(testimony.GRANTED, f"exception:{waiver.request_id}", None, at=NOON.isoformat())
    assert testimony.granted(waiver) == event


@pytest.mark.slow
def test_an_exception_that_is_dated_back_lets_nothing_be_published(house: Journey) -> None:
    """Its key could have been retired since: when it was signed is what the signed log says."""
    review = reviewed(house, "2026-09-duplicates")
    answered(house, review, "approve")
    (waiver,) = Waiver.objects.all()
    rewrite("waivers_waiver", "at = at - interval '1 second'")
    with pytest.raises(AssertionError):
        released(house, review)
    failed = Promotion.objects.get()
    assert (failed.status, Current.objects.exists()) == ("failed", False)
    assert f"No event tells of the exception {waiver.pk}." in failed.failure
