"""What can be wrong with a zip archive, done to a few airports and to a shapefile of three boxes."""

import io
import stat
import struct
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path

import geopandas as gpd
import shapely

from tests.families.hostile import airports

_LIST, _FLAGS, _SIZE = b"PK\x01\x02", 8, 24


def _pack(members: Mapping[str, bytes]) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return sink.getvalue()


def _one(name: str) -> bytes:
    return _pack({name: airports.good()})


def _link() -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        member = zipfile.ZipInfo("airports.csv")
        member.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(member, "/etc/passwd")
    return sink.getvalue()


def _said(content: bytes, at: int, number: bytes) -> bytes:
    """Return an archive whose list says something else of its first member."""
    at += content.index(_LIST)
    return content[:at] + number + content[at + len(number) :]


def _bomb() -> bytes:
    return _pack({"airports.csv": b"0" * 300_000_000})


@lru_cache(maxsize=1)
def _shapefile() -> Mapping[str, bytes]:
    names = ["one", "two", "three"]
    boxes = [shapely.box(n - 100, 38, n - 99, 39) for n in range(len(names))]
    frame = gpd.GeoDataFrame({"name": names}, geometry=boxes, crs="EPSG:4326")
    with tempfile.TemporaryDirectory() as folder:
        frame.to_file(Path(folder) / "boxes.shp", engine="pyogrio", encoding="UTF-8")
        return {file.name: file.read_bytes() for file in sorted(Path(folder).iterdir())}


def _parts(**changes: bytes | None) -> bytes:
    parts = {**_shapefile(), **{f"boxes.{part}": content for part, content in changes.items()}}
    return _pack({name: content for name, content in parts.items() if content is not None})


_VRT = b"<OGRVRTDataSource><SrcDataSource>/vsizip//etc/passwd</SrcDataSource></OGRVRTDataSource>"
FILES: Mapping[str, Callable[[], bytes]] = {
    "good.zip": lambda: _one("airports.csv"),
    "empty.zip": lambda: b"",
    "no-member.zip": lambda: _pack({}),
    "page-called.zip": lambda: b"<!DOCTYPE html><title>Sign in</title>",
    "truncated.zip": lambda: _one("airports.csv")[:-40],
    "damaged.zip": lambda: _one("airports.csv")[:60] + bytes(9) + _one("airports.csv")[69:],
    "path-upward.zip": lambda: _one("../../etc/cron.d/airports.csv"),
    "path-absolute.zip": lambda: _one("/etc/airports.csv"),
    "path-of-windows.zip": lambda: _one("..\\airports.csv"),
    "path-with-a-line-end.zip": lambda: _one("air\nports.csv"),
    "link.zip": _link,
    "encrypted.zip": lambda: _said(_one("airports.csv"), _FLAGS, b"\x01\x00"),
    "zip-in-zip.zip": lambda: _pack({"airports.zip": _one("airports.csv")}),
    "zip-called-csv.zip": lambda: _pack({"airports.csv": _one("airports.csv")}),
    "vrt.zip": lambda: _pack({"airports.vrt": _VRT}),
    "vrt-called-shp.zip": lambda: _parts(shp=_VRT),
    "bomb.zip": _bomb,
    "bomb-that-says-10-bytes.zip": lambda: _said(_bomb(), _SIZE, struct.pack("<I", 10)),
    "many-members.zip": lambda: _pack({f"{n}.csv": b"a\n" for n in range(1000)}),
    "two-tables.zip": lambda: _pack({"a.csv": airports.good(), "b.csv": airports.good()}),
    "same-name-twice.zip": lambda: _pack({"a.csv": airports.good(), "A.csv": airports.good()}),
    "shapefile.zip": _parts,
    "shapefile-without-table.zip": lambda: _parts(dbf=None),
    "shapefile-without-system.zip": lambda: _parts(prj=None),
    "shapefile-cut-off.zip": lambda: _parts(shp=_shapefile()["boxes.shp"][:-40]),
    "shapefile-with-fewer-rows.zip": lambda: _parts(dbf=_shapefile()["boxes.dbf"][:-60]),
    "shapefile-in-latin-1.zip": lambda: _parts(
        cpg=None, dbf=_shapefile()["boxes.dbf"].replace(b"two  ", b"zw\xf6  ")
    ),
}
