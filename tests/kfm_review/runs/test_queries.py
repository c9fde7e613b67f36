"""Runs as pages list them, what their gates measured over time, and whose bytes a person may have."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from pytest_django import DjangoAssertNumQueries

from kfm_review.errors import Missing
from kfm_review.people.queries import Viewer
from kfm_review.runs import queries
from kfm_review.runs.models import Manifest, Run
from kfm_review.runs.queries import Filters
from tests.kfm_review import world
from tests.kfm_review.journey import Journey
from tests.kfm_review.viewers import ANYONE, cleared
from tests.kfm_review.world import NOON, digest, person

pytestmark = pytest.mark.django_db
EVERYTHING = Filters()


def listed(filters: Filters = EVERYTHING, *, viewer: Viewer = ANYONE) -> list[Run]:
    return list(queries.page(filters, viewer=viewer).runs)


def test_the_newest_run_stands_first() -> None:
    old, new = (
        world.review(None, edition=edition, at=NOON + timedelta(hours=hour)).run
        for edition, hour in (("a", 0), ("b", 1))
    )
    assert listed() == [new, old]


@pytest.mark.parametrize(
    ("filters", "editions"),
    [
        (Filters(), ["c", "b", "a"]),
        (Filters(asset="ks_wells"), ["c"]),
        (Filters(asset="ks_"), []),
        (Filters(status="cancelled"), ["b"]),
        (Filters(outcome="FAIL"), ["c"]),
        (Filters(asset="ks_airports", status="recorded"), ["a"]),
    ],
)
def test_the_list_is_narrowed(filters: Filters, editions: list[str]) -> None:
    world.review(None, edition="a")
    world.run(world.asset(), None, edition="b", at=NOON + timedelta(hours=1), status="cancelled")
    world.review(None, edition="c", name="ks_wells", outcome="FAIL", at=NOON + timedelta(hours=2))
    assert [run.edition for run in listed(filters)] == editions
    assert filters.active == (editions != ["c", "b", "a"])


def test_a_run_is_found_by_the_beginning_of_its_alias() -> None:
    run = world.review(None).run
    world.review(None, edition="other")
    assert run in listed(Filters(alias=run.alias[:5]))
    assert listed(Filters(alias="nobody")) == []


def test_who_looks_at_another_family_only_knows_of_no_guarded_run() -> None:
    hidden = world.review(None, label="restricted").run
    waiting = world.run(world.asset(), None, edition="b", at=NOON, status="requested")
    assert set(listed()) == {waiting, hidden}
    other = replace(ANYONE, roles=frozenset({("reviewer", "ks_wells")}))
    assert listed(viewer=other) == [waiting]
    assert len(listed(viewer=replace(other, labels=cleared("restricted").labels))) == 2


def test_pages_follow_one_another_without_gap_or_repeat() -> None:
    asset = world.asset()
    made = [world.run(asset, None, edition=str(number), at=NOON, status="cancelled") for number in range(7)]
    after: UUID | None = None
    found: list[Run] = []
    for size in (3, 3, 1):
        page = queries.page(Filters(), viewer=ANYONE, after=after, size=3)
        assert len(page.runs) == size
        found += page.runs
        after = page.after
    assert after is None
    assert found == sorted(made, key=lambda run: run.pk, reverse=True)


def test_a_page_of_runs_costs_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for number in range(6):
        world.review(person(f"s{number}"), edition=str(number))
    with django_assert_num_queries(1):
        assert [(run.asset.name, str(run.requested_by)) for run in listed()]


def test_a_gate_s_trend_goes_up_to_the_manifest_that_is_shown(journey: Journey) -> None:
    first, second = journey.review("2024-10").manifest, journey.review("2026-09").manifest
    rows = queries.trends(asset=first.asset, upto=second, viewer=ANYONE)["rows"]
    assert len(rows.values) == 2
    assert len(queries.trends(asset=first.asset, upto=first, viewer=ANYONE)["rows"].values) == 1


def test_the_bytes_behind_a_digest_have_a_type_and_a_name(journey: Journey) -> None:
    review = journey.review("2024-10")
    for artifact in review.manifest.artifacts.all():
        found = queries.download(artifact.sha256, viewer=ANYONE)
        assert (found.media_type, found.filename) == (
            artifact.media_type,
            f"ks_airports-2024-10-{artifact.role}",
        )
    assert queries.download(review.manifest_id, viewer=ANYONE).media_type == "application/json"
    for document in review.run.documents.all():
        assert queries.download(document.sha256, viewer=ANYONE).media_type == queries.TYPES[document.kind]


def test_nobody_has_the_bytes_of_what_he_may_not_see() -> None:
    review = world.review(None, label="restricted")
    seeing = cleared("restricted", revealed=(review.manifest,))
    names = [review.manifest_id, *review.manifest.artifacts.values_list("sha256", flat=True)]
    names += review.run.documents.values_list("sha256", flat=True)
    for name in names:
        for blind in (ANYONE, cleared("restricted")):
            with pytest.raises(Missing, match="for you"):
                queries.download(name, viewer=blind)
        assert queries.download(name, viewer=seeing).sha256 == name


def test_bytes_stricter_than_their_manifest_ask_for_their_own_clearance(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A receipt of what was made coarser is as restricted as its source."""
    whole = world.body

    def stricter(number: int, **said: Any) -> dict[str, Any]:
        told = whole(number, **said)
        told["artifacts"][0]["label"] = "restricted"
        return told

    monkeypatch.setattr(world, "body", stricter)
    made = world.review(None, label="generalized").manifest
    closed, open_ = (made.artifacts.get(role=role).sha256 for role in ("data", "thumbnail"))
    assert queries.download(open_, viewer=ANYONE).sha256 == open_
    with pytest.raises(Missing, match="for you"):
        queries.download(closed, viewer=ANYONE)
    assert queries.download(closed, viewer=cleared("restricted")).guarded


def test_bytes_that_no_manifest_names_are_missing() -> None:
    with pytest.raises(Missing, match="No manifest that you may see names it"):
        queries.download(digest("nothing"), viewer=ANYONE)


def test_an_origin_says_what_was_used_made_and_by_whom(journey: Journey) -> None:
    journey.published("2024-10")
    run = journey.review("2026-09").run
    run.refresh_from_db()
    found = queries.origin(run, attempts=run.attempts.all(), documents=run.documents.all())
    assert [thing.name for thing in found.used] == ["airports", "current release, as base"]
    assert [thing.name for thing in found.made] == ["manifest", "7 artifacts", "3 documents"]
    assert (found.worker, found.whom) == ("worker", "Stella")


def test_a_run_that_broke_used_and_made_little() -> None:
    run = world.run(world.asset(), None, edition="a", at=NOON, status="lost")
    found = queries.origin(run, attempts=(), documents=())
    assert found.said == f"Run {run.alias} used nothing; it made nothing; no worker ran it for the system."


def test_what_is_current_and_what_it_stands_for(journey: Journey) -> None:
    asset = journey.ask().asset
    assert queries.current(asset, channel="public") is None
    release = journey.published("2026-09").release
    current = queries.current(asset, channel="public")
    assert current is not None
    stands = queries.standing(Manifest.objects.get(pk=current.manifest_id), name="it", spec_hash=None)
    assert (current.manifest_id, stands.content_digest) == (
        release.manifest_id,
        release.manifest.content_digest,
    )
    assert stands.outcomes["rows"] == "REVIEW"
