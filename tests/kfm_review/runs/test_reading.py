"""Results that are not what was asked for, or not whole, are never kept; the run is begun again instead."""

from dataclasses import replace
from typing import Any

import pytest

from kfm_review.reviews import actions as reviews
from kfm_review.reviews.models import Review
from kfm_review.runs.models import Document, Manifest, Run
from kfm_review.runs.states import Status
from pipelines import closing
from pipelines.catalog import prov
from pipelines.model import Outcome
from tests.kfm_review.journey import Journey, posted
from tests.kfm_review.world import digest

ABSENT = digest("nobody wrote this")


def made(journey: Journey, run: Run) -> Any:
    """Return the manifest that the run's worker would report."""
    return journey.results.of(journey.job(run), inbox=journey.root / "inbox")


def refused(journey: Journey, run: Run, message: dict[str, Any]) -> str:
    """Report a result that must not be kept; return why it was not."""
    review = reviews.receive(message, now=journey.now())
    run.refresh_from_db()
    assert (review, run.status, run.manifest) == (None, Status.REQUESTED, None)
    assert (Manifest.objects.count(), Document.objects.count(), Review.objects.count()) == (0, 0, 0)
    assert journey.job(run).attempt == 2
    return run.attempts.get(number=1).why


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"asset": "ks_drought"}, "The manifest's asset is ks_drought"),
        ({"family": "ks_drought"}, "The manifest's family is ks_drought"),
        ({"partition": "north"}, "The manifest's partition is north"),
        ({"edition": "2026-09"}, "The manifest's edition is 2026-09, asked for was 2024-10."),
        ({"channel": "restricted"}, "The manifest's channel is restricted"),
        ({"base": ABSENT}, f"The manifest's base is {ABSENT}"),
    ],
)
def test_the_manifest_of_another_thing_is_not_kept(
    journey: Journey, wrong: dict[str, Any], said: str
) -> None:
    run = journey.ask()
    journey.result(run)
    assert said in refused(journey, run, journey.report(run, replace(made(journey, run), **wrong)))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"manifest": ABSENT}, "is not in the store"),
        ({"prov": ABSENT}, "is not in the store"),
        ({"manifest": "../../etc/passwd"}, "is not a digest"),
        ({"manifest": None}, "is not a digest"),
        ({"prov": 7}, "is not a digest"),
    ],
)
def test_what_is_not_in_the_store_is_not_kept(journey: Journey, wrong: dict[str, Any], said: str) -> None:
    run = journey.ask()
    assert said in refused(journey, run, journey.result(run, **wrong))


@pytest.mark.parametrize("content", [b"", b"{}", b"not JSON", b'{"schema":"kfm/manifest/1"}'])
def test_a_document_that_is_no_manifest_is_not_kept(journey: Journey, content: bytes) -> None:
    run = journey.ask()
    message = journey.result(run, manifest=journey.store.put(content))
    assert "manifest" in refused(journey, run, message).lower()


@pytest.mark.parametrize("what", ["manifest", "prov", "data", "tiles", "stac", "dcat", "preview"])
def test_one_flipped_byte_anywhere_is_noticed(journey: Journey, what: str) -> None:
    run = journey.ask()
    message, content = journey.result(run), made(journey, run)
    named = {artifact.role: artifact.sha256 for artifact in content.artifacts}
    sha256 = {**named, **content.catalogs, "manifest": message["manifest"], "prov": message["prov"]}[what]
    journey.flip(sha256)
    assert f"sha256:{sha256[:8]} is damaged" in refused(journey, run, message)


def test_a_prov_document_that_speaks_of_another_manifest_leaves_the_set_open(journey: Journey) -> None:
    run = journey.ask()
    message = journey.result(run)
    attempt = closing.attempt(journey.job(run), started=journey.now(), ended=journey.now())
    other = replace(made(journey, run), title="Another title")
    message["prov"] = journey.store.put(prov.document(other, attempt=attempt))
    assert "prov" in refused(journey, run, message)


def test_a_run_that_broke_cannot_have_passed(journey: Journey) -> None:
    run = journey.ask()
    said = refused(journey, run, journey.result(run, kind="failed"))
    assert "must have an ERROR manifest" in said


ODD = (
    *(
        ("prov", odd)
        for odd in (b"", b"null", b'{"@context":{},"@graph":5}', b'{"@context":{},"@graph":[1]}')
    ),
    *(("stac", odd) for odd in (b"[]", b"1")),
    ("dcat", b"[]"),
)


@pytest.mark.parametrize(("kind", "content"), ODD)
def test_a_document_that_is_no_such_document_breaks_no_more_than_its_own_run(
    journey: Journey, kind: str, content: bytes
) -> None:
    run = journey.ask()
    message, odd = journey.result(run), journey.store.put(content)
    if kind != "prov":
        told = made(journey, run)
        message = journey.report(run, replace(told, catalogs={**told.catalogs, kind: odd}))
    assert refused(journey, run, {**message, "prov": odd} if kind == "prov" else message)


def test_artifacts_without_catalogs_leave_the_set_open(journey: Journey) -> None:
    run = journey.ask()
    journey.result(run)
    message = journey.report(run, replace(made(journey, run), catalogs={}))
    assert "triad.catalogs" in refused(journey, run, message)


def test_an_outcome_that_its_gates_did_not_say_is_not_kept(journey: Journey) -> None:
    run = journey.ask()
    journey.result(run)
    better = replace(made(journey, run), outcome=Outcome.PASS)
    assert "manifest.outcome" in refused(journey, run, journey.report(run, better))


def test_a_gate_that_answers_twice_is_not_kept(journey: Journey) -> None:
    run = journey.ask()
    journey.result(run)
    content = made(journey, run)
    twice = replace(content, gates=(*content.gates, content.gates[0]))
    assert "manifest.gates" in refused(journey, run, journey.report(run, twice))


def test_a_gate_that_says_nothing_is_missed(journey: Journey) -> None:
    run = journey.ask()
    journey.result(run)
    content = made(journey, run)
    silent = replace(content, gates=tuple(gate for gate in content.gates if gate.gate != "keys"))
    assert "no word of keys" in refused(journey, run, journey.report(run, silent))


def test_what_another_definition_of_the_family_made_is_not_kept(journey: Journey) -> None:
    run = journey.ask()
    journey.result(run)
    other = replace(made(journey, run), family_digest=ABSENT)
    assert "another definition" in refused(journey, run, journey.report(run, other))


def test_the_provenance_of_another_run_is_not_kept(journey: Journey) -> None:
    other, run = journey.ask("2024-10"), journey.ask("2025-09")
    message, foreign = journey.result(run), journey.result(other)
    attempt = closing.attempt(journey.job(other), started=journey.now(), ended=journey.now())
    message["prov"] = journey.store.put(prov.document(made(journey, run), attempt=attempt))
    assert foreign["prov"] != message["prov"]
    assert "attempt" in refused(journey, run, message)


def test_a_delivered_file_is_what_was_read(journey: Journey) -> None:
    run = journey.ask("2026-10", upload_ids={"airports": journey.delivered("2024-10").pk})
    journey.result(run)
    content = made(journey, run)
    [pinned] = content.inputs
    other = replace(content, inputs=(replace(pinned, sha256=ABSENT),))
    assert "delivered" in refused(journey, run, journey.report(run, other))


def test_a_text_that_no_row_can_hold_is_not_kept(journey: Journey) -> None:
    run = journey.ask()
    journey.result(run)
    content = made(journey, run)
    null = replace(content, gates=(replace(content.gates[0], evidence="a\x00b"), *content.gates[1:]))
    assert "null sign" in refused(journey, run, journey.report(run, null))


def test_a_refused_result_costs_an_attempt_and_in_the_end_the_run(journey: Journey) -> None:
    run = journey.ask()
    for _ in range(3):
        reviews.receive(journey.result(run, manifest=ABSENT), now=journey.now())
    assert posted("pool.light")[-1]["task"] == "pipelines.bury"
    assert "was refused" in posted("pool.light")[-1]["why"]
    review = reviews.receive(journey.burial(run), now=journey.now())
    run.refresh_from_db()
    assert run.status == Status.LOST
    assert review is not None
