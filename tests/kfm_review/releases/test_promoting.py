"""Promotions carried out: proved again, fenced, begun again after a crash at any point, stopped by people."""

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from kfm_review import tasks
from kfm_review.outbox.models import Pulse
from kfm_review.releases import actions, catalog, evidence, promoting, rules
from kfm_review.releases.models import Judgement, Promotion, Release
from kfm_review.releases.rules import NothingRequired, Proof
from kfm_review.reviews import actions as reviews
from kfm_review.runs import actions as runs
from kfm_review.runs.models import Current
from pipelines import digest
from pipelines.errors import OutsidePlace
from pipelines.store import Documents
from tests.kfm_review.journey import FAMILY, Journey, events
from tests.kfm_review.world import NOON

POINTS = {
    "before anything was checked": (evidence, "stored"),
    "before the objects": (catalog, "publish_release"),
    "after the objects": (Documents, "write"),
    "after the documents": (promoting, "_flip"),
    "after the flip": (catalog, "index"),
    "before its end is written": (promoting, "_finish"),
}


class Crash(Exception):
    """What a killed process looks like from inside."""


def tree(folder: Path) -> dict[str, str]:
    """Return every published file with its digest."""
    return {
        str(file.relative_to(folder)): digest.of_file(file)
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def undisturbed(journey: Journey, promotion: Promotion) -> dict[str, str]:
    """Return what carrying it out publishes, and undo it."""
    before = journey.root / "before"
    if journey.public.exists():
        shutil.copytree(journey.public, before)
    with transaction.atomic():
        promoting.carry_out(promotion.pk, now=lambda: NOON)
        transaction.set_rollback(True)
    published = tree(journey.public)
    shutil.rmtree(journey.public)
    if before.exists():
        shutil.move(before, journey.public)
    return published


def meanwhile(monkeypatch: pytest.MonkeyPatch, act: Callable[[], Any]) -> None:
    """Do something after all was found in order and before the pointer flips."""
    publish = catalog.publish_release

    def publish_then(promotion: Promotion, **more: Any) -> dict[str, str]:
        monkeypatch.setattr(catalog, "publish_release", publish)
        act()
        return publish(promotion, **more)

    monkeypatch.setattr(catalog, "publish_release", publish_then)


def test_a_promotion_carried_out_makes_its_release_current(journey: Journey) -> None:
    promotion = journey.carry_out(journey.queued())
    current = Current.objects.get()
    assert (promotion.status, promotion.failure, promotion.fence) == ("done", "", 1)
    assert (current.manifest_id, current.release_number) == (promotion.release.manifest_id, 1)
    assert promotion.release.review.promoted_at is not None
    assert [check["id"] for check in promotion.checks] == list(rules.REQUIRED)
    assert all(check["proved"] and check["evidence"] for check in promotion.checks)
    assert events()[-3:] == ["promotion.started", "release.published", "promotion.done"]


def test_the_promoter_s_message_holds_the_number_of_a_promotion_and_no_more(journey: Journey) -> None:
    promotion = journey.queued()
    tasks.promote(promotion=promotion.pk)
    promotion.refresh_from_db()
    assert promotion.status == "done"
    tasks.promote(promotion=promotion.pk)
    tasks.promote(promotion=4711)
    assert events("release.published") == ["release.published"]


@pytest.mark.django_db
def test_the_promoter_answers_when_it_is_asked_whether_it_lives() -> None:
    words = "Are you there?"
    tasks.ping(words)
    assert Pulse.objects.get(process="promoter").token == words


@pytest.mark.slow
@pytest.mark.parametrize("point", POINTS)
def test_killed_at_any_point_and_begun_again_it_is_done_once_with_the_same_bytes(
    journey: Journey, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    journey.published("2024-10")
    promotion = journey.queued("2026-09")
    expected = undisturbed(journey, promotion)
    with monkeypatch.context() as killed:
        killed.setattr(*POINTS[point], _crash)
        for _ in range(2):
            with pytest.raises(Crash):
                promoting.carry_out(promotion.pk, now=lambda: NOON)
    done = promoting.carry_out(promotion.pk, now=lambda: NOON)
    assert done is not None
    assert (done.status, done.fence) == ("done", 3)
    assert tree(journey.public) == expected
    assert Current.objects.get().release_number == Release.objects.count() == 2
    assert events("release.published") == ["release.published"] * 2


def test_what_breaks_again_and_again_before_its_flip_is_given_up(
    journey: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    promotion = journey.queued()
    monkeypatch.setattr(catalog, "publish_release", _crash)
    for _ in range(rules.TRIES):
        with pytest.raises(Crash):
            journey.carry_out(promotion)
    assert journey.carry_out(promotion).failure == "It broke 10 times. The promoter's log says how."
    assert (promotion.status, Current.objects.exists()) == ("failed", False)


def test_a_full_disk_is_told_while_the_promotion_goes_on_and_forgotten_when_it_is_done(
    journey: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    promotion = journey.queued()
    with monkeypatch.context() as full:
        full.setattr(catalog, "publish_release", _no_room)
        with pytest.raises(OSError, match="No space left"):
            journey.carry_out(promotion)
    promotion.refresh_from_db()
    assert promotion.status == "running"
    assert promotion.failure.startswith(
        "The public catalog cannot be written (No space left on device): make"
    )
    assert journey.carry_out(promotion).failure == ""


def test_what_breaks_after_its_flip_is_never_given_up_for_it_is_current(
    journey: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    promotion = journey.queued()
    with monkeypatch.context() as broken:
        broken.setattr(catalog, "index", _crash)
        for _ in range(rules.TRIES + 1):
            with pytest.raises(Crash):
                journey.carry_out(promotion)
    assert journey.carry_out(promotion).status == "done"


def test_an_index_that_leads_elsewhere_is_told_until_it_is_mended(journey: Journey, tmp_path: Path) -> None:
    promotion = journey.queued()
    (tmp_path / "elsewhere").mkdir()
    dcat = journey.public / "dcat"
    dcat.parent.mkdir(parents=True, exist_ok=True)
    dcat.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OutsidePlace):
        journey.carry_out(promotion)
    promotion.refresh_from_db()
    assert promotion.status == "running"
    assert "leads out of its folder through a link" in promotion.failure
    dcat.unlink()
    assert (journey.carry_out(promotion).status, list((tmp_path / "elsewhere").iterdir())) == ("done", [])


def test_a_promoter_whose_promotion_another_took_up_cannot_flip(
    journey: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    promotion = journey.queued()
    meanwhile(monkeypatch, lambda: promoting.carry_out(promotion.pk, now=journey.now))
    with pytest.raises(catalog.Overtaken):
        journey.carry_out(promotion)
    promotion.refresh_from_db()
    assert (promotion.status, promotion.fence) == ("done", 2)
    assert events("release.published") == ["release.published"]


@pytest.mark.parametrize("judge", [promoting._refused, promoting._flip])
def test_an_older_fence_judges_nothing(journey: Journey, judge: Callable[..., bool]) -> None:
    promotion = journey.queued()
    old, new = (promoting._begin(promotion.pk, now=journey.now) for _ in range(2))
    assert old is not None
    assert new is not None
    proofs = evidence.stored(old, store=journey.store)
    more: tuple[dict[str, str], ...] = ({},) if judge is promoting._flip else ()
    with pytest.raises(catalog.Overtaken):
        judge(old, proofs, *more, now=journey.now)
    assert not Current.objects.exists()


def test_a_hold_that_comes_while_it_is_published_wins(
    journey: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    promotion = journey.queued()
    meanwhile(
        monkeypatch,
        lambda: actions.hold(asset=FAMILY, actor=journey.reviewer, why="Wait!", now=journey.now()),
    )
    journey.carry_out(promotion)
    assert (promotion.status, promotion.failure) == (
        "failed",
        "No hold on the asset: Held by Rita; a publisher lifts it.",
    )
    assert not Current.objects.exists()
    assert not (journey.public / "catalog.json").exists()


def test_a_hold_does_not_stop_a_roll_back(journey: Journey) -> None:
    journey.published("2024-10")
    journey.published("2026-09")
    back = actions.roll_back(asset=FAMILY, number=1, actor=journey.publisher, why="Worse.", now=journey.now())
    assert journey.carry_out(back).status == "done"


def test_a_base_that_was_overtaken_is_refused(journey: Journey) -> None:
    promotion, other = journey.queued("2026-09"), journey.review("2024-10")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE runs_current DISABLE TRIGGER current_is_released")
    runs.point(other.asset, channel="public", manifest=other.manifest, release_number=7, now=journey.now())
    assert "Another release overtook its base" in journey.carry_out(promotion).failure
    assert Current.objects.get().manifest_id == other.manifest_id


def test_what_failed_lets_the_next_approval_go_on(journey: Journey) -> None:
    first, second = journey.queued("2024-10"), journey.review("2026-09")
    journey.decide(second)
    assert actions.promote(review_id=second.pk, now=journey.now()) is None
    journey.flip(first.release.manifest_id)
    journey.carry_out(first)
    assert actions.promote(review_id=second.pk, now=journey.now()) is not None


def test_a_check_that_was_not_made_stops_everything(
    journey: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    promotion = journey.queued()
    monkeypatch.setattr(evidence, "stored", lambda *_, **__: {"artefacts": Proof(holds=True, evidence="")})
    journey.carry_out(promotion)
    assert promotion.failure.count("It was not checked.") == 4
    assert not journey.public.exists()


def test_a_check_that_nobody_knows_how_to_make_stops_everything(
    journey: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    promotion = journey.queued()
    monkeypatch.setitem(rules.REQUIRED, "moon", "The moon is full")
    assert journey.carry_out(promotion).failure == "The moon is full: It was not checked."


def test_without_any_required_check_nothing_is_published(
    journey: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "REQUIRED", {})
    with pytest.raises(NothingRequired):
        journey.carry_out(journey.queued())
    assert not journey.public.exists()


def test_an_approval_becomes_final_when_its_promotion_begins_and_not_before(journey: Journey) -> None:
    promotion = journey.queued()
    assert promotion.release.review.promoted_at is None
    reviews.begin_promotion(promotion.release.review_id, now=NOON)
    assert reviews.begin_promotion(promotion.release.review_id, now=journey.now()).promoted_at == NOON


def test_each_judgement_is_kept_with_what_it_was_made_from(journey: Journey) -> None:
    promotion = journey.published("2024-10").release.promotions.get()
    before, flip = Judgement.objects.filter(promotion=promotion).order_by("pk")
    assert (before.moment, flip.moment, before.allowed, flip.allowed) == ("before", "flip", True, True)
    assert flip.body["input"]["facts"]["manifest"] == promotion.release.manifest_id
    assert [check["id"] for check in flip.body["checks"]] == list(rules.REQUIRED)
    assert flip.digest == digest.of_json(flip.body)
    failing = journey.queued("2026-09")
    journey.flip(failing.release.manifest_id)
    journey.carry_out(failing)
    assert [one.allowed for one in Judgement.objects.filter(promotion=failing)] == [False]


def _no_room(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _crash(*_: object, **__: object) -> Any:
    raise Crash
