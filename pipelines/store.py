"""Where bytes live under their own digest: written once, verified whenever they are read."""

import hashlib
import logging
import os
import re
import stat
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from pipelines import digest, disk
from pipelines.errors import ArtifactDamaged, ArtifactMissing, NotStrict, OutsidePlace, TooLarge
from pipelines.model import Json

log = logging.getLogger(__name__)

MEGABYTE = 1024 * 1024
READ_AT_MOST = 64 * MEGABYTE
PLACES = ("candidates", "inbox", "public", "restricted", "results")
_BLOCK = MEGABYTE
_READ_ONLY = 0o444
_RUN = re.compile(r"[0-9A-Za-z-]{1,64}")


class Store(Protocol):
    """Bytes by digest; what is read is always what was written, or an error."""

    def put(self, content: bytes) -> str: ...
    def put_file(self, path: Path) -> str: ...
    def read(self, name: str, *, limit: int = READ_AT_MOST) -> bytes: ...
    def has(self, name: str) -> bool: ...
    def size(self, name: str) -> int: ...
    def verify(self, name: str) -> int: ...
    def path(self, name: str) -> Path: ...
    def together(self) -> AbstractContextManager[None]: ...


class FileStore:
    """A folder: `sha256/ab/<digest>`, each file flushed to disk before it has its name."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._later: set[Path] | None = None

    @contextmanager
    def together(self) -> Iterator[None]:
        """Put many things: their folders are flushed once, at the end, before anybody is told of them."""
        self._later = set()
        try:
            yield
        finally:
            folders, self._later = self._later, None
            for folder in sorted(folders):
                disk.flush(folder)

    def put(self, content: bytes) -> str:
        """Keep `content`; keeping it twice is keeping it once."""
        name = digest.of(content)
        if not self._kept(name):
            with disk.landed((content,), into=self._landing, mode=_READ_ONLY) as temporary:
                self._name(temporary, name)
        return name

    def put_file(self, path: Path) -> str:
        """Keep a file's bytes, without holding them in memory."""
        hasher = hashlib.sha256()
        with disk.landed(_hashed(path, hasher.update), into=self._landing, mode=_READ_ONLY) as temporary:
            name = hasher.hexdigest()
            if not self._kept(name):
                self._name(temporary, name)
        return name

    def read(self, name: str, *, limit: int = READ_AT_MOST) -> bytes:
        """Return the bytes of `name`, hashed again; refuse more than `limit`."""
        check_size(name, size=self.size(name), limit=limit)
        content = self._file(name).read_bytes()
        if digest.of(content) != name:
            raise _damaged(name)
        return content

    def has(self, name: str) -> bool:
        """Say whether a file of that name is there."""
        return self._file(name).is_file()

    def size(self, name: str) -> int:
        """Return how many bytes the file has."""
        try:
            return self._file(name).stat().st_size
        except FileNotFoundError as cause:
            raise missing(name) from cause

    def verify(self, name: str) -> int:
        """Hash the file again, block by block, and return its size."""
        size = self.size(name)
        if digest.of_file(self._file(name)) != name:
            raise _damaged(name)
        return size

    def path(self, name: str) -> Path:
        """Return the verified file, for readers that need one."""
        self.verify(name)
        return self._file(name)

    def _file(self, name: str) -> Path:
        return self.root / "sha256" / digest.check(name)[:2] / name

    @property
    def _landing(self) -> Path:
        return self.root / "landing"

    def _kept(self, name: str) -> bool:
        """Say whether the bytes are there, whole; whoever wrote them may not have flushed the folder yet."""
        if not self.has(name):
            return False
        self.verify(name)
        self._flush(self._file(name).parent)
        return True

    def _name(self, temporary: Path, name: str) -> None:
        final = self._file(name)
        disk.folder(final.parent)
        try:
            os.link(temporary, final)
        except FileExistsError:
            self.verify(name)
        self._flush(final.parent)

    def _flush(self, folder: Path) -> None:
        if self._later is None:
            disk.flush(folder)
        else:
            self._later.add(folder)


def _hashed(path: Path, hear: Callable[[bytes], None]) -> Iterator[bytes]:
    with path.open("rb") as source:
        while block := source.read(_BLOCK):
            hear(block)
            yield block


class Documents:
    """Named documents below one folder: each is wholly the old one or wholly the new one."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, relative: str, content: bytes) -> None:
        """Put `content` at `relative` in one move."""
        final = self._file(relative)
        with disk.landed((content,), into=final.parent, mode=0o644, prefix=".landing-") as temporary:
            temporary.replace(final)
        disk.flush(final.parent)

    def read(self, relative: str) -> bytes:
        """Return what stands at `relative`."""
        try:
            return self._file(relative).read_bytes()
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as cause:
            raise ArtifactMissing(f"There is no document {relative!r}.") from cause

    def exists(self, relative: str) -> bool:
        """Say whether a document stands at `relative`."""
        return self._file(relative).is_file()

    def delete(self, relative: str) -> None:
        """Take the document away, if it is there."""
        self._file(relative).unlink(missing_ok=True)

    def _file(self, relative: str) -> Path:
        parts = Path(relative).parts
        if not parts or Path(relative).is_absolute() or ".." in parts or "\0" in relative:
            raise OutsidePlace(f"{relative!r} leads out of its folder: name a path below it.")
        file = self.root / relative
        if not file.resolve().is_relative_to(self.root.resolve()):
            raise OutsidePlace(f"{relative!r} leads out of its folder through a link.")
        return file


class Results:
    """What workers wrote down before they reported it, so that a lost message loses nothing."""

    def __init__(self, root: Path) -> None:
        self._documents = Documents(root)

    def leave(self, run: str, attempt: int, message: Json) -> None:
        """Keep the message of an attempt that ended."""
        self._documents.write(_result(run, attempt), digest.canonical(message))

    def waiting(self) -> Iterator[Json]:
        """Return each message that nobody has cleared, oldest name first; put aside what is none."""
        for file in sorted(self._documents.root.glob("*.json")):
            try:
                yield _named(file)
            except FileNotFoundError:  # cleared by another reader meanwhile
                continue
            except (NotStrict, OutsidePlace):
                log.exception("%s is not a result; it is kept as .unreadable.", file.name)
                file.rename(file.with_suffix(".unreadable"))

    def clear(self, run: str, attempt: int) -> None:
        """Forget a message that has been received."""
        self._documents.delete(_result(run, attempt))


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """What a worker may touch."""

    candidates: Store
    inbox: Store
    results: Results

    @classmethod
    def at(cls, url: str) -> "Places":
        """Return the places below a store's address."""
        return cls(
            candidates=FileStore(place(url, "candidates")),
            inbox=FileStore(place(url, "inbox")),
            results=Results(place(url, "results")),
        )


def place(url: str, name: str) -> Path:
    """Return the folder of one place of the store at `url` (`file:///absolute/path`)."""
    address = urlsplit(url)
    if address.scheme != "file" or not address.path.startswith("/") or address.netloc:
        raise OutsidePlace(f"STORE_URL {url!r} is not understood: write file:///absolute/path.")
    if name not in PLACES:
        raise OutsidePlace(f"The store has no place {name!r}: choose one of {', '.join(PLACES)}.")
    return Path(unquote(address.path)) / name


def _result(run: str, attempt: int) -> str:
    if not _RUN.fullmatch(run):
        raise OutsidePlace(f"{run[:80]!r} is not the id of a run.")
    return f"{run}.{int(attempt)}.json"


def _named(file: Path) -> Json:
    """Return the message in a file, if it is about the attempt that the file is named after."""
    about = file.lstat()
    if not stat.S_ISREG(about.st_mode) or about.st_size > MEGABYTE:
        raise NotStrict(f"{file.name} is no file, or one of more than {MEGABYTE:,} bytes.")
    message = digest.read_json(file.read_bytes())
    said = message if isinstance(message, dict) else {}
    attempt = said.get("attempt")
    if not isinstance(attempt, int) or _result(str(said.get("run")), attempt) != file.name:
        raise NotStrict(f"What lies in {file.name} is about something else.")
    return said


def check_size(name: str, *, size: int, limit: int) -> None:
    """Refuse to read more than `limit` bytes at once."""
    if size > limit:
        raise TooLarge(f"Artifact sha256:{name[:8]} has {size:,} bytes; at most {limit:,} are read at once.")


def missing(name: str) -> ArtifactMissing:
    """Return the refusal of bytes that are not there."""
    return ArtifactMissing(f"Artifact sha256:{name[:8]} is not in the store: run it again.")


def _damaged(name: str) -> ArtifactDamaged:
    return ArtifactDamaged(
        f"Artifact sha256:{name[:8]} is damaged: its bytes are not what its name says. "
        "Move the file away, find out who changed it, and run again."
    )
