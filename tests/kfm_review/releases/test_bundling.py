"""Evidence of what really went through the house: gathered, checked alone, always the same bytes."""

from datetime import timedelta

import pytest

from kfm_review.audit import sequence
from kfm_review.audit.logkey import LogKey
from kfm_review.audit.models import Cosignature, Event
from kfm_review.control import results
from kfm_review.errors import Missing, NotPossible
from kfm_review.people.queries import Viewer
from kfm_review.releases import actions, bundling, promoting, verifying
from kfm_review.releases.models import Promotion
from kfm_review.reviews import excusing
from kfm_review.reviews.models import Review
from kfm_review.runs import withheld
from kfm_review.signing import statements
from kfm_review.waivers.models import Request, Waiver
from kfm_review.waivers.rules import Asked
from pipelines.bundle import archive, contents, writing
from pipelines.bundle import verifying as checking
from pipelines.proof import envelope, note
from tests.kfm_review.journey import FAMILY, Journey
from tests.kfm_review.releases.test_attested import signed
from tests.kfm_review.releases.vouched import rewrite
from tests.kfm_review.world import person
from tests.pipelines.bundle import signers

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
ROLE = frozenset({("auditor", "")})
ANYBODY = Viewer(id=1, name="ada", roles=ROLE, labels=withheld.ANYBODY.labels)
NOBODY = Viewer(id=0, name="", roles=frozenset(), labels=frozenset())


def witnessed(journey: Journey) -> None:
    """Number what was committed, sign it, and have it seen."""
    made = sequence.checkpoint(now=journey.now(), signer=LogKey(private=signers.SEQUENCER))
    at = journey.now()
    text = note.read(made.note).text
    line = note.cosign(text, name="kfm-review/witness", private=signers.WITNESS, at=int(at.timestamp()))
    key = signers.public(signers.WITNESS).fingerprint
    Cosignature.objects.create(checkpoint=made, witness="kfm-review/witness", key=key, line=line, at=at)


def reviewed(journey: Journey, edition: str = "2024-10") -> Review:
    run = journey.ask(edition)
    results.act(signed(journey, run, key=signers.WORKER), now=journey.now())
    return Review.objects.get(run=run)


def released(journey: Journey, review: Review | None = None) -> Promotion:
    """Return a promotion that ended well."""
    found = review or reviewed(journey)
    journey.decide(found)
    promotion = actions.promote(review_id=found.pk, now=journey.now())
    assert promotion is not None
    verifying.ask(promotion.pk, now=journey.now())
    promotion.refresh_from_db()
    verifying.receive(journey.verified(promotion, key=signers.VERIFY), now=journey.now())
    witnessed(journey)
    promoting.carry_out(promotion.pk, now=journey.now)
    promotion.refresh_from_db()
    assert (promotion.status, promotion.failure) == ("done", "")
    return promotion


def answered(journey: Journey, review: Review, decision: str, *, reach: str = "manifest") -> None:
    """Have every failing gate excused, or not, by gia's passkey."""
    failing = [one["gate"] for one in review.manifest.body["gates"] if one["outcome"] == "FAIL"]
    asked = Asked(
        kind="QUALITY_THRESHOLD",
        gates=failing,
        reason_code="MINOR_DEFECT",
        justification="It is small.",
        reach=reach,
        keys=(),
        area=(),
        findings_max=None,
        value_worst=None,
        expires_at=journey.now() + timedelta(days=30),
        obligations=(),
    )
    request = excusing.request(
        review_id=review.pk,
        manifest=review.manifest_id,
        asked=asked,
        actor=journey.steward,
        now=journey.now(),
    )
    gia = person("gia", "governance")
    prepared = excusing.prepare(request_id=request.pk, decision=decision, actor=gia, now=journey.now())
    made = envelope.read(signers.by_passkey(bytes(prepared.body), namespace="exception@kfm-review"))
    now = journey.now()
    said = statements.check(statement=prepared, sig=made.signatures[0].sig, actor=gia, now=now)
    excusing.excuse(statement=prepared, signed=said, actor=gia, now=now)
    review.refresh_from_db()


def against(content: bytes) -> list[str]:
    found = checking.verify(content, root=signers.ROOT_FINGERPRINT)
    return [f"{check.id}: {check.said}" for check in found if not check.holds]


def test_a_release_is_proved_by_its_bundle_alone_and_always_by_the_same(house: Journey) -> None:
    released(house)
    with pytest.raises(NotPossible, match="its place yet"):
        bundling.of_release(FAMILY, 1, channel="public", viewer=ANYBODY)
    witnessed(house)
    content = bundling.of_release(FAMILY, 1, channel="public", viewer=ANYBODY)
    assert against(content) == []
    said = {one.id: one.said for one in checking.verify(content, root=signers.ROOT_FINGERPRINT)}
    assert "asked again: allowed" in said["policy"]
    house.review("2026-09")
    witnessed(house)
    assert bundling.of_release(FAMILY, 1, channel="public", viewer=ANYBODY) == content


def test_a_release_by_exception_is_proved_by_its_bundle_alone(house: Journey) -> None:
    review = reviewed(house, "2026-09-duplicates")
    assert review.outcome == "FAIL"
    answered(house, review, "approve")
    released(house, review)
    witnessed(house)
    content = bundling.of_release(FAMILY, 1, channel="public", viewer=ANYBODY)
    assert against(content) == []
    files = dict(archive.unpack(content).files)
    assert len([name for name in files if name.startswith("exceptions/")]) == 1
    (kept,) = Waiver.objects.all()
    actions_ = Event.objects.filter(target__startswith="exception:").values_list("action", flat=True)
    assert {"exception.requested", "exception.granted"} <= set(actions_)
    del files[f"exceptions/{kept.statement_id}.json"]
    rest = {name: one for name, one in files.items() if name not in contents.MADE}
    assert "no exception excuses it" in " ".join(against(writing.write(rest)))


def test_words_about_a_guarded_run_stand_in_no_bundle_of_another(house: Journey) -> None:
    """An exception for its asset, as somebody could write it past the action that refuses it."""
    guarded = reviewed(house, "2026-09-duplicates")
    answered(house, guarded, "approve", reach="asset")
    review = reviewed(house, "2026-09")
    review.outcome = "FAIL"
    (request,) = Request.objects.all()
    flip = Promotion(started_at=house.now())
    assert bundling._asked(review, flip) == (request,)
    rewrite("runs_manifest", "label = 'restricted' WHERE digest = %s", guarded.manifest_id)
    assert bundling._asked(review, flip) == ()


def test_a_denied_exception_stands_in_the_evidence_of_its_review(house: Journey) -> None:
    review = reviewed(house, "2026-09-duplicates")
    answered(house, review, "deny")
    house.decide(review, "reject")
    witnessed(house)
    content = bundling.of_review(review.pk, viewer=ANYBODY)
    assert against(content) == []
    assert any(name.startswith("exceptions/") for name in archive.unpack(content).files)


def test_a_refused_review_has_its_evidence(house: Journey) -> None:
    review = reviewed(house)
    with pytest.raises(NotPossible, match="not been refused"):
        bundling.of_review(review.pk, viewer=ANYBODY)
    house.decide(review, "reject")
    witnessed(house)
    assert against(bundling.of_review(review.pk, viewer=ANYBODY)) == []


def test_who_may_not_see_it_has_no_evidence(house: Journey) -> None:
    review = reviewed(house)
    house.decide(review, "reject")
    witnessed(house)
    with pytest.raises(Missing, match="for you"):
        bundling.of_review(review.pk, viewer=NOBODY)


def test_what_is_not_there_has_no_evidence(house: Journey) -> None:  # noqa: ARG001  # an empty one
    with pytest.raises(Missing):
        bundling.of_release(FAMILY, 1, channel="public", viewer=ANYBODY)
    with pytest.raises(Missing):
        bundling.of_review(1, viewer=ANYBODY)


def test_a_word_that_only_the_database_says_is_noticed(
    house: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    released(house)
    witnessed(house)
    decisions = bundling._decisions  # as somebody would who writes past the audit

    def rewritten(review: Review) -> bytes:
        return decisions(review).replace(b"Looked at on the map.", b"I did not look at all.")

    monkeypatch.setattr(bundling, "_decisions", rewritten)
    content = bundling.of_release(FAMILY, 1, channel="public", viewer=ANYBODY)
    assert [one.split(":")[0] for one in against(content)] == ["decisions"]
