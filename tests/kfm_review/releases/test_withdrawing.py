"""A withdrawn release: a signed tombstone in its place, its bytes gone, and no way back to it."""

from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from kfm_review.errors import NotAllowed, NotPossible
from kfm_review.releases import actions, queries, withdrawing
from kfm_review.releases.models import Promotion, Tombstone
from kfm_review.runs.models import Current
from kfm_review.signing import machines
from pipelines import attestation, digest
from pipelines.catalog import stac_schemas
from pipelines.model import Json
from tests.kfm_review.journey import FAMILY, Journey, events
from tests.kfm_review.keyring import Keyring
from tests.kfm_review.releases.test_promoting import tree
from tests.kfm_review.roles import CONTROL, PROMOTER, WEB, working_as
from tests.kfm_review.viewers import ANYONE


def withdraw(journey: Journey, number: int, *, successor: int | None = None) -> Promotion:
    made = actions.withdraw(
        asset=FAMILY,
        number=number,
        successor=successor,
        actor=journey.publisher,
        why="Two airports are private.",
        now=journey.now(),
    )
    return journey.carry_out(made)


def documents(journey: Journey, item: str) -> dict[str, Json]:
    folder = journey.public / FAMILY / item
    return {name: digest.read_json((folder / name).read_bytes()) for name in ("item.json", "dcat.jsonld")}


def objects(journey: Journey) -> set[str]:
    return {Path(name).name for name in tree(journey.public) if name.startswith("objects/")}


@pytest.mark.slow
def test_a_withdrawn_release_leaves_a_tombstone_in_both_catalogs(journey: Journey) -> None:
    journey.published("2024-10")
    journey.published("2026-09")
    before = objects(journey)
    done = withdraw(journey, 1, successor=2)
    stands = Tombstone.objects.get()
    assert (done.status, stands.reason, stands.release.number) == ("done", "Two airports are private.", 1)
    told = documents(journey, stands.item_id)
    properties = told["item.json"]["properties"]
    assert (properties["deprecated"], properties["unpublished"] > properties["published"]) == (True, True)
    assert (told["item.json"]["geometry"], told["item.json"]["assets"]) == (None, {})
    assert properties["kfm:withdrawn"]["reason"] == "Two airports are private."
    assert "successor-version" in [link["rel"] for link in told["item.json"]["links"]]
    assert told["dcat.jsonld"]["http://www.w3.org/ns/adms#status"]["@id"].endswith("/WITHDRAWN")
    assert len(before) == 4
    assert len(objects(journey)) == 2
    assert events()[-3:] == ["promotion.started", "release.withdrawn", "promotion.done"]


def test_the_tombstone_is_a_valid_item_and_no_collection_leads_there(journey: Journey) -> None:
    import pystac  # noqa: PLC0415  # only here

    journey.published("2024-10")
    journey.published("2026-09")
    withdraw(journey, 1, successor=2)
    item = documents(journey, Tombstone.objects.get().item_id)["item.json"]
    assert list(stac_schemas.wrong(item, kind=pystac.STACObjectType.ITEM)) == []
    collection = (journey.public / FAMILY / "collection.json").read_text()
    assert item["id"] not in collection


@pytest.mark.slow
def test_old_links_answer_410_with_the_tombstone(journey: Journey, client: Client) -> None:
    journey.published("2024-10")
    gone = objects(journey)
    journey.published("2026-09")
    withdraw(journey, 1)
    stands = Tombstone.objects.get()
    folder = f"/catalog/{FAMILY}/{stands.item_id}"
    for path in (
        *(f"/catalog/objects/sha256/{name[:2]}/{name}" for name in gone),
        f"{folder}/prov-run.jsonld",
    ):
        answer = client.get(path)
        assert (answer.status_code, answer.content) == (410, bytes(stands.envelope)), path
    item = client.get(f"{folder}/item.json")
    assert (item.status_code, item.json()["properties"]["deprecated"]) == (410, True)
    stays = client.get(f"{folder}/tombstone.json")
    assert (stays.status_code, b"".join(stays)) == (200, bytes(stands.envelope))
    assert client.get("/catalog/objects/sha256/00/" + "0" * 64).status_code == 404


def test_bytes_that_another_release_needs_stay(journey: Journey) -> None:
    first = journey.published("2024-10")
    journey.published("2026-09")
    upload = journey.delivered("2024-10")
    again = journey.carry_out(journey.queued("2026-10", upload_ids={"airports": upload.pk}))
    kept = objects(journey)
    assert again.status == "done", again.failure
    withdraw(journey, 1)
    content = first.release.manifest.artifacts.filter(role__in=("data", "tiles"))
    assert {one.sha256 for one in content} <= objects(journey) == kept
    assert documents(journey, Tombstone.objects.get().item_id)["item.json"]["assets"]
    withdraw(journey, 3)
    assert len(objects(journey)) == 2


def test_the_current_release_can_be_withdrawn_and_then_nothing_is_current(journey: Journey) -> None:
    journey.published("2024-10")
    withdraw(journey, 1)
    assert queries.shelf(FAMILY, viewer=ANYONE).current is None
    assert Current.objects.get().release_number == 1  # the next edition is compared with it
    assert not (journey.public / FAMILY / "collection.json").exists()
    journey.published("2026-09")
    shelf = queries.shelf(FAMILY, viewer=ANYONE)
    assert shelf.current is not None
    assert (shelf.current.number, [entry.kind for entry in shelf.timeline]) == (
        2,
        ["current", "gone", "gone"],
    )


def test_what_was_withdrawn_never_comes_back(journey: Journey) -> None:
    journey.published("2024-10")
    second = journey.published("2026-09")
    withdraw(journey, 1)
    asked: dict[str, Any] = {"asset": FAMILY, "number": 1, "actor": journey.publisher, "why": "Back."}
    with pytest.raises(NotPossible, match="was withdrawn; it never comes back"):
        actions.roll_back(**asked, now=journey.now())
    with pytest.raises(NotPossible, match="is not published"):
        actions.withdraw(**asked, successor=None, now=journey.now())
    with pytest.raises(NotPossible, match="cannot take its place"):
        actions.withdraw(**{**asked, "number": 2}, successor=1, now=journey.now())
    gone = Tombstone.objects.get().release
    Promotion.objects.create(
        release=gone, asset=gone.asset, channel="public", kind="rollback", at=journey.now()
    )
    Promotion.objects.filter(kind="rollback").update(status="running")
    with pytest.raises(DatabaseError, match="Only a released manifest"), transaction.atomic():
        Current.objects.update(manifest=gone.manifest, release_number=1)
    assert second.release.number == 2


def test_only_a_publisher_withdraws_and_says_why(journey: Journey) -> None:
    journey.published("2024-10")
    asked: dict[str, Any] = {"asset": FAMILY, "number": 1, "successor": None, "now": journey.now()}
    with pytest.raises(NotAllowed):
        actions.withdraw(**asked, actor=journey.reviewer, why="Private.")
    with pytest.raises(Exception, match="Say why"):
        actions.withdraw(**asked, actor=journey.publisher, why=" ")
    with pytest.raises(NotPossible, match="Release 7 cannot take its place"):
        actions.withdraw(**{**asked, "successor": 7}, actor=journey.publisher, why="Private.")


def test_where_machines_sign_a_tombstone_carries_the_promoter_s_signature(
    journey: Journey, keyring: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as before:
        before.setattr(machines, "current", lambda: None)  # no roster stood then
        journey.published("2024-10")
    failed = withdraw(journey, 1)
    assert (failed.status, Tombstone.objects.exists()) == ("failed", False)
    assert "cannot sign a tombstone" in failed.failure
    monkeypatch.setattr(attestation, "own_key", lambda: keyring.private["worker"])
    assert "has not the role promoter" in withdraw(journey, 1).failure
    monkeypatch.setattr(attestation, "own_key", lambda: keyring.private["promoter"])
    assert withdraw(journey, 1).status == "done"
    signed = machines.read(bytes(Tombstone.objects.get().envelope), role="promoter", now=journey.now())
    assert signed.statement.predicate["reason"] == "Two airports are private."


def test_each_process_withdraws_with_the_rights_of_its_own_role(journey: Journey) -> None:
    journey.published("2024-10")
    asked = {"asset": FAMILY, "number": 1, "successor": None, "why": "Private.", "now": journey.now()}
    with working_as(WEB):
        made = actions.withdraw(actor=journey.publisher, **asked)  # type: ignore[arg-type]  # words by name
    with working_as(CONTROL):
        journey.verify(made)
    with working_as(PROMOTER):
        assert journey.carry_out(made).status == "done", made.failure


def test_a_withdrawal_that_no_publisher_asked_for_is_refused(journey: Journey) -> None:
    release = journey.published("2024-10").release
    made = Promotion.objects.create(
        release=release,
        asset=release.asset,
        channel="public",
        kind="withdraw",
        requested_by=journey.reviewer,
        why="By direct SQL.",
        at=journey.now(),
    )
    failed = journey.carry_out(made)
    assert (failed.status, failed.failure) == ("failed", withdrawing.NOBODY)
    assert not Tombstone.objects.exists()
