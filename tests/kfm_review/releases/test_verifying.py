"""The second run of a promotion: what it says is kept; what differs or is forged ends it and holds."""

from typing import Any

import pytest
from django.db import DatabaseError, transaction

from kfm_review.errors import Invalid, NotPossible
from kfm_review.releases import actions, promoting, verifying
from kfm_review.releases.models import Hold, Promotion, Verification
from pipelines import attestation
from tests.kfm_review.journey import FAMILY, Journey, events, posted
from tests.kfm_review.keyring import Keyring
from tests.kfm_review.world import NOON


@pytest.fixture
def waiting(journey: Journey) -> Promotion:
    """Return a promotion that waits for its second run."""
    review = journey.review()
    journey.decide(review)
    made = actions.promote(review_id=review.pk, now=journey.now())
    assert made is not None
    verifying.ask(made.pk, now=journey.now())
    made.refresh_from_db()
    return made


def told(journey: Journey, waiting: Promotion, other: dict[str, Any]) -> dict[str, Any]:
    """Return a verify pool's message whose statement says something else."""
    words = journey.verified(waiting)
    said = attestation.opened(words["envelope"].encode()).statement
    whole: dict[str, Any] = {
        "kind": said.predicate_type,
        "subjects": said.subjects,
        "predicate": said.predicate,
    }
    for name, value in other.items():
        (whole if name in whole else whole["predicate"])[name] = value
    payload = attestation.statement(whole["kind"], subjects=whole["subjects"], predicate=whole["predicate"])
    return {**words, "envelope": payload.decode()}


def test_an_approval_waits_for_the_second_run_and_no_promoter_takes_it_up_before(
    journey: Journey, waiting: Promotion
) -> None:
    [body] = posted("pool.verify")
    order = body["order"]
    assert (order["promotion"], order["nonce"], order["replay"]) == (waiting.pk, waiting.nonce, False)
    assert len(waiting.nonce) == 32
    assert promoting.carry_out(waiting.pk, now=journey.now) is None
    waiting.refresh_from_db()
    assert (waiting.status, posted("promote")) == ("verifying", [])


def test_what_came_out_again_is_kept_with_its_envelope_and_goes_on(
    journey: Journey, waiting: Promotion
) -> None:
    words = journey.verified(waiting)
    kept = verifying.receive(words, now=journey.now())
    assert kept is not None
    assert (kept.reproduced, kept.manifest_id) == (True, waiting.release.manifest_id)
    assert bytes(Verification.objects.get().envelope).decode() == words["envelope"]
    assert posted("promote") == [{"promotion": waiting.pk}]
    assert events("promotion")[-1] == "promotion.verified"
    with pytest.raises(NotPossible, match="Nothing waits"):
        verifying.receive(words, now=journey.now())


def test_a_difference_ends_the_promotion_holds_the_asset_and_is_told(
    journey: Journey, waiting: Promotion
) -> None:
    words = journey.verified(waiting, differences=("The gate rows says FAIL (0) now.",))
    verifying.receive(words, now=journey.now())
    waiting.refresh_from_db()
    held = Hold.objects.get()
    assert (waiting.status, held.set_by, held.lifted_at) == ("failed", None, None)
    assert "The gate rows says FAIL (0) now." in waiting.failure == held.why
    assert {"promotion.not-reproduced", "asset.held", "promotion.failed"} <= set(events())
    assert posted("promote") == []


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"nonce": "0" * 32}, "of another promotion, order or manifest"),
        ({"promotion": 4711}, "of another promotion, order or manifest"),
        ({"subjects": {"manifest": "0" * 64}}, "of another promotion"),
        ({"kind": attestation.ATTEMPT}, "is no verification"),
        ({"predicate": {"reproduced": True}}, "does not say what one must"),
        ({"gates": 0}, "contradicts itself"),
        ({"differences": ["It differs."]}, "contradicts itself"),
        ({"reproduced": "true"}, "contradicts itself"),
    ],
)
def test_a_verification_that_is_not_of_this_order_is_forged(
    journey: Journey, waiting: Promotion, wrong: dict[str, Any], why: str
) -> None:
    assert verifying.receive(told(journey, waiting, wrong), now=journey.now()) is None
    waiting.refresh_from_db()
    assert (waiting.status, Hold.objects.filter(lifted_at=None).count()) == ("failed", 1)
    assert why in waiting.failure
    assert not Verification.objects.exists()


def test_what_is_no_envelope_is_forged(journey: Journey, waiting: Promotion) -> None:
    verifying.receive({**journey.verified(waiting), "envelope": "{}"}, now=journey.now())
    waiting.refresh_from_db()
    assert "no in-toto statement" in waiting.failure


def test_a_verify_process_that_broke_says_so_and_is_asked_again(journey: Journey, waiting: Promotion) -> None:
    words = {"kind": "verified", "promotion": waiting.pk, "nonce": waiting.nonce, "broken": "MemoryError"}
    assert verifying.receive(words, now=journey.now()) is None
    waiting.refresh_from_db()
    assert (waiting.status, Hold.objects.exists()) == ("verifying", False)
    assert "The second run broke: MemoryError" in waiting.failure


@pytest.mark.parametrize("number", [None, True, "1", 0, 2**70])
@pytest.mark.django_db
def test_what_names_no_promotion_is_no_result(number: object) -> None:
    with pytest.raises(Invalid, match="is not the number of a promotion"):
        verifying.receive({"promotion": number}, now=NOON)


def test_one_asked_for_by_a_publisher_is_carried_out_again_whole(journey: Journey) -> None:
    review = journey.review()
    journey.decide(review)
    made = actions.promote_by_hand(
        review_id=review.pk, actor=journey.publisher, why="Now.", now=journey.now(), replay=True
    )
    verifying.ask(made.pk, now=journey.now())
    assert posted("pool.verify")[0]["order"]["replay"] is True


@pytest.mark.parametrize("whole", [True, False])
def test_an_order_that_was_made_less_on_its_way_proves_nothing(journey: Journey, *, whole: bool) -> None:
    review = journey.review()
    journey.decide(review)
    made = actions.promote_by_hand(
        review_id=review.pk, actor=journey.publisher, why="Now.", now=journey.now(), replay=True
    )
    journey.verify(made, replayed=whole)
    assert (made.status, "only its gates" in made.failure) == ("verifying" if whole else "failed", not whole)
    assert (verifying.ready(made), Hold.objects.exists()) == (whole, not whole)


def test_rolling_back_rests_on_what_was_reproduced_before(journey: Journey) -> None:
    journey.published("2024-10")
    journey.published("2026-09")
    before = len(posted("pool.verify"))
    back = actions.roll_back(asset=FAMILY, number=1, actor=journey.publisher, why="Worse.", now=journey.now())
    verifying.ask(back.pk, now=journey.now())
    assert (len(posted("pool.verify")), posted("promote")[-1]) == (before, {"promotion": back.pk})


def test_the_database_lets_no_promotion_run_that_was_not_reproduced(
    journey: Journey, waiting: Promotion
) -> None:
    with pytest.raises(DatabaseError, match="only once a second run has reproduced"), transaction.atomic():
        Promotion.objects.filter(pk=waiting.pk).update(status="running")
    Verification.objects.create(
        promotion=waiting,
        manifest=waiting.release.manifest,
        reproduced=False,
        replayed=False,
        gates=1,
        envelope=b"{}",
        digest="0" * 64,
        at=journey.now(),
    )
    with pytest.raises(DatabaseError, match="only once a second run has reproduced"), transaction.atomic():
        Promotion.objects.filter(pk=waiting.pk).update(status="running")


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("worker", "has not the role verify"),
        ("", "counts only with the signature of one machine"),
        ("verify", ""),
    ],
)
def test_once_a_roster_stands_only_the_verify_pool_s_own_key_counts(
    journey: Journey, waiting: Promotion, keyring: Keyring, name: str, why: str
) -> None:
    words = journey.verified(waiting, key=keyring.private.get(name))
    verifying.receive(words, now=journey.now())
    waiting.refresh_from_db()
    assert (waiting.status, why in waiting.failure) == ("failed" if why else "verifying", True)
    assert Hold.objects.exists() is bool(why)
    assert Verification.objects.exists() is not bool(why)
