"""What the database holds about runs, whoever writes to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import Error, connection, transaction

from kfm_review.runs.models import Artifact, Asset, Attempt, Current, Document, GateResult, Manifest, Run
from kfm_review.runs.states import MOVES, Status
from tests.kfm_review import world
from tests.kfm_review.world import NOON, digest

pytestmark = pytest.mark.django_db
WITH_MANIFEST = (Status.RECORDED, Status.FAILED)


@contextmanager
def refused(said: str) -> Iterator[None]:
    """Expect the database itself to refuse."""
    with pytest.raises(Error, match=said), transaction.atomic():
        yield


def run(**more: Any) -> Run:
    return world.run(world.asset(), None, edition="2026-09", at=NOON, **{"status": "requested", **more})


def content() -> Manifest:
    return world.manifest(
        world.asset(), edition="2026-09", outcome="REVIEW", base="none", label="public", at=NOON
    )


@pytest.mark.parametrize("here", Status)
def test_a_run_moves_only_by_its_table(here: Status) -> None:
    made = run(status=here, manifest=content())
    for there in set(Status) - {here}:
        with transaction.atomic():
            if there in MOVES[here]:
                Run.objects.filter(pk=made.pk).update(status=there)
            else:
                with refused("Invalid transition"):
                    Run.objects.filter(pk=made.pk).update(status=there)
            transaction.set_rollback(True)


@pytest.mark.parametrize("status", WITH_MANIFEST)
def test_a_run_that_ended_by_itself_has_a_manifest(status: Status) -> None:
    made = run(status="running")
    with refused("ended_run_has_manifest"):
        Run.objects.filter(pk=made.pk).update(status=status)


@pytest.mark.parametrize("status", ["requested", "running"])
def test_the_same_request_is_active_once(status: str) -> None:
    first = run(status=status)
    about = {"asset": first.asset, "edition": "2026-09", "requested_at": NOON, "attempts_left": 2}
    with refused("one_active_run"):
        Run.objects.create(
            id="01890a5d-ac96-774b-bcce-b302099a8057", alias="x-1", request_key=first.request_key, **about
        )


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("edition", "other"),
        ("base", digest("other")),
        ("why", "Another."),
        ("request_key", digest("other")),
        ("uploads", {"airports": digest("other")}),
        ("trigger", "retry"),
        ("answers", 7),
        ("channel", "restricted"),
    ],
)
def test_what_was_asked_for_never_changes(field: str, value: object) -> None:
    made = run()
    with refused("Cannot update|read.?only"):
        Run.objects.filter(pk=made.pk).update(**{field: value})


def test_attempts_are_numbered_and_keep_their_secret() -> None:
    made = run()
    with refused("attempts_are_numbered"):
        Attempt.objects.create(run=made, number=1, secret_hash=digest("x"), sent_at=NOON)
    with refused("Cannot update|read.?only"):
        Attempt.objects.filter(run=made).update(secret_hash=digest("x"))


@pytest.mark.parametrize(
    ("model", "facts", "said"),
    [
        (Run, {"status": "done"}, "run_status_known"),
        (Run, {"trigger": "whim"}, "run_trigger_known"),
    ],
)
def test_words_of_a_run_are_known_ones(model: type[Run], facts: dict[str, str], said: str) -> None:
    with refused(said):
        run(**facts)
    assert not model.objects.exists()


def test_words_of_what_was_made_are_known_ones() -> None:
    made = content()
    with refused("manifest_outcome_known"):
        world.manifest(made.asset, edition="x", outcome="MAYBE", base="none", label="public", at=NOON)
    with refused("gate_outcome_known"):
        GateResult.objects.create(manifest=made, position=9, gate="x", phase="after", outcome="MAYBE")
    with refused("gates_stand_in_order"):
        GateResult.objects.create(manifest=made, position=0, gate="x", phase="after", outcome="PASS")
    with refused("document_kind_known"):
        Document.objects.create(
            manifest=made, run=run(manifest=made), attempt=1, kind="html", sha256=digest("x"), size=1
        )


def test_a_manifest_is_written_once() -> None:
    made = content()
    with refused("append-only"):
        Manifest.objects.filter(pk=made.pk).update(outcome="PASS")
    with refused("append-only"):
        Artifact.objects.filter(manifest=made)._raw_delete("default")
    with refused("duplicate key"):
        Manifest.objects.bulk_create([made])


def test_an_asset_keeps_its_name_and_has_one_current_manifest_in_a_channel() -> None:
    made = content()
    facts = {"manifest": made, "outcomes": {}, "release_number": 1, "set_at": NOON}
    with connection.cursor() as cursor:  # which manifest may become current is tried where it is released
        cursor.execute("ALTER TABLE runs_current DISABLE TRIGGER current_is_released")
    Current.objects.create(asset=made.asset, channel="public", **facts)
    with refused("one_current"):
        Current.objects.create(asset=made.asset, channel="public", **facts)
    with refused("Cannot update|read.?only"):
        Asset.objects.update(name="ks_wells")
