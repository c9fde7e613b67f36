"""Rows that somebody writes past every action: what the promoter and the database make of them."""

import pytest
from django.db import Error, connection, transaction

from kfm_review.releases import actions
from kfm_review.releases.models import Promotion
from kfm_review.runs.models import Current
from tests.kfm_review.journey import Journey

pytestmark = pytest.mark.django_db


def unwatched(table: str, *, on: bool) -> None:
    """Let rows be written past the triggers of a table, as only its owner could."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {table} {'DISABLE' if on else 'ENABLE'} TRIGGER USER")


def never_published(journey: Journey) -> Promotion:
    """Return a promotion whose second run came back, and that then failed: its release was never current."""
    journey.published("2024-10")
    promotion = journey.queued("2026-09")
    promotion.refresh_from_db()
    Promotion.objects.filter(pk=promotion.pk).update(status="failed")
    return promotion


@pytest.mark.parametrize("kind", ["rollback", "withdraw"])
def test_what_was_never_published_is_nothing_to_go_back_to(journey: Journey, kind: str) -> None:
    failed = never_published(journey)
    asked = {"release": failed.release, "asset": failed.asset, "channel": "public", "at": journey.now()}
    with pytest.raises(Error, match="that was published can be gone back to"), transaction.atomic():
        Promotion.objects.create(kind=kind, **asked)


def test_a_way_back_to_what_was_never_published_is_refused_by_the_promoter_too(journey: Journey) -> None:
    failed = never_published(journey)
    unwatched("releases_promotion", on=True)
    forged = Promotion.objects.create(
        release=failed.release, asset=failed.asset, channel="public", kind="rollback", at=journey.now()
    )
    unwatched("releases_promotion", on=False)
    done = journey.carry_out(forged)
    assert (done.status, Current.objects.get().release_number) == ("failed", 1)
    assert "never published" in done.failure


def test_a_way_back_that_was_carried_out_once_publishes_nothing(journey: Journey) -> None:
    """Only being promoted counts as having been published, whatever else a row says was done."""
    failed = never_published(journey)
    unwatched("releases_promotion", on=True)
    Promotion.objects.create(
        release=failed.release,
        asset=failed.asset,
        channel="public",
        kind="rollback",
        status="done",
        at=journey.now(),
    )
    unwatched("releases_promotion", on=False)
    with pytest.raises(Exception, match="never published"):
        actions.roll_back(
            asset=failed.asset.name,
            number=failed.release.number,
            actor=journey.publisher,
            why="Worse.",
            now=journey.now(),
        )
