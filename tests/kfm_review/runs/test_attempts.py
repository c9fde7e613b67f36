"""Attempts: numbered, posted to the family's pool, told who asked, and heard by their number."""

from functools import partial
from pathlib import Path

import pytest
from django.core.files.base import ContentFile

from kfm_review.errors import NotPossible
from kfm_review.runs import actions, asking, deliveries, naming
from pipelines import spec
from pipelines.catalog import graph, prov_check
from tests.kfm_review.journey import Journey, posted
from tests.kfm_review.world import NOON, person

SYSTEM = "urn:kfm:system"


def test_a_run_that_the_system_asks_for_is_not_ascribed_to_a_person(journey: Journey) -> None:
    first = journey.review("2024-10").run
    run = actions.compare_again(first, why="Another release came out.", now=journey.now())
    assert (run.requested_by, run.author, run.trigger) == (None, journey.steward, "stale")
    job = journey.job(run)
    assert (job.requested_by, job.author) == ("", "stella")
    told = journey.store.read(journey.result(run)["prov"])
    assert not prov_check.check(told)
    assert SYSTEM in {str(agent) for agent in graph.read(told).objects(None, graph.PROV.wasAssociatedWith)}


def test_an_attempt_is_given_up_only_while_it_is_the_one_at_work(journey: Journey) -> None:
    run = journey.ask()
    assert actions.attempt(run.pk, now=journey.now(), number=1) is not None
    assert actions.attempt(run.pk, now=journey.now(), number=1) is None
    assert run.attempts.count() == 2


def test_a_run_of_a_family_that_can_no_longer_be_read_is_still_buried(
    journey: Journey, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    run = journey.ask()
    monkeypatch.setattr(spec, "family", partial(spec.family, root=tmp_path))
    for _ in range(3):
        actions.attempt(run.pk, now=journey.now())
    last = posted("pool.light")[-1]
    assert (last["task"], last["job"]["pool"]) == ("pipelines.bury", "light")


def test_a_family_with_a_mistake_is_named_before_anything_is_asked_of_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "ks_airports").mkdir()
    (tmp_path / "ks_airports" / "pipeline.yaml").write_text("family: ks_airports\n")
    monkeypatch.setattr(spec, "family", partial(spec.family, root=tmp_path))
    with pytest.raises(NotPossible, match="ks_airports cannot be read"):
        asking.family("ks_airports")


def test_ids_sort_by_time_and_aliases_are_said_easily() -> None:
    ids = [naming.run_id(NOON.replace(second=second)) for second in range(3)]
    assert ids == sorted(ids)
    assert {one.version for one in ids} == {7}
    assert naming.alias(0) == "bluestem-0"
    assert naming.secret() != naming.secret()


def test_a_dropped_file_is_kept_by_digest_under_a_clean_name(journey: Journey) -> None:
    made = deliveries.deliver_file(
        of=("ks_airports", "airports"),
        name="../\x00air\nports.csv",
        content=ContentFile(b"a,b\n"),
        actor=journey.steward,
        now=journey.now(),
    )
    assert (made.name, made.size) == ("../airports.csv", 4)
    assert journey.places.inbox.read(made.sha256) == b"a,b\n"


def test_a_run_of_a_delivered_file_names_its_digest_and_its_author(journey: Journey) -> None:
    made = journey.delivered("2024-10")
    run = journey.ask("2026-10", upload_ids={"airports": made.pk})
    assert (run.uploads, run.author) == ({"airports": made.sha256}, journey.steward)
    assert journey.job(run).uploads == {"airports": made.sha256}
    assert journey.finish(run) is not None


def test_other_content_under_the_same_edition_is_another_request(journey: Journey) -> None:
    one, other = journey.delivered("2024-10"), journey.delivered("2026-09")
    first = journey.ask("2026-10", upload_ids={"airports": one.pk})
    assert journey.ask("2026-10", upload_ids={"airports": other.pk}) != first


def test_a_file_is_used_by_whoever_delivered_it_alone(journey: Journey) -> None:
    made, other = journey.delivered("2024-10"), person("sven", "steward")
    with pytest.raises(Exception, match="A delivered file is not there"):
        journey.ask("2026-10", by=other, upload_ids={"airports": made.pk})


def test_a_file_that_is_too_large_is_refused_before_it_is_kept(journey: Journey) -> None:
    with pytest.raises(Exception, match="At most 5,000,000 bytes are read"):
        deliveries.deliver_file(
            of=("ks_airports", "airports"),
            name="huge.csv",
            content=ContentFile(b"x" * 5_000_001),
            actor=journey.steward,
            now=journey.now(),
        )
    assert not list((journey.root / "inbox").rglob("sha256/*/*"))


def test_a_file_for_an_input_that_is_not_there_is_refused_before_it_is_kept(journey: Journey) -> None:
    with pytest.raises(Exception, match="takes no file for 'counties'"):
        deliveries.deliver_file(
            of=("ks_airports", "counties"),
            name="counties.csv",
            content=ContentFile(b"a,b"),
            actor=journey.steward,
            now=journey.now(),
        )
    assert not list((journey.root / "inbox").rglob("sha256/*/*"))


def test_only_a_steward_delivers(journey: Journey) -> None:
    for somebody in (journey.reviewer, person("otto", "steward", family="ks_drought")):
        with pytest.raises(Exception, match="You may not request"):
            journey.delivered("2024-10", by=somebody)
