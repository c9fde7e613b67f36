"""What a bundle holds: which documents, under which names, and the index that names each by its digest."""

import re
from collections.abc import Iterator, Mapping

from pipelines import digest
from pipelines.errors import NotProved
from pipelines.model import Json

SCHEMA = "kfm/evidence/1"
INDEX, PAGE, ABOUT = "index.json", "index.html", "about.json"
MANIFEST, DECISIONS = "manifest.json", "decisions.json"
STAC, DCAT, PROV = "catalogs/item.json", "catalogs/dcat.jsonld", "prov/run.jsonld"
PUBLISHED_STAC, PUBLISHED_DCAT = "published/item.json", "published/dcat.jsonld"
PUBLISHED_PROV, FACTS = "published/prov-run.jsonld", "published/facts.json"
ATTEMPT, VERIFICATION, TOMBSTONE = (
    f"machines/{name}.json" for name in ("attempt", "verification", "tombstone")
)
PROMOTION = "prov/promotion.jsonld"
EXCEPTIONS, DECIDED = "exceptions/", "review.decided"
CHECKPOINT = "audit/checkpoint.txt"
KINDS = RELEASE, REVIEW = "release", "review"
OF_ABOUT = frozenset(
    ("schema", "kind", "asset", "channel", "release", "promotion", "review", "run", "manifest")
)

MADE = (INDEX, PAGE)  # by us, from the rest
ALWAYS = (ABOUT, MANIFEST, DECISIONS, PROV, CHECKPOINT, ATTEMPT)
OF_RELEASE = (
    *(STAC, DCAT, PUBLISHED_STAC, PUBLISHED_DCAT, PUBLISHED_PROV, FACTS),
    *(VERIFICATION, PROMOTION),
)
# What may stand there besides: kept bytes by their digest, chains and lines by their number.
MORE = {
    "artifacts/": r"artifacts/[0-9a-f]{64}",
    "policy/": r"policy/[a-z0-9._-]+(?:/[a-z0-9._-]+)?",
    "prov/": r"prov/exception-[0-9a-f]{64}\.jsonld",
    "exceptions/": r"exceptions/[0-9a-f]{64}\.json",
    "roster/": r"roster/\d{5}\.json",
    "machines/": r"machines/tombstone\.json",
    "events/": r"audit/events/\d{12}\.json",
    "proofs/": r"audit/proofs/\d{12}\.txt",
}
_MORE = re.compile("|".join(MORE.values()))
_TYPES = {
    ".json": "application/json",
    ".jsonld": "application/ld+json",
    ".txt": "text/plain",
    ".html": "text/html",
    ".wasm": "application/wasm",
}


def index(files: Mapping[str, bytes]) -> bytes:
    """Return the index of every other file: its digest, size and type."""
    about = digest.read_json(files[ABOUT])
    listed = [_row(name, files[name]) for name in sorted(files) if name != INDEX]
    return digest.canonical({"schema": SCHEMA, "about": about, "files": listed})


def rows(files: Mapping[str, bytes]) -> list[Json]:
    """Return what the index says of these files."""
    return [_row(name, content) for name, content in sorted(files.items())]


def about(files: Mapping[str, bytes]) -> Json:
    """Return what the bundle says that it is evidence of; refuse one that says less or more."""
    said = digest.read_json(files[ABOUT])
    if not isinstance(said, dict) or set(said) != OF_ABOUT or said["schema"] != SCHEMA:
        raise NotProved("The bundle does not say what it is evidence of.")
    if said["kind"] not in KINDS or (said["kind"] == RELEASE) != (said["release"] is not None):
        raise NotProved("A bundle is of a release with its number, or of a review.")
    return said


def complete(files: Mapping[str, bytes]) -> str:
    """Refuse a bundle that lacks what its kind must hold, or holds what no bundle does."""
    wanted = {*MADE, *ALWAYS, *(OF_RELEASE if about(files)["kind"] == RELEASE else ())}
    missing = sorted(wanted - set(files))
    if missing:
        raise NotProved(f"The bundle lacks {', '.join(missing)}.")
    known = {*wanted, *OF_RELEASE}
    strange = sorted(name for name in files if name not in known and not _MORE.fullmatch(name))
    if strange:
        raise NotProved(f"The bundle holds what no bundle does: {', '.join(strange)[:300]}.")
    return f"{len(files)} files, all that a {about(files)['kind']} has"


def below(files: Mapping[str, bytes], folder: str) -> Iterator[tuple[str, bytes]]:
    """Yield the files of one folder in order."""
    yield from ((name, files[name]) for name in sorted(files) if name.startswith(folder))


def _row(name: str, content: bytes) -> Json:
    suffix = name[name.rindex(".") :] if "." in name else ""
    return {
        "path": name,
        "sha256": digest.of(content),
        "size": len(content),
        "media_type": _TYPES.get(suffix, "application/octet-stream"),
    }
