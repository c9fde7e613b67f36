"""Decisions: by whom, on what, once; when one settles a review, and when it may be thought over."""

from typing import Any

import pytest

from kfm_review.accounts.models import Clearance, RoleGrant, User
from kfm_review.errors import Changed, Invalid, Missing, NotAllowed, NotPossible, Refused
from kfm_review.releases import actions as releases
from kfm_review.releases import promoting
from kfm_review.reviews import actions
from kfm_review.reviews.models import Decision, Review
from tests.kfm_review import world
from tests.kfm_review.journey import Journey, events, posted
from tests.kfm_review.world import NOON, person

pytestmark = pytest.mark.django_db


def decide(review: Review, by: User, verdict: str = "approve", **more: Any) -> Decision:
    """Decide on a review made without a worker."""
    said = {"manifest": review.manifest_id, "reason": "Looked at.", "now": NOON, **more}
    made = actions.decide(review_id=review.pk, actor=by, verdict=verdict, **said)
    review.refresh_from_db()
    return made


@pytest.mark.parametrize(
    ("verdict", "status"),
    [("approve", "approved"), ("return", "returned"), ("reject", "rejected"), ("abstain", "open")],
)
def test_a_decision_is_written_recorded_and_settles_the_review(verdict: str, status: str) -> None:
    review, rita = world.review(person("stella")), person("rita", "reviewer")
    made = decide(review, rita, verdict, reason=" Looked at. ")
    assert (made.by, made.n, made.role, made.reason) == (rita, 1, "reviewer", "Looked at.")
    assert (made.manifest_id, review.status) == (review.manifest_id, status)
    assert review.settled_at == (None if status == "open" else NOON)
    assert events() == ["review.decided", *([] if status == "open" else [f"review.{status}"])]
    assert posted("review-approved") == ([{"review": review.pk}] if status == "approved" else [])


def test_nobody_decides_on_his_own_whatever_roles_he_holds() -> None:
    stella, sven = person("stella", "steward", "reviewer", "governance", "admin"), person("sven")
    for own in (world.review(stella, author=sven), world.review(None, author=stella)):
        for verdict in ("approve", "return", "reject", "abstain"):
            with pytest.raises(NotAllowed, match="somebody else decides") as refused:
                decide(own, stella, verdict)
            assert refused.value.status == 403


@pytest.mark.parametrize("roles", [(), ("steward",), ("publisher",), ("auditor",), ("admin",)])
def test_who_holds_no_deciding_role_decides_nothing(roles: tuple[str, ...]) -> None:
    review = world.review(person("stella"))
    with pytest.raises(NotAllowed):
        decide(review, person("nora", *roles))
    assert not Decision.objects.exists()


def test_a_reviewer_of_another_family_decides_nothing() -> None:
    review = world.review(person("stella"))
    with pytest.raises(NotAllowed, match="for ks_airports"):
        decide(review, person("otto", "reviewer", family="ks_drought"))
    decide(review, person("anna", "reviewer", family="ks_airports"))


def test_a_closed_account_and_an_ended_role_decide_nothing() -> None:
    review, rita, rolf = (
        world.review(person("stella")),
        person("rita", "reviewer"),
        person("rolf", "reviewer"),
    )
    User.objects.filter(pk=rita.pk).update(is_active=False)
    RoleGrant.objects.filter(user=rolf).update(ended_at=NOON)
    for somebody in (rita, rolf):
        with pytest.raises(NotAllowed):
            decide(review, somebody)


def test_what_somebody_approved_who_left_waits_for_somebody_else() -> None:
    review, rita = world.review(person("stella")), person("rita", "reviewer")
    decide(review, rita)
    RoleGrant.objects.filter(user=rita).update(ended_at=NOON)
    decide(review, person("ruth", "reviewer"), "return")
    assert review.status == "returned"


def test_governance_may_send_back_but_not_approve_what_asks_for_a_reviewer() -> None:
    review, gail = world.review(person("stella")), person("gail", "governance")
    with pytest.raises(NotAllowed, match="It needs the approval of a reviewer; you hold governance"):
        decide(review, gail)
    assert decide(review, gail, "return").role == "governance"
    assert review.status == "returned"


@pytest.mark.parametrize("outcome", ["FAIL", "ERROR"])
def test_what_failed_or_broke_is_never_approved(outcome: str) -> None:
    review, rita = world.review(person("stella"), outcome=outcome), person("rita", "reviewer")
    with pytest.raises(NotPossible, match=f"The run is {outcome}. Request changes; mend it"):
        decide(review, rita)
    decide(review, rita, "return")


def test_a_stale_review_is_not_approved() -> None:
    review, rita = world.review(person("stella")), person("rita", "reviewer")
    Review.objects.filter(pk=review.pk).update(stale_at=NOON, stale_why="Release 2 became current.")
    with pytest.raises(NotPossible, match="overtook its base"):
        decide(review, rita)


@pytest.mark.parametrize("shown", ["", "0" * 64, "sha256:"])
def test_a_decision_on_other_content_than_stands_here_is_told_so(shown: str) -> None:
    review, rita = world.review(person("stella")), person("rita", "reviewer")
    with pytest.raises(Changed) as changed:
        decide(review, rita, manifest=shown)
    assert (changed.value.status, review.manifest_id[:8] in str(changed.value)) == (409, True)
    assert not Decision.objects.exists()


@pytest.mark.parametrize(
    ("verdict", "outcome"),
    [("approve", "REVIEW"), ("return", "PASS"), ("reject", "PASS"), ("abstain", "PASS")],
)
def test_a_reason_is_asked_for(verdict: str, outcome: str) -> None:
    review, rita = world.review(person("stella"), outcome=outcome), person("rita", "reviewer")
    with pytest.raises(Invalid, match="Say why"):
        decide(review, rita, verdict, reason=" ")


def test_what_passed_is_approved_without_a_reason() -> None:
    review = world.review(person("stella"), outcome="PASS")
    assert decide(review, person("rita", "reviewer"), reason="").reason == ""


def test_a_word_that_is_no_decision_is_refused() -> None:
    review = world.review(person("stella"))
    with pytest.raises(Invalid, match="'waive' is no decision"):
        decide(review, person("rita", "reviewer"), "waive")


def test_who_comes_second_is_told_who_was_first() -> None:
    review, rita, rolf = (
        world.review(person("stella")),
        person("rita", "reviewer"),
        person("rolf", "reviewer"),
    )
    decide(review, rita, "reject")
    with pytest.raises(NotPossible, match="This review is rejected already by Rita") as late:
        decide(review, rolf)
    assert late.value.status == 409
    assert Decision.objects.count() == 1


def test_a_superseded_review_takes_no_decision() -> None:
    review = world.review(person("stella"))
    Review.objects.filter(pk=review.pk).update(status="superseded")
    with pytest.raises(Changed, match="A newer run took this one's place"):
        decide(review, person("rita", "reviewer"))


def test_two_approvals_of_two_people_are_two() -> None:
    review = world.review(person("stella"), needed=2)
    rita, rolf = person("rita", "reviewer"), person("rolf", "reviewer")
    decide(review, rita)
    decide(review, rita, reason="Looked at twice.")
    assert (review.status, posted("review-approved")) == ("open", [])
    decide(review, rolf)
    assert review.status == "approved"
    assert [(one.by.username, one.n) for one in Decision.objects.order_by("pk")] == [
        ("rita", 1),
        ("rita", 2),
        ("rolf", 1),
    ]


@pytest.mark.parametrize(
    ("verdict", "status"), [("abstain", "open"), ("return", "returned"), ("reject", "rejected")]
)
def test_who_approved_may_think_again_until_promotion_begins(verdict: str, status: str) -> None:
    review, rita = world.review(person("stella")), person("rita", "reviewer")
    decide(review, rita)
    assert decide(review, rita, verdict).n == 2
    assert review.status == status
    assert events()[-1] == ("review.reopened" if status == "open" else f"review.{status}")


def test_a_decision_sent_once_more_is_the_same_one() -> None:
    review, rita = world.review(person("stella")), person("rita", "reviewer")
    assert decide(review, rita) == decide(review, rita, reason="Looked at. ")
    assert events("review.decided") == ["review.decided"]
    assert posted("review-approved") == [{"review": review.pk}]


def test_nobody_thinks_again_for_another() -> None:
    review = world.review(person("stella"))
    decide(review, person("rita", "reviewer"))
    with pytest.raises(NotPossible, match="approved already by Rita"):
        decide(review, person("rolf", "reviewer"), "reject")


def test_once_its_promotion_has_begun_an_approval_is_final(journey: Journey) -> None:
    promotion = journey.queued()
    review = promotion.release.review
    assert promoting._begin(promotion.pk, now=journey.now) is not None
    actions.begin_promotion(review.pk, now=journey.now())
    with pytest.raises(NotPossible, match="A promotion of it has begun"):
        journey.decide(review, "reject")


def test_a_change_of_mind_before_that_stops_the_promotion(journey: Journey) -> None:
    promotion = journey.queued()
    journey.decide(promotion.release.review, "abstain")
    journey.carry_out(promotion)
    assert (promotion.status, "The review is open." in promotion.failure) == ("failed", True)
    assert not journey.public.exists()


def test_approved_anew_it_is_promoted_anew_by_itself(journey: Journey) -> None:
    promotion = journey.queued()
    review = promotion.release.review
    journey.decide(review, "abstain")
    journey.carry_out(promotion)
    journey.decide(review)
    second = releases.promote(review_id=review.pk, now=journey.now())
    assert second is not None
    assert (second.release, journey.carry_out(second).status) == (promotion.release, "done")
    assert releases.promote(review_id=review.pk, now=journey.now()) is None


def test_what_a_person_may_not_see_is_not_there_for_him() -> None:
    review, rita = world.review(person("stella"), label="restricted"), person("rita", "reviewer")
    with pytest.raises(NotAllowed, match="clearance for restricted"):
        decide(review, rita)
    with pytest.raises(Missing):
        decide(review, person("otto", "reviewer", family="ks_wells"))
    Clearance.objects.create(user=rita, label="restricted", until=NOON.date(), granted_at=NOON)
    decide(review, rita, "return")


def test_there_is_no_such_review() -> None:
    rita = person("rita", "reviewer")
    for act in (
        lambda: actions.decide(
            review_id=4711, manifest="", verdict="approve", reason="", actor=rita, now=NOON
        ),
        lambda: actions.request_again(review_id=4711, now=NOON),
    ):
        with pytest.raises(Missing, match="There is no review 4711"):
            act()


def test_a_refusal_is_never_written_down_as_a_decision() -> None:
    review, nora = world.review(person("stella")), person("nora")
    with pytest.raises(Refused):
        decide(review, nora)
    assert (Decision.objects.count(), events()) == (0, [])
