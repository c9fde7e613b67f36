"""The archive itself: files by name in a ZIP of one form, so that equal facts are equal bytes."""

import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass

from pipelines.errors import NotProved

MOST_FILES = 5_000
MOST_BYTES = 256 * 1024 * 1024
NAME = re.compile(r"[a-z0-9][a-z0-9._-]*(?:/[a-z0-9][a-z0-9._-]*){0,3}")
LONGEST_NAME = 200
BEGINNING = (1980, 1, 1, 0, 0, 0)  # the first moment that a ZIP can name: a clock's would differ
UNIX = 3
READABLE = 0o100644 << 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What an archive held: every file that could be read, and the names of those that could not."""

    files: Mapping[str, bytes]
    damaged: tuple[str, ...]


def pack(files: Mapping[str, bytes]) -> bytes:
    """Return the one archive of these files: sorted, stored as they are, without a clock."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_STORED) as archive:
        for name, content in sorted(files.items()):
            if not NAME.fullmatch(name) or len(name) > LONGEST_NAME:
                raise NotProved(f"{name[:80]!r} is no name for a file of an evidence bundle.")
            entry = zipfile.ZipInfo(name, BEGINNING)
            entry.create_system, entry.external_attr = UNIX, READABLE
            archive.writestr(entry, content)
    return written.getvalue()


def unpack(content: bytes) -> Opened:
    """Return what an archive holds; names that lead elsewhere, compression and excess are refused.

    Raises:
        NotProved: it is no archive of this form.
    """
    if len(content) > MOST_BYTES:
        raise NotProved(f"A bundle has at most {MOST_BYTES:,} bytes, and this has {len(content):,}.")
    files: dict[str, bytes] = {}
    damaged = []
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for entry in _entries(archive):
                try:
                    files[entry.filename] = archive.read(entry)
                except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError):
                    damaged.append(entry.filename)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, OverflowError) as cause:
        raise NotProved(f"This is no bundle that can be opened: {cause}") from cause
    return Opened(files=files, damaged=tuple(damaged))


def _entries(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """Return the entries of an archive that may be opened at all."""
    entries = archive.infolist()
    if not 1 <= len(entries) <= MOST_FILES or len({one.filename for one in entries}) != len(entries):
        raise NotProved(f"A bundle holds 1 to {MOST_FILES:,} files, each name once.")
    for one in entries:
        if not NAME.fullmatch(one.filename) or len(one.filename) > LONGEST_NAME:
            raise NotProved(f"The bundle holds a file with the name {one.filename[:80]!r}.")
        if one.compress_type != zipfile.ZIP_STORED or one.flag_bits or one.file_size != one.compress_size:
            raise NotProved(f"{one.filename} is not stored as it is: this is not how a bundle is written.")
    if sum(one.file_size for one in entries) > MOST_BYTES:
        raise NotProved("The files of the bundle are larger than the bundle may be.")
    return entries
