"""A store that lives as long as its process, for tests that need no files."""

import shutil
import tempfile
import weakref
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from pipelines import digest
from pipelines.store import READ_AT_MOST, check_size, missing


class MemoryStore:
    """Bytes by digest, in a dictionary; `path` writes a file on demand."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}
        self._folder: Path | None = None

    def put(self, content: bytes) -> str:
        name = digest.of(content)
        self._kept[name] = content
        return name

    def put_file(self, path: Path) -> str:
        return self.put(path.read_bytes())

    def read(self, name: str, *, limit: int = READ_AT_MOST) -> bytes:
        check_size(name, size=self.size(name), limit=limit)
        return self._kept[name]

    def has(self, name: str) -> bool:
        return digest.check(name) in self._kept

    def size(self, name: str) -> int:
        if not self.has(name):
            raise missing(name)
        return len(self._kept[name])

    def verify(self, name: str) -> int:
        return self.size(name)

    def together(self) -> AbstractContextManager[None]:
        return nullcontext()

    def path(self, name: str) -> Path:
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="kfm-memory-"))
            weakref.finalize(self, shutil.rmtree, self._folder)
        file = self._folder / name
        file.write_bytes(self.read(name))
        return file
