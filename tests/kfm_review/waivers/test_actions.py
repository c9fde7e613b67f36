"""From a failing review to what stands by exception, and back: who may, in which order, until when."""

from datetime import timedelta
from typing import Any

import pytest

from kfm_review.audit.models import Event
from kfm_review.errors import Changed, Invalid, NotAllowed, NotPossible
from kfm_review.reviews import excusing
from kfm_review.signing import statements
from kfm_review.signing.models import Key, Retirement
from kfm_review.waivers import actions, queries
from kfm_review.waivers.models import Denial, Ending, Need, Waiver
from pipelines.errors import NotProved
from tests.kfm_review.waivers.conftest import Excusable
from tests.kfm_review.world import person

pytestmark = pytest.mark.django_db


def test_what_failed_cannot_be_approved_before_somebody_asks(excusable: Excusable) -> None:
    assert excusable.review.outcome == "FAIL"
    with pytest.raises(NotPossible, match="cannot be approved"):
        excusable.journey.decide(excusable.review)


def test_an_exception_lets_it_be_approved_and_is_on_record(excusable: Excusable) -> None:
    request = excusable.granted()
    assert queries.state(request, at=excusable.now()) == "live"
    assert set(queries.excused(excusable.review.manifest, at=excusable.now()).by) == set(excusable.failing)
    excusable.journey.decide(excusable.review)
    assert excusable.status() == "approved"
    told = set(Event.objects.filter(target=f"exception:{request.pk}").values_list("action", flat=True))
    assert told == {"exception.requested", "exception.granted"}


def test_approval_and_signature_come_in_either_order(excusable: Excusable) -> None:
    request = excusable.request()
    excusable.journey.decide(excusable.review)
    assert excusable.status() == "open"
    excusable.answer(request)
    assert excusable.status() == "approved"


def test_a_denial_is_signed_and_excuses_nothing(excusable: Excusable) -> None:
    request = excusable.answer(excusable.request(), decision="deny")
    assert queries.state(request, at=excusable.now()) == "denied"
    assert Denial.objects.get().by == excusable.governed.user("ann")
    assert not queries.excused(excusable.review.manifest, at=excusable.now()).by
    with pytest.raises(NotPossible):
        excusable.answer(request, "ben")


@pytest.mark.parametrize("who", ["steward", "reviewer", "publisher"])
def test_only_governance_prepares_an_answer(excusable: Excusable, who: str) -> None:
    request = excusable.request()
    with pytest.raises(NotAllowed):
        excusing.prepare(
            request_id=request.pk,
            decision="approve",
            actor=getattr(excusable.journey, who),
            now=excusable.now(),
        )


def test_who_asked_made_or_decided_does_not_sign(excusable: Excusable) -> None:
    ann, journey = excusable.governed.user("ann"), excusable.journey
    asked = excusable.request()
    excusable.review.decisions.model.objects.create(
        review=excusable.review,
        manifest=excusable.review.manifest,
        by=ann,
        n=1,
        verdict="approve",
        role="governance",
        reason="x",
        at=journey.now(),
    )
    with pytest.raises(NotAllowed, match="may not sign"):
        excusable.answer(asked, "ann")
    assert excusable.answer(asked, "ben").waiver.signed_by == ["ben"]


def test_who_signed_or_asked_does_not_decide(excusable: Excusable) -> None:
    sam = person("sam", "steward", "reviewer")
    excusable.granted(by=sam)
    for somebody in (excusable.governed.user("ann"), sam):
        with pytest.raises(NotAllowed, match="may not decide"):
            excusable.journey.decide(excusable.review, by=somebody)


def test_who_decided_does_not_ask(excusable: Excusable) -> None:
    excusable.request()
    excusable.journey.decide(excusable.review)
    with pytest.raises(NotPossible, match="You decided"):
        excusable.request(by=excusable.journey.reviewer)


def test_sovereignty_takes_two_people(excusable: Excusable) -> None:
    request = excusable.request(kind="SOVEREIGNTY")
    ann = excusable.governed.user("ann")
    prepared = excusing.prepare(request_id=request.pk, decision="approve", actor=ann, now=excusable.now())
    half = excusable.sign(prepared, "ann")
    assert queries.state(half, at=excusable.now()) == "waiting"
    with pytest.raises(NotPossible, match="signed this already"):
        excusable.sign(prepared, "ann")
    assert not queries.excused(excusable.review.manifest, at=excusable.now()).by
    assert excusable.sign(prepared, "ben").waiver.signed_by == ["ann", "ben"]


@pytest.mark.parametrize("decision", ["approve", "deny"])
def test_nobody_signs_the_answer_of_another(excusable: Excusable, decision: str) -> None:
    request, ann = excusable.request(), excusable.governed.user("ann")
    prepared = excusing.prepare(request_id=request.pk, decision=decision, actor=ann, now=excusable.now())
    with pytest.raises(NotAllowed, match="answer of ann, who has not signed it"):
        excusable.sign(prepared, "ben")
    assert queries.state(queries.find(request.pk), at=excusable.now()) == "waiting"
    assert excusable.sign(prepared, "ann")


def test_only_what_is_on_the_screen_is_asked_for(excusable: Excusable) -> None:
    with pytest.raises(Changed):
        excusing.request(
            review_id=excusable.review.pk,
            manifest="0" * 64,
            asked=excusable.asked(),
            actor=excusable.journey.steward,
            now=excusable.now(),
        )


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"kind": "ANYTHING"}, "class"),
        ({"kind": "SOVEREIGNTY", "reach": "asset"}, "one manifest only"),
        ({"gates": []}, "Choose the failing gates"),
        ({"gates": ["keys", "rights"]}, "never excuses rights"),
        ({"gates": ["crs"]}, "Choose the failing gates"),
        ({"reason_code": "BECAUSE"}, "Choose the reason"),
        ({"justification": "  "}, "Say why"),
        ({"justification": "half \ud800"}, "Say why"),
        ({"obligations": ("zero \x00",)}, "no text"),
        ({"findings_max": 10**30}, "no bound"),
        ({"findings_max": 0}, "fewer would not help"),
        ({"keys": ("ZZZZ",)}, "do not cover"),
    ],
)
def test_what_policy_does_not_allow_cannot_be_asked(
    excusable: Excusable, more: dict[str, Any], why: str
) -> None:
    with pytest.raises((Invalid, NotPossible), match=why):
        excusable.request(**more)


def test_an_exception_ends_within_its_class(excusable: Excusable) -> None:
    with pytest.raises(Invalid, match="ends on a day"):
        excusable.request(expires_at=excusable.now() + timedelta(days=91))
    with pytest.raises(Invalid, match="ends on a day"):
        excusable.request(expires_at=excusable.now() - timedelta(days=1))


def test_an_expired_exception_puts_its_review_back(excusable: Excusable) -> None:
    excusable.granted()
    excusable.journey.decide(excusable.review)
    assert excusing.expire(now=excusable.now()) == 0
    later = excusable.now() + timedelta(days=31)
    assert not queries.excused(excusable.review.manifest, at=later).by
    assert excusing.expire(now=later) == 1
    assert excusable.status() == "open"
    assert Ending.objects.get().how == "expired"
    assert excusing.expire(now=later) == 0


def test_a_revoked_exception_puts_its_review_back(excusable: Excusable) -> None:
    waiver = excusable.granted().waiver
    excusable.journey.decide(excusable.review)
    ben = excusable.governed.user("ben")
    prepared = actions.prepare_revocation(
        waiver_id=waiver.pk, why="It was not small.", actor=ben, now=excusable.now()
    )
    sig = excusable.governed.sign(prepared, "ben")
    said = statements.check(statement=prepared, sig=sig, actor=ben, now=excusable.now())
    excusing.revoke(statement=prepared, signed=said, actor=ben, now=excusable.now())
    assert excusable.status() == "open"
    assert not queries.excused(excusable.review.manifest, at=excusable.now()).by
    assert Ending.objects.get().why == "It was not small."


def test_a_later_run_that_exceeds_an_exception_voids_it(excusable: Excusable) -> None:
    request = excusable.granted(reach="asset")
    worse = excusable.review.manifest
    body = {**worse.body, "gates": [dict(one) for one in worse.body["gates"]]}
    for gate in body["gates"]:
        if gate["gate"] in excusable.failing:
            gate["findings"] = gate["findings"] * 3
    other = excusable.like(body)
    assert [waiver.pk for waiver in actions.report(other, now=excusable.now())] == [request.waiver.pk]
    assert Need.objects.get().said == "exceeded"
    assert queries.state(queries.find(request.pk), at=excusable.now()) == "voided"


def test_a_later_run_says_whether_it_is_still_needed(excusable: Excusable) -> None:
    excusable.granted(reach="asset")
    same = excusable.like(excusable.review.manifest.body)
    assert actions.report(same, now=excusable.now()) == ()
    clean = [{**one, "outcome": "PASS"} for one in excusable.review.manifest.body["gates"]]
    actions.report(excusable.like({**excusable.review.manifest.body, "gates": clean}), now=excusable.now())
    assert list(Need.objects.order_by("pk").values_list("said", flat=True)) == ["still needed", "not needed"]


def test_a_row_that_says_more_than_was_signed_excuses_nothing(excusable: Excusable) -> None:
    waiver = excusable.granted().waiver
    forged = Waiver(**{field.attname: getattr(waiver, field.attname) for field in Waiver._meta.fields})
    forged.reach = "asset"
    with pytest.raises(NotProved, match="something else than what was signed"):
        queries.verified(forged, at=excusable.now())


def test_an_envelope_is_good_for_its_own_request_alone(excusable: Excusable) -> None:
    waiver = excusable.granted().waiver
    replayed = Waiver(**{field.attname: getattr(waiver, field.attname) for field in Waiver._meta.fields})
    replayed.request_id = waiver.request_id + 1
    with pytest.raises(NotProved, match="another request"):
        queries.verified(replayed, at=excusable.now())


def test_a_key_that_was_retired_before_signed_nothing(excusable: Excusable) -> None:
    waiver = excusable.granted().waiver
    key = Key.objects.get(holder=excusable.governed.user("ann"))
    Retirement.objects.create(
        key=key, by=excusable.governed.user("ben"), at=waiver.at - timedelta(seconds=1), why="Lost."
    )
    assert not queries.excused(excusable.review.manifest, at=excusable.now()).by


def test_a_signature_for_another_request_is_refused(excusable: Excusable) -> None:
    request = excusable.request()
    ann = excusable.governed.user("ann")
    one = excusing.prepare(request_id=request.pk, decision="deny", actor=ann, now=excusable.now())
    other = excusing.prepare(request_id=request.pk, decision="approve", actor=ann, now=excusable.now())
    sig = excusable.governed.sign(one, "ann")
    with pytest.raises(NotAllowed, match="does not count"):
        statements.check(statement=other, sig=sig, actor=ann, now=excusable.now())


def test_what_broke_is_never_excused(excusable: Excusable) -> None:
    broken = [{**one, "outcome": "ERROR"} for one in excusable.review.manifest.body["gates"]]
    excusable.review.manifest.body = {**excusable.review.manifest.body, "gates": broken}
    with pytest.raises(NotPossible, match="only a new run mends"):
        actions.request(
            manifest=excusable.review.manifest,
            author=None,
            asked=excusable.asked(gates=["keys"]),
            actor=excusable.journey.steward,
            now=excusable.now(),
        )
