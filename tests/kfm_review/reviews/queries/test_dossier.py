"""The desk's evidence: everything about one review, and only what its viewer may see."""

from dataclasses import replace
from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from kfm_review.accounts.models import Clearance
from kfm_review.errors import Missing
from kfm_review.people.queries import viewer
from kfm_review.reviews import actions
from kfm_review.reviews.models import Decision, Review
from kfm_review.reviews.queries.activity import activity
from kfm_review.reviews.queries.dossier import dossier, latest_of, sent_back
from kfm_review.runs.models import Artifact, Finding
from kfm_review.runs.withheld import Sight
from tests.kfm_review import world
from tests.kfm_review.journey import Journey
from tests.kfm_review.viewers import ANYONE, cleared
from tests.kfm_review.world import NOON, digest, person

pytestmark = pytest.mark.django_db


def decide(review: Review, name: str, *verdicts: str) -> None:
    """Let a person decide once or more, past every action."""
    by = person(name, "reviewer")
    for n, verdict in enumerate(verdicts, 1):
        said = {"verdict": verdict, "role": "reviewer", "at": NOON + timedelta(minutes=n)}
        Decision.objects.create(review=review, manifest=review.manifest, by=by, n=n, **said)


def test_a_dossier_holds_the_evidence_of_a_real_run(journey: Journey) -> None:
    found = dossier(journey.review("2024-10").pk, viewer=ANYONE)
    assert len(found.gates) == 18
    assert [gate.gate for gate in found.remarkable] == ["rows", "drift"]
    assert found.stopping == ()
    assert found.style is not None
    assert {document.kind for document in found.documents} == {"stac", "dcat", "prov"}
    assert found.gates[6].findings.all()[0].rule == "rows.first"
    assert (found.by_hand, found.current) == (False, None)
    assert [person.username for person in found.approvers] == ["rita"]


def test_the_map_knows_the_release_s_tiles_and_what_is_counted(journey: Journey) -> None:
    first = journey.published("2024-10").release
    found = dossier(journey.review("2026-09").pk, viewer=ANYONE)
    assert found.base_tiles == Artifact.objects.get(manifest_id=first.manifest_id, role="tiles")
    assert (found.kind, found.unit) == ("vector", "rows")


def test_tiles_that_a_viewer_may_not_see_are_not_named() -> None:
    base = world.review(None, edition="2026-08", label="restricted").manifest
    tiles = Artifact.objects.create(manifest=base, role="tiles", media_type="x", sha256=digest("t"), size=1)
    review = world.review(None, base=base.pk)
    assert dossier(review.pk, viewer=ANYONE).base_tiles is None
    assert dossier(review.pk, viewer=cleared("restricted")).base_tiles is None
    revealed = cleared("restricted", revealed=(base, review.manifest))
    assert dossier(review.pk, viewer=revealed).base_tiles == tiles


def test_a_run_that_was_stopped_shows_the_map_of_what_was_read(journey: Journey) -> None:
    found = dossier(journey.review("2026-09-swapped").pk, viewer=ANYONE)
    assert found.style == found.artifacts["input-preview"]
    assert "crs" in [gate.gate for gate in found.stopping]


def test_each_person_stands_with_the_latest_word(journey: Journey) -> None:
    review = journey.review("2024-10")
    journey.decide(review, "abstain")
    journey.decide(review, "approve")
    found = dossier(review.pk, viewer=ANYONE)
    assert len(found.decisions) == 2
    assert [decision.verdict for decision in found.standing] == ["approve"]


def test_the_worst_gates_stand_first() -> None:
    review = world.review(None, outcome="FAIL")
    assert [gate.outcome for gate in dossier(review.pk, viewer=ANYONE).remarkable] == ["FAIL"]


def test_who_may_approve_is_neither_requester_nor_author() -> None:
    stella, rita = person("stella", "steward", "reviewer"), person("rita", "reviewer")
    person("gail", "governance")
    review = world.review(stella)
    assert dossier(review.pk, viewer=ANYONE).approvers == (rita,)


def test_other_reviews_of_the_edition_stand_beside_it() -> None:
    stella = person("stella")
    earlier, other = world.review(stella), world.review(stella, edition="2024-10")
    review = world.review(stella)
    decide(earlier, "rita", "reject")
    found = dossier(review.pk, viewer=ANYONE)
    assert found.earlier == (earlier,)
    assert other not in found.earlier
    assert [decision.by.username for decision in found.earlier[0].decisions.all()] == ["rita"]


@pytest.mark.parametrize("label", ["restricted", "quarantine", ""])
def test_what_a_person_is_not_cleared_for_is_an_outline(label: str) -> None:
    hidden, shown = world.review(None, label=label), world.review(None)
    found = dossier(hidden.pk, viewer=ANYONE)
    assert (found.sight, found.lacks) == (Sight.OUTLINE, (label or "quarantine",))
    assert {(gate.measured, gate.limit, gate.value, gate.remedy) for gate in found.gates} == {
        ("", "", None, "")
    }
    assert [gate.outcome for gate in found.gates] == ["PASS", "PASS", "REVIEW", "PASS"]
    assert (found.artifacts, found.documents, found.trends) == ({}, (), {})
    assert (found.review.manifest.diff.state, found.review.manifest.diff.added) == ("withheld", None)
    assert dossier(shown.pk, viewer=ANYONE).earlier == ()


def test_who_looks_at_another_family_only_is_told_nothing() -> None:
    hidden = world.review(None, label="restricted")
    other = replace(ANYONE, roles=frozenset({("reviewer", "ks_wells")}))
    with pytest.raises(Missing, match=f"There is no review {hidden.pk}"):
        dossier(hidden.pk, viewer=other)


def test_who_is_cleared_sees_figures_and_once_revealed_everything() -> None:
    review = world.review(None, label="restricted")
    Finding.objects.create(
        result=review.manifest.gates.all()[0], position=0, rule="r", message="K1", remedy=""
    )
    for revealed, sight in (((), Sight.FIGURES), ((review.manifest,), Sight.EXACT)):
        found = dossier(review.pk, viewer=cleared("restricted", revealed=revealed))
        assert (found.sight, found.review.manifest.diff.added) == (sight, 19)
        assert len(found.artifacts) == 2 * bool(revealed)
        assert sum(len(gate.findings.all()) for gate in found.gates) == bool(revealed)


def test_only_who_is_cleared_is_named_among_those_who_may_approve() -> None:
    rita, _ = person("rita", "reviewer"), person("rolf", "reviewer")
    Clearance.objects.create(user=rita, label="restricted", until=NOON.date(), granted_at=NOON)
    review = world.review(None, label="restricted")
    assert dossier(review.pk, viewer=ANYONE).approvers == (rita,)


def test_there_is_no_such_review() -> None:
    with pytest.raises(Missing):
        dossier(4711, viewer=ANYONE)


def test_a_dossier_costs_a_fixed_number_of_queries(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    stella = person("stella")
    for _ in range(5):
        review = world.review(stella)
        decide(review, f"rita-{review.pk}", "approve", "abstain")
    Artifact.objects.create(
        manifest=review.manifest, role="tiles", media_type="x", sha256=digest("tiles"), size=1
    )
    with django_assert_num_queries(14):
        found = dossier(review.pk, viewer=ANYONE)
        assert all(list(gate.findings.all()) == [] for gate in found.gates)
        assert [decision.by.username for decision in found.decisions]
        assert [(one.run.alias, list(one.decisions.all())) for one in found.earlier]


def test_the_newest_review_of_a_manifest_is_found(journey: Journey) -> None:
    first = journey.review("2026-09-swapped")
    journey.decide(first, "return")
    second = journey.review("2026-09-swapped")
    assert latest_of(first.manifest_id) == second
    assert latest_of(digest("nothing")) is None


def test_what_was_sent_back_waits_for_its_author_until_it_is_answered(journey: Journey) -> None:
    review = journey.review("2026-09-swapped")
    journey.decide(review, "return")
    assert list(sent_back(journey.steward.pk)) == [review]
    assert list(sent_back(journey.reviewer.pk)) == []
    journey.review("2026-09", answers=review.pk)
    assert list(sent_back(journey.steward.pk)) == []
    assert actions.request_again(review_id=review.pk, now=NOON) is None


def test_what_lies_before_people_already_answers_as_well(journey: Journey) -> None:
    right, wrong = journey.review("2026-09"), journey.review("2026-09-swapped")
    journey.decide(wrong, "return")
    run = journey.ask("2026-09", answers=wrong.pk)
    assert list(sent_back(journey.steward.pk)) == []  # it is under way
    assert journey.finish(run) is None
    assert list(sent_back(journey.steward.pk)) == []
    assert activity(run.pk, viewer=viewer(journey.reviewer, today=NOON.date())).review == right
