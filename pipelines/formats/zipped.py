"""An archive with one shapefile, one CSV or one GeoJSON in it: opened in memory, never by its own word."""

import io
import stat
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import PurePosixPath

from pipelines.formats import delimited, geojson, guise, shapefile
from pipelines.formats.table import Fault, Table, nothing

UNIT = "row"
MEMBERS_AT_MOST = 32
BYTES_AT_MOST = 256 * 1024 * 1024
RATIO_AT_MOST, RATIO_FROM = 200, 8 * 1024 * 1024
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_READ = (".csv", ".geojson", ".json")
_UNREAD = (".txt", ".xml", ".sbn", ".sbx", ".qix")  # words and indexes beside a shapefile
_ARCHIVES = (".zip", ".gz", ".tar", ".tgz", ".7z", ".rar", ".bz2", ".xz", ".zst", ".kmz", ".gpkg")
_ENTRY = b"PK\x01\x02"
_ENCRYPTED = 0x1
_BLOCK = 1024 * 1024
_WHAT = "a zip archive"
_PACK = (
    "Pack one shapefile (.shp, .shx, .dbf, .prj), one CSV or one GeoJSON, and nothing else, without folders."
)
_CUT = (
    "The archive was cut off or damaged on its way: fetch it again, and compare its size with the source's."
)
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, LookupError, NotImplementedError)


class _Refused(Exception):
    """Carry why an archive is not opened."""

    def __init__(self, rule: str, message: str, *, where: str = "", remedy: str = _PACK) -> None:
        printed = "".join(sign if sign.isprintable() else " " for sign in where)
        self.fault = Fault(rule=rule, message=message, remedy=remedy, where=printed)
        super().__init__(message)


def read(content: bytes) -> Table:
    """Read what is packed; what is not right is told, never dropped."""
    fault = guise.other(content, than=_WHAT)
    if fault is not None:
        return nothing(content, fault, unit=UNIT)
    try:
        return replace(_table(_members(content)), size=len(content))
    except _Refused as refused:
        return nothing(content, refused.fault, unit=UNIT)
    except _BROKEN as cause:
        wrong = f"The archive cannot be read: {' '.join(str(cause).split())[:300]}"
        return nothing(content, Fault(rule="damaged", message=wrong, remedy=_CUT), unit=UNIT)


def _members(content: bytes) -> Mapping[str, bytes]:
    """Return the bytes of every member that is read, by its name."""
    if not content.startswith(b"PK"):
        raise _Refused("another", "This is no zip archive.")
    if content.count(_ENTRY) > MEMBERS_AT_MOST:
        raise _Refused("members", f"There are more than {MEMBERS_AT_MOST} files in the archive.")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        listed = archive.infolist()
        for fault in _faults(listed):
            raise fault
        found: dict[str, bytes] = {}
        room = BYTES_AT_MOST
        for one in listed:
            if not one.is_dir() and _suffix(one) not in _UNREAD:
                found[one.filename] = _unpacked(archive, one, room=room)
                room -= len(found[one.filename])
    return found


def _suffix(one: zipfile.ZipInfo) -> str:
    return PurePosixPath(one.filename).suffix.lower()


def _faults(listed: list[zipfile.ZipInfo]) -> Iterator[_Refused]:
    """Yield what forbids to open an archive at all, by its list of members."""
    for one in listed:
        yield from _unsafe(one)
    twice = Counter(one.filename.casefold() for one in listed)
    for one in listed:
        if twice[one.filename.casefold()] > 1:
            yield _Refused("twice", f"{one.filename!r} is in the archive more than once.", where=one.filename)
    told = sum(one.file_size for one in listed)
    if told > BYTES_AT_MOST:
        most = f"at most {BYTES_AT_MOST:,} are unpacked"
        yield _Refused("bomb", f"The archive would unpack to {told:,} bytes; {most}.")


def _unsafe(one: zipfile.ZipInfo) -> Iterator[_Refused]:
    name, path = one.orig_filename, PurePosixPath(one.filename)
    if path.is_absolute() or ".." in path.parts or set(name) & set("\\:\0") or not name.isprintable():
        yield _Refused("path", f"The name {name!r} leads out of the archive.", where=name)
    mode = one.external_attr >> 16
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        yield _Refused("link", f"{name!r} is a link or a device, not a file.", where=name)
    if one.flag_bits & _ENCRYPTED:
        yield _Refused("encrypted", f"{name!r} is encrypted.", where=name)
    if one.compress_type not in _METHODS:
        yield _Refused("method", f"{name!r} is packed by another method than deflate.", where=name)
    if _suffix(one) in _ARCHIVES:
        yield _Refused("nested", f"{name!r} is an archive in the archive.", where=name)
    known = (*_READ, *_UNREAD, *shapefile.PARTS)
    if not one.is_dir() and _suffix(one) not in known:
        yield _Refused("member", f"{name!r} does not belong to what is read.", where=name)


def _unpacked(archive: zipfile.ZipFile, one: zipfile.ZipInfo, *, room: int) -> bytes:
    """Return a member's bytes, counted while they are unpacked, whatever the archive says of their number."""
    blocks: list[bytes] = []
    size = 0
    with archive.open(one) as stream:
        while block := stream.read(_BLOCK):
            blocks.append(block)
            size += len(block)
            if size > room or size > max(RATIO_FROM, RATIO_AT_MOST * one.compress_size):
                wrong = f"{one.filename!r} unpacks to more than {size - len(block):,} bytes."
                raise _Refused("bomb", wrong, where=one.filename)
    content = b"".join(blocks)
    if guise.told(content) and _suffix(one) not in shapefile.PARTS:
        wrong = f"{one.filename!r} is {guise.told(content)}."
        raise _Refused("nested", wrong, where=one.filename)
    return content


def _table(found: Mapping[str, bytes]) -> Table:
    shapes = sorted(name for name in found if PurePosixPath(name).suffix.lower() in shapefile.PARTS)
    plain = sorted(set(found) - set(shapes))
    if len(plain) == 1 and not shapes:
        read = delimited.read if plain[0].lower().endswith(".csv") else geojson.read
        return read(found[plain[0]])
    if plain or not shapes:
        listed = ", ".join(sorted(found)) or "nothing"
        raise _Refused("members", f"There is not one data set in the archive, but {listed[:300]}.")
    stems = {str(PurePosixPath(name).with_suffix("")).casefold() for name in shapes}
    if len(stems) > 1:
        raise _Refused("members", f"There are parts of {len(stems)} shapefiles: {', '.join(shapes)[:300]}.")
    return shapefile.read({PurePosixPath(name).suffix.lower(): found[name] for name in shapes})
