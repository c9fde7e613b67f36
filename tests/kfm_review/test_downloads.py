"""Whole artifacts and parts of them, over HTTP."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.test import RequestFactory

from kfm_review import downloads
from pipelines.errors import ArtifactDamaged
from pipelines.store import FileStore

CONTENT = bytes(range(256)) * 40


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path)


class Answer(NamedTuple):
    """What came back, read to its end."""

    status: int
    body: bytes
    headers: Mapping[str, str]


def ask(
    store: FileStore, *, media_type: str = "application/vnd.pmtiles", inline: bool = False, **named: str
) -> Answer:
    wanted = downloads.Download(sha256=store.put(CONTENT), media_type=media_type, filename="airports.pmtiles")
    headers = {name.replace("_", "-"): value for name, value in named.items()}
    request = RequestFactory().get("/artifacts/x/", headers=headers)
    response: Any = downloads.respond(request, wanted, store=store, inline=inline)
    body = b"".join(response) if response.streaming else getattr(response, "content", b"")
    for (
        close
    ) in response._resource_closers:  # closing the response itself would end the database's connection
        close()
    return Answer(response.status_code, body, response.headers)


def test_the_whole_is_an_attachment_that_no_browser_sniffs(store: FileStore) -> None:
    response = ask(store)
    assert (response.status, response.body) == (200, CONTENT)
    assert response.headers["Content-Disposition"] == 'attachment; filename="airports.pmtiles"'
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Length"] == str(len(CONTENT))


@pytest.mark.parametrize(
    ("asked", "first", "end"),
    [
        ("bytes=0-9", 0, 10),
        ("bytes=10000-", 10000, 10240),
        ("bytes=-5", 10235, 10240),
        ("bytes=0-99999", 0, 10240),
    ],
)
def test_a_range_is_answered_with_that_part(store: FileStore, asked: str, first: int, end: int) -> None:
    response = ask(store, Range=asked)
    assert (response.status, response.body) == (206, CONTENT[first:end])
    assert response.headers["Content-Range"] == f"bytes {first}-{end - 1}/10240"


@pytest.mark.parametrize("asked", ["bytes=10240-", "bytes=99999-", "bytes=-0"])
def test_a_range_beyond_the_end_is_416(store: FileStore, asked: str) -> None:
    response = ask(store, Range=asked)
    assert (response.status, response.headers["Content-Range"]) == (416, "bytes */10240")


@pytest.mark.parametrize("asked", ["bytes=5-1", "bytes=-", "lines=1-2", "bytes=0-1,4-5"])
def test_a_range_that_makes_no_sense_is_answered_with_the_whole(store: FileStore, asked: str) -> None:
    assert ask(store, Range=asked).status == 200


def test_what_the_reader_has_already_is_not_sent_again(store: FileStore) -> None:
    etag = ask(store).headers["ETag"]
    assert ask(store, If_None_Match=etag).status == 304


def test_a_part_of_other_bytes_is_answered_with_the_whole(store: FileStore) -> None:
    assert ask(store, Range="bytes=0-1", If_Range='"other"').status == 200


def test_only_harmless_types_are_shown_inline(store: FileStore) -> None:
    assert ask(store, inline=True).headers["Content-Disposition"] == "inline"
    assert ask(store, inline=True, media_type="text/html").headers["Content-Disposition"][:10] == "attachment"


def test_bytes_that_changed_since_they_were_hashed_are_not_sent(store: FileStore) -> None:
    ask(store)
    file = store.path(store.put(CONTENT))
    file.chmod(0o644)
    file.write_bytes(b"x" + CONTENT[1:])
    with pytest.raises(ArtifactDamaged):
        downloads.verified(store, file.name)
