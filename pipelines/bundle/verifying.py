"""Check a bundle: each thing by its name, with what it rests on; no database, no clock, no network."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from pipelines import digest
from pipelines.bundle import archive, contents, described, excused, judged, page, recorded, signed, writing
from pipelines.bundle.evidence import Evidence
from pipelines.errors import NotProved, Stopped

SAID_AT_MOST = 500
CHECKS: dict[str, tuple[str, Callable[[Evidence], str]]] = {
    "contents": ("Everything is there, nothing else", lambda evidence: contents.complete(evidence.files)),
    "manifest": ("Manifest", described.manifest),
    "gates": ("Outcome of the gates", described.gates),
    "policy": ("Policy", judged.policy),
    "catalogs": ("STAC, DCAT and PROV", described.catalogs),
    "published": ("Published documents", described.published),
    "labels": ("Labels", described.labels),
    "roster": ("Roster", signed.roster),
    "attempt": ("The worker's signature", signed.attempt),
    "verification": ("The second run's signature", signed.verification),
    "tombstone": ("Withdrawal", signed.tombstone),
    "exceptions": ("Exceptions", excused.exceptions),
    "decisions": ("Decisions", recorded.decisions),
    "audit": ("Lines of the audit", recorded.audit),
    "checkpoint": ("Checkpoint", recorded.checkpoint),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was checked, whether it holds, and what that rests on or what is wrong."""

    id: str
    title: str
    holds: bool
    said: str


def verify(content: bytes, *, root: str) -> tuple[Check, ...]:
    """Return every check of a bundle's bytes; it is sound if there are some and all of them hold.

    Args:
        content: the bundle.
        root: the fingerprint of the root key, from somewhere else than the bundle.
    """
    try:
        opened = archive.unpack(content)
    except NotProved as cause:
        return (_check("archive", "Archive", cause),)
    evidence = Evidence(files=opened.files, root=root)
    return (
        _asked("archive", "Archive", lambda: _written(opened.files, content)),
        *_files(opened),
        _asked("page", "The page that checks it", lambda: _page(opened.files)),
        *(_asked(name, title, _of(check, evidence)) for name, (title, check) in CHECKS.items()),
    )


def sound(checks: tuple[Check, ...]) -> bool:
    """Answer whether a bundle proves what it says."""
    return bool(checks) and all(one.holds is True for one in checks)


def _of(check: Callable[[Evidence], str], evidence: Evidence) -> Callable[[], str]:
    return lambda: check(evidence)


def _asked(name: str, title: str, ask: Callable[[], str]) -> Check:
    try:
        return Check(id=name, title=title, holds=True, said=ask()[:SAID_AT_MOST])
    except Stopped as cause:
        return _check(name, title, cause)
    except Exception as broke:  # noqa: BLE001  # whatever an attacker can make crash is not proved
        return _check(name, title, NotProved(f"It cannot be read: {type(broke).__name__}: {broke}"))


def _check(name: str, title: str, cause: Stopped) -> Check:
    return Check(id=name, title=title, holds=False, said=str(cause)[:SAID_AT_MOST])


def _written(files: Mapping[str, bytes], content: bytes) -> str:
    """Say that the archive is, byte for byte, the one that its documents make."""
    documents = {name: one for name, one in files.items() if name not in contents.MADE}
    if writing.write(documents) != content:
        raise NotProved("The archive is not the one that its documents make.")
    return f"{len(content):,} bytes, as its documents make it"


def _page(files: Mapping[str, bytes]) -> str:
    documents = {name: one for name, one in files.items() if name not in contents.MADE}
    if files.get(contents.PAGE) != page.write(documents):
        raise NotProved("The page is not the one that this version makes of the documents: do not open it.")
    return "made of these documents"


def _files(opened: archive.Opened) -> Iterator[Check]:
    """Hold every file against the index, and the index against the files."""
    listed: dict[str, str] = {}
    try:
        index = digest.read_json(opened.files[contents.INDEX])
        listed = {str(row["path"]): str(row["sha256"]) for row in index["files"]}
        rest = {name: one for name, one in opened.files.items() if name != contents.INDEX}
        holds = contents.index(rest) == opened.files[contents.INDEX] and not opened.damaged
        said = f"{len(listed)} files by digest" if holds else "The index is not that of the files."
    except Exception as broke:  # noqa: BLE001  # as above
        holds, said = False, f"The index cannot be read: {type(broke).__name__}"
    yield Check(id="index", title="Index", holds=holds, said=said)
    for name in sorted({*listed, *opened.files, *opened.damaged} - {contents.INDEX}):
        yield _file(name, opened.files.get(name), listed.get(name))


def _file(name: str, content: bytes | None, wanted: str | None) -> Check:
    if content is None:
        holds, said = False, "It is damaged or missing."
    elif wanted is None:
        holds, said = False, "The index does not list it."
    else:
        holds, said = digest.of(content) == wanted, f"sha256:{digest.of(content)}"
        said = said if holds else f"Its bytes are {said}; the index says {wanted}."
    return Check(id=f"file {name}", title=name, holds=holds, said=said)
