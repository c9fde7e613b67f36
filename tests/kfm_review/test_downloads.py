"""Whole artifacts and parts of them, over HTTP."""

from pathlib import Path

import pytest
from django.http import HttpResponseBase
from django.test import RequestFactory

from kfm_review import downloads
from pipelines.errors import ArtifactDamaged
from pipelines.store import FileStore

CONTENT = bytes(range(256)) * 40


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path)


def ask(store: FileStore, *, media_type: str = "application/vnd.pmtiles", inline: bool = False, **headers: str) -> HttpResponseBase:
    wanted = downloads.Download(sha256=store.put(CONTENT), media_type=media_type, filename="airports.pmtiles")
    request = RequestFactory().get("/artifacts/x/", headers=headers)
    return downloads.respond(request, wanted, store=store, inline=inline)


def body(response: HttpResponseBase) -> bytes:
    content = b"".join(response) if response.streaming else getattr(response, "content", b"")
    response.close()
    return content


def test_the_whole_is_an_attachment_that_no_browser_sniffs(store: FileStore) -> None:
    response = ask(store)
    assert (response.status_code, body(response)) == (200, CONTENT)
    assert response["Content-Disposition"] == 'attachment; filename="airports.pmtiles"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Length"] == str(len(CONTENT))


@pytest.mark.parametrize(
    ("asked", "first", "end"),
    [("bytes=0-9", 0, 10), ("bytes=10000-", 10000, 10240), ("bytes=-5", 10235, 10240), ("bytes=0-99999", 0, 10240)],
)
def test_a_range_is_answered_with_that_part(store: FileStore, asked: str, first: int, end: int) -> None:
    response = ask(store, Range=asked)
    assert (response.status_code, body(response)) == (206, CONTENT[first:end])
    assert response["Content-Range"] == f"bytes {first}-{end - 1}/10240"


@pytest.mark.parametrize("asked", ["bytes=10240-", "bytes=99999-", "bytes=-0"])
def test_a_range_beyond_the_end_is_416(store: FileStore, asked: str) -> None:
    response = ask(store, Range=asked)
    assert (response.status_code, response["Content-Range"]) == (416, "bytes */10240")


@pytest.mark.parametrize("asked", ["bytes=5-1", "bytes=-", "lines=1-2", "bytes=0-1,4-5"])
def test_a_range_that_makes_no_sense_is_answered_with_the_whole(store: FileStore, asked: str) -> None:
    assert ask(store, Range=asked).status_code == 200


def test_what_the_reader_has_already_is_not_sent_again(store: FileStore) -> None:
    etag = ask(store)["ETag"]
    assert ask(store, **{"If-None-Match": etag}).status_code == 304


def test_a_part_of_other_bytes_is_answered_with_the_whole(store: FileStore) -> None:
    assert ask(store, Range="bytes=0-1", **{"If-Range": '"other"'}).status_code == 200


def test_only_harmless_types_are_shown_inline(store: FileStore) -> None:
    assert ask(store, inline=True)["Content-Disposition"] == "inline"
    assert ask(store, inline=True, media_type="text/html")["Content-Disposition"].startswith("attachment")


def test_bytes_that_changed_since_they_were_hashed_are_not_sent(store: FileStore) -> None:
    ask(store)
    file = store.path(store.put(CONTENT))
    file.chmod(0o644)
    file.write_bytes(b"x" + CONTENT[1:])
    with pytest.raises(ArtifactDamaged):
        downloads.verified(store, file.name)
