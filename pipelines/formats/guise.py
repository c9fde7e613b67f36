"""What a file really is, by how it begins, whatever it is called."""

from pipelines.formats.table import Fault

BOM = b"\xef\xbb\xbf"
_BEGINS = 512
_BYTES = {
    b"PAR1": "a Parquet file",
    b"PARE": "an encrypted Parquet file",
    b"PK\x03\x04": "a zip archive",
    b"PK\x05\x06": "a zip archive",
    b"\x1f\x8b": "a gzip archive",
    b"7z\xbc\xaf": "a 7z archive",
    b"Rar!": "a RAR archive",
    b"II*\x00": "a TIFF",
    b"MM\x00*": "a TIFF",
    b"II+\x00": "a TIFF",
    b"MM\x00+": "a TIFF",
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"SQLite format 3": "an SQLite file",
    b"\x00\x00\x27\x0a": "a part of a shapefile",
}
_WORDS = {
    b"<vrtdataset": "a VRT, which only refers to other files",
    b"<ogrvrtdatasource": "a VRT, which only refers to other files",
    b"/vsi": "a reference to another file",
    b"version https://git-lfs": "a pointer to a file that was not fetched",
    b"<!doctype html": "an HTML page",
    b"<html": "an HTML page",
    b"<head": "an HTML page",
    b"<svg": "a picture",
}


def told(content: bytes) -> str:
    """Return what a file is by its first bytes, or nothing if they do not tell."""
    for mark, name in _BYTES.items():
        if content.startswith(mark):
            return name
    words = content[:_BEGINS].removeprefix(BOM).lstrip().lower()
    for mark, name in _WORDS.items():
        if words.startswith(mark) or (words.startswith((b"<?xml", b"<!--")) and mark in words):
            return name
    return "an XML document" if words.startswith(b"<?xml") else ""


def other(content: bytes, *, than: str) -> Fault | None:
    """Return why a file is no `than` at all, if it is empty or shows to be something else."""
    if not content.removeprefix(BOM).strip():
        again = f"Look whether it was fetched to its end, and deliver {than}."
        return Fault(rule="empty", message="There is nothing in the file.", remedy=again)
    name = told(content)
    if not name or than.startswith(name):
        return None
    wrong = f"This is {name}, not {than}."
    return Fault(rule="another", message=wrong, remedy=f"Deliver the data themselves, as {than}.")
