"""Files of a published place over HTTP: whole or in ranges, with the right type, nothing outside of it."""

from pathlib import Path

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase

from kfm_review import downloads
from kfm_review.releases import queries
from pipelines import digest
from pipelines.store import place

TYPES = {
    ".json": "application/json",
    ".geojson": "application/geo+json",
    ".jsonld": "application/ld+json",
    ".parquet": "application/vnd.apache.parquet",
    ".pmtiles": "application/vnd.pmtiles",
    ".csv": "text/csv; charset=utf-8",
    ".svg": "image/svg+xml",
}
UNKNOWN = "application/octet-stream"
ITEM, TOMBSTONE = "item.json", "tombstone.json"
TOLD = (ITEM, "dcat.jsonld")  # these tell of the withdrawal themselves
GONE = 410
OBJECTS, PUBLIC = "objects", "public"


def respond(
    request: HttpRequest, relative: str, *, store_url: str, channel: str = PUBLIC
) -> HttpResponseBase:
    """Answer with one published file, or the range of it that was asked for."""
    root = place(store_url, channel)
    stands = _tombstone(root, relative)
    if stands is not None:
        return _gone(stands.read_bytes(), media_type(stands))
    try:
        path = inside(root, relative)
    except Http404:
        name = relative.rpartition("/")[2]
        found = queries.tombstone(name, channel=channel) if relative.startswith(f"{OBJECTS}/") else None
        if found is None:
            raise
        return _gone(bytes(found.envelope), TYPES[".json"])
    about = path.stat()
    etag = f'"{about.st_mtime_ns:x}-{about.st_size:x}"'
    if request.headers.get("If-None-Match", "") == etag:
        return _dressed(HttpResponse(status=304), relative, etag=etag)
    asked = request.headers.get("Range", "") if request.headers.get("If-Range", etag) == etag else ""
    part = downloads.span(asked, size=about.st_size)
    if part is None:
        response: HttpResponseBase = FileResponse(path.open("rb"), content_type=media_type(path))
    elif part[0] >= part[1]:
        response = HttpResponse(status=416, headers={"Content-Range": f"bytes */{about.st_size}"})
    else:
        response = downloads.partial(path, part, size=about.st_size, media_type=media_type(path))
    return _dressed(response, relative, etag=etag)


def _tombstone(root: Path, relative: str) -> Path | None:
    """Return the file that stands in place of a withdrawn release's document."""
    folder, _, name = relative.rpartition("/")
    try:
        stands = inside(root, f"{folder}/{TOMBSTONE}")
    except Http404:
        return None
    return None if name == TOMBSTONE else stands.with_name(name) if name in TOLD else stands


def _gone(told: bytes, kind: str) -> HttpResponse:
    """Answer that something was withdrawn, with what is to be said of it."""
    answer = HttpResponse(told, status=GONE, content_type=kind)
    _dressed(answer, "", etag=f'"{digest.of(told)[:16]}"')
    return answer


def inside(root: Path, relative: str) -> Path:
    """Return the file below `root`; whatever is none, or lies elsewhere, is not found."""
    path = root / relative
    try:
        there = path.resolve().is_relative_to(root.resolve()) and path.is_file()
    except (OSError, ValueError, RuntimeError):  # no file has such a name, or links lead in a circle
        there = False
    if not there:
        raise Http404(relative[:200])
    return path


def media_type(path: Path) -> str:
    """Return the type a published file is served with; items are GeoJSON."""
    if path.name == ITEM:
        return TYPES[".geojson"]
    return TYPES.get(path.suffix, UNKNOWN)


def _dressed(response: HttpResponseBase, relative: str, *, etag: str) -> HttpResponseBase:
    lasting = relative.split("/", 1)[0] == OBJECTS
    response["ETag"] = etag
    response["Accept-Ranges"] = "bytes"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Disposition"] = "inline"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "public, max-age=31536000, immutable" if lasting else "public, no-cache"
    return response
