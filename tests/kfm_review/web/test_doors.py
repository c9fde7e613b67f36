"""Every address against every visitor: what is answered, and that nothing of a guarded run slips out."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.urls import get_resolver
from django.utils import timezone
from pytest_django import Settings

from kfm_review.accounts.models import Clearance, User
from kfm_review.api import views
from kfm_review.audit.models import Event
from kfm_review.releases.models import Tombstone
from kfm_review.reviews import actions
from kfm_review.reviews.models import Decision
from kfm_review.signing import statements
from kfm_review.web.views import artifact
from pipelines.store import FileStore
from tests.kfm_review.web.doors import DOORS
from tests.kfm_review.web.guarded import CLEARED, FIGURES, PLACES, VISITORS, House
from tests.kfm_review.web.walking import names, read, slipped, status, walked

pytestmark = pytest.mark.django_db
ABSENT = "0" * 64
BLIND = tuple(visitor for visitor in VISITORS if visitor not in CLEARED)
BYTES = ("/artifacts/", "/api/artifacts/")
FAST = ("reviewer",)


@pytest.fixture
def store(tmp_path: Path, settings: Settings) -> FileStore:
    """Return the store that pages and API read."""
    settings.STORE_URL = tmp_path.as_uri()
    views._store.cache_clear()
    artifact._store.cache_clear()
    return FileStore(tmp_path / "candidates")


@pytest.fixture
def house(store: FileStore) -> House:
    """Return a house with guarded runs."""
    return House(store)


def test_every_address_stands_in_the_table_of_doors() -> None:
    known = {name.partition("/")[0] for name in DOORS}
    assert set(names(get_resolver())) == known, "say in tests/kfm_review/web/doors.py who is answered what"


@pytest.mark.parametrize(
    "visitor", [name if name in FAST else pytest.param(name, marks=pytest.mark.slow) for name in VISITORS]
)
def test_every_door_answers_each_visitor_as_the_table_says(visitor: str, house: House) -> None:
    assert walked(house, visitor) == ([], [])


@pytest.mark.slow
@pytest.mark.parametrize("label", ["quarantine", ""])
def test_what_is_stricter_than_a_clearance_is_an_outline_to_it(label: str, store: FileStore) -> None:
    house = House(store, label=label, cleared_for="restricted")
    _, out = walked(house, "reviewer")
    assert out == []
    client = house.visitor("cleared")
    for name in ("desk", "run", "asset", "queue", "audit"):
        for address in DOORS[name].at(house):
            found = slipped(read(client.get(address)), visitor="")
            assert [word for word in found if word not in address] == [], address


def test_who_is_not_cleared_cannot_tell_what_is_hidden_from_what_is_not_there(house: House) -> None:
    client = house.visitor("reviewer")
    for door in BYTES:
        absent = client.get(f"{door}{ABSENT}/")
        for sha256 in house.digests:
            hidden = client.get(f"{door}{sha256}/")
            assert (hidden.status_code, dict(hidden.headers)) == (404, dict(absent.headers))
            assert read(hidden).replace(sha256[:8], ABSENT[:8]) == read(absent)


@pytest.mark.parametrize(
    "headers",
    [
        {"Range": "bytes=0-9"},
        {"If-None-Match": '"{sha256}"'},
        {"Range": "bytes=0-9", "If-Range": '"{sha256}"'},
        {"Accept": "*/*"},
    ],
)
def test_no_header_opens_a_door(headers: dict[str, str], house: House) -> None:
    client, sha256 = house.visitor("cleared"), house.kept[0]
    asked = {name: value.format(sha256=sha256) for name, value in headers.items()}
    for door in BYTES:
        for ask in (client.get, client.head):
            response = ask(f"{door}{sha256}/", headers=asked)
            assert response.status_code == 404
            assert not {"ETag", "Content-Range", "Accept-Ranges", "Content-Disposition"} & set(
                response.headers
            )


def test_what_is_revealed_is_shown_and_no_cache_keeps_it(house: House) -> None:
    client = house.visitor("revealed")
    for address in (f"/reviews/{house.open.pk}/", f"/api/runs/{house.open.run_id}/"):
        assert all(word in read(client.get(address)) for word in PLACES[:3]), address
    for door in BYTES:
        response = client.get(f"{door}{house.kept[0]}/", headers={"Range": "bytes=0-9"})
        assert (response.status_code, response["Cache-Control"]) == (206, "private, no-store")
        assert "ETag" not in response.headers
        assert read(response)


def test_what_was_revealed_closes_after_a_while_and_with_the_clearance(house: House) -> None:
    client, sha256 = house.visitor("cleared"), house.kept[0]
    somebody, at = User.objects.get(username="cleared"), timezone.now()

    def reveal(minutes: int) -> int:
        asked = {"review_id": house.open.pk, "manifest": house.open.manifest_id, "why": "To look."}
        actions.reveal(**asked, actor=somebody, now=at - timedelta(minutes=minutes))  # type: ignore[arg-type]  # plain words
        return asked_for(sha256)

    def asked_for(sha256: str) -> int:
        return status(client, f"/artifacts/{sha256}/")

    assert reveal(30) == 404
    assert reveal(29) == 200
    assert status(house.visitor("auditor"), f"/artifacts/{sha256}/") == 404
    Clearance.objects.filter(user=somebody).update(ended_at=at)
    assert asked_for(sha256) == 404


def test_a_manifest_that_is_revealed_opens_no_other(house: House) -> None:
    client, other = house.visitor("cleared"), house.returned.manifest
    asked = {"manifest": house.open.manifest_id, "why": "To look."}
    assert client.post(f"/reviews/{house.open.pk}/reveal/", asked).status_code == 302
    told = Event.objects.filter(action="geometry.revealed").get()
    assert (told.target, told.why) == (f"review:{house.open.pk}", "To look.")
    assert told.details["manifests"] == [house.open.manifest_id]
    assert status(client, f"/artifacts/{house.kept[0]}/") == 200
    hidden = other.artifacts.filter(role="preview").get().sha256
    assert status(client, f"/artifacts/{hidden}/") == 404


POSTS: dict[str, dict[str, str]] = {
    "/reviews/{review}/decisions/": {
        "manifest": "{manifest}",
        "verdict": "approve",
        "reason": "Let it pass.",
    },
    "/reviews/{review}/reveal/": {"manifest": "{manifest}", "why": "To look."},
    "/runs/{run}/cancel/": {"why": ""},
    "/runs/{run}/retry/": {"why": ""},
    "/releases/ks_airports/hold/": {"why": ""},
    "/releases/ks_airports/lift/": {"why": ""},
    "/releases/ks_airports/promote/": {"review": "{review}", "why": ""},
    "/releases/ks_airports/roll-back/": {"number": "1", "why": ""},
    "/runs/new/?answers={review}": {"family": "ks_airports", "edition": "", "why": ""},
}


@pytest.mark.parametrize("visitor", ["reviewer", pytest.param("expired", marks=pytest.mark.slow)])
def test_no_refusal_says_more_than_its_page(visitor: str, house: House) -> None:
    client, before = house.visitor(visitor), Event.objects.count()
    words = {
        "review": str(house.open.pk),
        "manifest": house.open.manifest_id,
        "run": str(house.open.run_id),
    }
    for address, typed in POSTS.items():
        for manifest in (house.open.manifest_id, ABSENT):
            given = {name: value.format(**{**words, "manifest": manifest}) for name, value in typed.items()}
            response = client.post(address.format(**words), given)
            assert response.status_code in (403, 409, 422), address
            assert slipped(read(response), visitor=visitor) == [], address
    assert not Decision.objects.filter(by__username=visitor).exists()
    assert Event.objects.count() == before


def test_who_is_not_cleared_is_told_who_grants_it(house: House) -> None:
    grantor, client = house.visitor("admin"), house.visitor("reviewer")
    for address in (f"/reviews/{house.open.pk}/", f"/runs/{house.open.run_id}/"):
        body = read(client.get(address))
        assert "It takes clearance for restricted, which you do not hold. Admin grants it" in body
        assert 'href="/people/clearances/"' in body
    assert "Admin" in read(grantor.get("/people/clearances/"))


def test_what_was_revealed_to_one_is_revealed_to_no_other(house: House) -> None:
    house.visitor("revealed")
    assert status(house.visitor("cleared"), f"/artifacts/{house.kept[0]}/") == 404


def test_nothing_is_revealed_without_a_reason_or_for_another_manifest(house: House) -> None:
    client = house.visitor("cleared")
    manifest, other, public = (review.manifest_id for review in (house.open, house.returned, house.public))
    for review, shown, why, code in (
        (house.open, manifest, "  ", 422),
        (house.open, other, "To look.", 409),
        (house.open, "x", "To look.", 422),
        (house.public, public, "To look.", 409),
    ):
        response = client.post(f"/reviews/{review.pk}/reveal/", {"manifest": shown, "why": why})
        assert response.status_code == code
        assert slipped(read(response), visitor="cleared") == []
    assert not Event.objects.filter(action="geometry.revealed").exists()


def test_a_tombstone_of_the_restricted_channel_is_not_told_to_strangers(house: House) -> None:
    named = house.released.manifest.artifacts.filter(role="data")
    promotion = house.release.promotions.order_by("pk")[0]
    Tombstone.objects.create(
        release=house.release,
        promotion=promotion,
        reason=PLACES[3],
        item_id="one",
        envelope=PLACES[3].encode(),
        digest=ABSENT,
        at=timezone.now(),
    )
    for sha256 in named.values_list("sha256", flat=True):
        assert status(house.visitor("nobody"), f"/catalog/objects/sha256/{sha256[:2]}/{sha256}") == 404


def test_the_word_of_an_authority_is_asked_for_at_every_door(store: FileStore) -> None:
    house = House(store, authorities=("Osage Nation",))
    client = house.visitor("cleared")
    for name in ("desk", "run", "asset", "queue", "restricted", "restricted-root", "api-run", "audit-jsonl"):
        for address in DOORS[name].at(house)[:2]:
            response = client.get(address)
            as_if = "reviewer" if name != "audit-jsonl" else "cleared"
            assert response.status_code == DOORS[name].answers[as_if], address
            found = slipped(read(response), visitor="")
            assert [word for word in found if word not in address] == [], address
    assert "the authority of Osage Nation" in read(client.get(f"/reviews/{house.open.pk}/"))
    today = house.now.date()
    Clearance.objects.create(
        user=User.objects.get(username="cleared"),
        label="authority:Osage Nation",
        until=today,
        granted_at=house.now,
    )
    assert "7,171,717" in read(client.get(f"/reviews/{house.open.pk}/"))
    assert status(client, "/catalog/restricted/") == 200


def test_a_statement_about_a_guarded_run_is_read_by_who_had_it_revealed(house: House) -> None:
    about = {"manifest": house.open.manifest_id}
    said = {"schema": "kfm/test/1", "place": PLACES[0], "figure": FIGURES[0]}
    made = statements.prepare(kind="roster", subjects=about, predicate=said, by=None, now=house.now)
    for visitor, code in (("reviewer", 403), ("cleared", 403), ("revealed", 200)):
        client = house.visitor(visitor)
        for name in ("", "statement.pae", "envelope.json"):
            response = client.get(f"/statements/{made.digest}/{name}")
            wanted = (
                (code,) if name == "statement.pae" or code == 403 else (code, 409)
            )  # it is no real roster
            assert response.status_code in wanted
            assert slipped(read(response), visitor=visitor) == []
