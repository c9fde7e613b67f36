"""Rows say what the manifest says, word for word, and say it once."""

import pytest

from kfm_review.reviews import actions
from kfm_review.reviews.models import Review
from kfm_review.runs.models import Artifact, Document, Finding, Manifest, Run
from pipelines import digest, manifest
from tests.kfm_review.journey import Journey


@pytest.fixture
def review(journey: Journey) -> Review:
    journey.published("2024-10")
    return journey.review("2026-09")


def test_a_manifest_s_rows_say_what_its_bytes_say(journey: Journey, review: Review) -> None:
    told, row = manifest.read(journey.store, review.manifest_id), review.manifest
    row.refresh_from_db()
    assert digest.canonical(row.body) == told.content
    assert (row.outcome, row.base, row.label) == (told.outcome, told.base, "public")
    assert (row.input_hash, row.content_digest) == (told.input_hash, told.content_digest)
    assert told.score is not None
    assert row.score == told.score.value
    assert {(one.role, one.media_type, one.sha256, one.size) for one in row.artifacts.all()} == {
        (one.role, one.media_type, one.sha256, one.size) for one in told.artifacts
    }


def test_gates_and_findings_stand_in_the_manifest_s_order(journey: Journey, review: Review) -> None:
    told = manifest.read(journey.store, review.manifest_id)
    rows = list(review.manifest.gates.order_by("position"))
    assert [(row.gate, row.outcome, row.measured, row.limit) for row in rows] == [
        (one.gate, one.outcome, one.measured, one.limit) for one in told.gates
    ]
    for row, one in zip(rows, told.gates, strict=True):
        found = row.findings.order_by("position").values_list("rule", "message", "remedy", "where")
        assert list(found) == [(each.rule, each.message, each.remedy, each.where) for each in one.findings]


def test_counts_of_a_first_edition_are_unknown_and_never_zero(review: Review) -> None:
    first = Manifest.objects.get(edition="2024-10").diff
    assert (first.state, first.added, first.artifact) == ("first", None, None)
    compared = review.manifest.diff
    assert (compared.state, compared.added, compared.removed, compared.moved) == ("compared", 19, 13, 12)
    assert compared.artifact is not None


def test_the_same_manifest_of_two_runs_is_written_once_and_its_documents_twice(journey: Journey) -> None:
    first = journey.review("2026-09-swapped")
    journey.decide(first, "return")
    before = (Manifest.objects.count(), Artifact.objects.count(), Finding.objects.count())
    second = journey.review("2026-09-swapped")
    assert second.manifest_id == first.manifest_id
    assert (Manifest.objects.count(), Artifact.objects.count(), Finding.objects.count()) == before
    assert {document.run_id for document in Document.objects.all()} == {first.run_id, second.run_id}


def test_a_run_keeps_what_its_attempt_left_behind(journey: Journey, review: Review) -> None:
    run = Run.objects.get(pk=review.run_id)
    told = manifest.read(journey.store, review.manifest_id)
    assert (run.manifest_id, run.spec_hash, run.input_hash) == (told.digest, told.spec_hash, told.input_hash)
    assert run.ended_at is not None
    assert run.attempts.get().ended_at is not None
    kinds = dict(run.documents.values_list("kind", "sha256"))
    assert kinds == {**told.catalogs, "prov": run.prov_digest}


def test_what_a_buried_run_leaves_is_its_end_and_the_tail_of_its_log(journey: Journey) -> None:
    run = journey.ask()
    review = actions.receive(journey.burial(run), now=journey.now())
    assert review is not None
    tail = review.manifest.artifacts.get()
    assert (tail.role, journey.store.read(tail.sha256)) == ("log-tail", b"Ouch.")
    assert set(review.manifest.gates.values_list("outcome", flat=True)) == {"NOT_RUN"}
    assert review.manifest.score is None
