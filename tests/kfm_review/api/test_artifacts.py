"""Bytes by digest: whole or a range, as attachments, to whoever may see a manifest that names them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from kfm_review.accounts.models import Clearance
from kfm_review.reviews import actions
from kfm_review.reviews.models import Review
from kfm_review.runs.models import Artifact, Document, Manifest
from pipelines.store import FileStore
from tests.kfm_review import world
from tests.kfm_review.api.conftest import SignedIn
from tests.kfm_review.world import NOON, person

pytestmark = pytest.mark.django_db
CONTENT = b"<script>alert(1)</script>" + bytes(range(256)) * 40
SIZE = len(CONTENT)


def artifact(store: FileStore, *, label: str = "public", media_type: str = "text/html") -> str:
    """Return the digest of an artifact whose bytes are there."""
    sha256 = store.put(CONTENT)
    manifest = world.review(None, label=label).manifest
    Artifact.objects.create(manifest=manifest, role="data", media_type=media_type, sha256=sha256, size=SIZE)
    return sha256


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, read to its end."""

    status: int
    body: bytes
    headers: Mapping[str, str]

    def __getitem__(self, name: str) -> str:
        return self.headers[name]


def read(response: Any) -> Answer:
    body = b"".join(response) if response.streaming else response.content
    return Answer(response.status_code, body, response.headers)


def get(client: Client, sha256: str, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return read(client.get(f"/api/artifacts/{sha256}/", headers=named))


def test_the_whole_is_an_attachment_that_nothing_opens(client: Client, store: FileStore) -> None:
    sha256 = artifact(store)
    response = get(client, sha256)
    assert (response.status, response.body) == (200, CONTENT)
    assert response["Content-Disposition"] == 'attachment; filename="ks_airports-2026-09-data"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["ETag"] == f'"{sha256}"'
    assert response["Accept-Ranges"] == "bytes"
    assert "sandbox" in response["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("asked", "first", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=10-19", 10, 20),
        (f"bytes={SIZE - 1}-", SIZE - 1, SIZE),
        ("bytes=-5", SIZE - 5, SIZE),
    ],
)
def test_a_range_is_a_part(client: Client, store: FileStore, asked: str, first: int, end: int) -> None:
    response = get(client, artifact(store), Range=asked)
    assert (response.status, response.body) == (206, CONTENT[first:end])
    assert response["Content-Range"] == f"bytes {first}-{end - 1}/{SIZE}"
    assert response["Content-Length"] == str(end - first)
    assert response["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize("asked", [f"bytes={SIZE}-", "bytes=99999999-", "bytes=-0"])
def test_a_range_beyond_the_end_is_416(client: Client, store: FileStore, asked: str) -> None:
    response = get(client, artifact(store), Range=asked)
    assert (response.status, response["Content-Range"]) == (416, f"bytes */{SIZE}")


@pytest.mark.parametrize("asked", ["bytes=5-3", "bytes=0-1,4-5", "rows=0-1", "bytes=", "bytes=a-b"])
def test_what_is_no_single_range_gets_the_whole(client: Client, store: FileStore, asked: str) -> None:
    response = get(client, artifact(store), Range=asked)
    assert (response.status, response.body) == (200, CONTENT)


def test_a_range_of_other_bytes_gets_the_whole(client: Client, store: FileStore) -> None:
    sha256 = artifact(store)
    assert get(client, sha256, Range="bytes=0-0", If_Range=f'"{sha256}"').status == 206
    for other in (f'"{"0" * 64}"', "Tue, 24 Nov 2026 12:00:00 GMT", f'W/"{sha256}"'):
        assert get(client, sha256, Range="bytes=0-0", If_Range=other).status == 200


def test_what_the_client_has_is_not_sent_again(client: Client, store: FileStore) -> None:
    sha256 = artifact(store)
    for known in (f'"{sha256}"', f'"other", "{sha256}"'):
        response = get(client, sha256, If_None_Match=known)
        assert (response.status, response.body) == (304, b"")
    assert get(client, sha256, If_None_Match='"other"').status == 200


def test_a_head_tells_the_same_without_bytes(client: Client, store: FileStore) -> None:
    response = read(client.head(f"/api/artifacts/{artifact(store)}/", headers={"Range": "bytes=0-9"}))
    assert (response.status, response["Content-Length"]) == (200, str(SIZE))


@pytest.mark.parametrize("accept", ["application/vnd.pmtiles", "image/png", "text/csv"])
def test_bytes_come_whatever_the_client_says_it_accepts(
    client: Client, store: FileStore, accept: str
) -> None:
    assert get(client, artifact(store), Accept=accept).status == 200


def test_documents_and_manifests_are_read_by_digest_too(client: Client, store: FileStore) -> None:
    sha256 = store.put(b'{"@context":{}}')
    review = world.review(None)
    Document.objects.create(
        manifest=review.manifest, run=review.run, attempt=1, kind="dcat", sha256=sha256, size=15
    )
    assert get(client, sha256)["Content-Type"] == "application/ld+json"
    told = Manifest.objects.create(
        **{
            **Manifest.objects.filter(pk=review.manifest_id).values()[0],
            "digest": store.put(b'{"outcome":"PASS"}'),
        }
    )
    response = get(client, told.digest)
    assert (response.status, response["Content-Type"]) == (200, "application/json")


def test_who_is_not_cleared_gets_no_byte_and_learns_nothing(signed_in: SignedIn, store: FileStore) -> None:
    sha256, nils = artifact(store, label="restricted"), person("nils", "auditor")
    client = signed_in(nils)
    hidden, absent = get(client, sha256), get(client, "0" * 64)
    assert (hidden.status, absent.status) == (404, 404)
    assert hidden.body.replace(sha256[:8].encode(), b"00000000") == absent.body
    Clearance.objects.create(user=nils, label="restricted", until=date.max, granted_at=NOON)
    assert get(client, sha256).status == 404, "cleared, and not revealed yet"
    now, review = timezone.now(), Review.objects.get()
    asked = {"manifest": review.manifest_id, "why": "To look."}
    actions.reveal(review_id=review.pk, actor=nils, now=now, **asked)
    response = get(client, sha256)
    assert (response.status, response.body) == (200, CONTENT)
    assert response["Cache-Control"] == "private, no-store"
    assert "ETag" not in response.headers


def test_bytes_that_are_public_in_one_place_only_are_not_public(client: Client, store: FileStore) -> None:
    sha256 = artifact(store)
    assert get(client, sha256).status == 200
    artifact(store, label="restricted")
    assert get(client, sha256).status == 404


def test_damaged_bytes_are_not_given_out(client: Client, store: FileStore) -> None:
    sha256 = artifact(store)
    file = store._file(sha256)
    file.chmod(0o644)
    file.write_bytes(CONTENT[:-1] + b"x")
    response = get(client, sha256)
    assert response.status == 500
    assert f"sha256:{sha256[:8]} is damaged" in response.body.decode()


def test_bytes_that_are_gone_are_said_to_be_gone(client: Client, store: FileStore) -> None:
    sha256 = artifact(store)
    store._file(sha256).unlink()
    assert "not in the store" in get(client, sha256).body.decode()


@pytest.mark.parametrize("wrong", ["x", "0" * 63, "0" * 65, "A" * 64, "..%2F..%2Fetc%2Fpasswd"])
def test_what_is_no_digest_is_no_address(client: Client, wrong: str) -> None:
    assert client.get(f"/api/artifacts/{wrong}/").status_code == 404
