"""The bytes of one artifact over HTTP: whole or a range, as an attachment no browser opens by itself."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse

from pipelines.store import FileStore

BLOCK = 256 * 1024
KEPT = "private, max-age=31536000, immutable"
INLINE = ("image/svg+xml", "application/json", "application/vnd.pmtiles")
REMEMBERED = 4096
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
_HASHED: dict[tuple[Path, str], tuple[Path, tuple[int, int, int]]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """What is asked for: bytes by digest, and the name and type they are given."""

    sha256: str
    media_type: str
    filename: str
    guarded: bool = False  # not for everybody: no cache keeps it, and no tag names it


def respond(request: HttpRequest, download: Download, *, store: FileStore, inline: bool) -> HttpResponseBase:
    """Answer `request` with the artifact, the part of it that was asked for, or 304 or 416."""
    etag = f'"{download.sha256}"'
    path = verified(store, download.sha256)
    if etag in map(str.strip, request.headers.get("If-None-Match", "").split(",")):
        return _dressed(HttpResponse(status=304), download, etag=etag, inline=inline)
    in_part = request.method == "GET" and request.headers.get("If-Range", etag) == etag
    asked = request.headers.get("Range", "") if in_part else ""
    size = path.stat().st_size
    part = span(asked, size=size)
    if part is None:
        response: HttpResponseBase = FileResponse(path.open("rb"), content_type=download.media_type)
    elif part[0] >= part[1]:
        response = HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    else:
        response = partial(path, part, size=size, media_type=download.media_type)
    return _dressed(response, download, etag=etag, inline=inline)


def span(asked: str, *, size: int) -> tuple[int, int] | None:
    """Return the first byte asked for and the one after the last; None for the whole, an empty span for none.

    Several ranges at once are answered with the whole, as RFC 9110 allows.
    """
    match = _RANGE.fullmatch(asked.replace(" ", ""))
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if not first:
        return (max(size - int(last), 0), size) if int(last) else (size, size)
    if last and int(last) < int(first):
        return None
    return int(first), min(int(last) + 1, size) if last else size


def verified(store: FileStore, sha256: str) -> Path:
    """Return the artifact's file, hashed again whenever it is not the same file as last time."""
    known = _HASHED.get((store.root, sha256))
    if known is not None and known[0].is_file() and _signature(known[0]) == known[1]:
        return known[0]
    path = store.path(sha256)
    if len(_HASHED) >= REMEMBERED:
        _HASHED.clear()
    _HASHED[store.root, sha256] = (path, _signature(path))
    return path


def _signature(path: Path) -> tuple[int, int, int]:
    about = path.stat()
    return about.st_ino, about.st_mtime_ns, about.st_size


def partial(path: Path, part: tuple[int, int], *, size: int, media_type: str) -> HttpResponseBase:
    """Answer with the bytes from the first of `part` up to the second."""
    first, end = part
    response = StreamingHttpResponse(_read(path, first, end - first), status=206, content_type=media_type)
    response["Content-Range"] = f"bytes {first}-{end - 1}/{size}"
    response["Content-Length"] = str(end - first)
    return response


def _read(path: Path, first: int, length: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(first, os.SEEK_SET)
        while length > 0 and (block := file.read(min(BLOCK, length))):
            length -= len(block)
            yield block


def _dressed(response: HttpResponseBase, download: Download, *, etag: str, inline: bool) -> HttpResponseBase:
    shown = inline and download.media_type in INLINE
    response["Accept-Ranges"] = "bytes"
    if not download.guarded:
        response["ETag"] = etag
    response["Cache-Control"] = "private, no-store" if download.guarded else KEPT
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Disposition"] = "inline" if shown else f'attachment; filename="{download.filename}"'
    response["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return response
