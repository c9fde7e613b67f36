"""The enclosed documents as a store; bytes that a bundle names by digest only are taken at their name."""

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from pipelines import digest
from pipelines.bundle.evidence import Evidence
from pipelines.errors import NotProved
from pipelines.store import READ_AT_MOST, check_size, missing


class Enclosed:
    """What reads a store reads a bundle: files by their digest, other artifacts by the manifest's word."""

    def __init__(self, evidence: Evidence) -> None:
        self._files = {digest.of(content): content for content in evidence.files.values()}
        self._told = {one.sha256: one.size for one in evidence.manifest.artifacts}

    def read(self, name: str, *, limit: int = READ_AT_MOST) -> bytes:
        """Return an enclosed file."""
        if name not in self._files:
            raise missing(name)
        check_size(name, size=len(self._files[name]), limit=limit)
        return self._files[name]

    def has(self, name: str) -> bool:
        return name in self._files

    def size(self, name: str) -> int:
        if name in self._files:
            return len(self._files[name])
        if name not in self._told:
            raise missing(name)
        return self._told[name]

    def verify(self, name: str) -> int:
        """Return the size of a file that is its digest's, or of an artifact that is not enclosed."""
        return self.size(name)

    def path(self, name: str) -> Path:  # noqa: ARG002  # a store's
        raise NotProved("A bundle has no folder.")

    def put(self, content: bytes) -> str:  # noqa: ARG002  # a store's
        raise NotProved("Nothing is written into a bundle that is checked.")

    def put_file(self, path: Path) -> str:  # noqa: ARG002  # a store's
        raise NotProved("Nothing is written into a bundle that is checked.")

    def together(self) -> AbstractContextManager[None]:
        return nullcontext()
