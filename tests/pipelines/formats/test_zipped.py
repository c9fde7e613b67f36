"""An archive opened in memory: one data set in it, nothing that leads out of it, nothing that swells."""

import io
import stat
import struct
import tempfile
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from pipelines.formats import zipped

CSV = b"a,b\n1,2\n"
AQUIFER = Path(__file__).parents[4] / "shared" / "data" / "high_plains_aquifer"


def pack(members: Mapping[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return an archive."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return sink.getvalue()


def odd(name: str, *, mode: int) -> bytes:
    """Return an archive with one member of a strange kind."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        member = zipfile.ZipInfo(name)
        member.external_attr = mode << 16
        archive.writestr(member, "/etc/passwd")
    return sink.getvalue()


def shapefile(rows: int = 3) -> dict[str, bytes]:
    """Return the parts of a shapefile, as GDAL writes them."""
    frame = gpd.GeoDataFrame(
        {"name": [f"Léoti {n}" for n in range(rows)], "size": range(rows)},
        geometry=[shapely.box(n, 0, n + 1, 1) for n in range(rows)],
        crs="EPSG:4326",
    )
    with tempfile.TemporaryDirectory() as folder:
        frame.to_file(Path(folder) / "a.shp", engine="pyogrio", encoding="UTF-8")
        return {file.name: file.read_bytes() for file in Path(folder).iterdir()}


PARTS = shapefile()


def test_one_csv_or_geojson_is_read_as_if_it_were_not_packed() -> None:
    content = pack({"folder/": b"", "folder/a.CSV": CSV, "folder/readme.txt": b"words"})
    table = zipped.read(content)
    assert (table.rows.to_pylist(), table.size, table.unit) == ([{"a": "1", "b": "2"}], len(content), "line")
    assert zipped.read(pack({"a.geojson": b'{"type":"FeatureCollection","features":[]}'})).unit == "feature"


def test_a_shapefile_is_read_with_its_shapes_and_its_system() -> None:
    table = zipped.read(pack({f"x/{name}": content for name, content in PARTS.items()}))
    assert (table.faults, table.guesses, table.names) == ((), (), ("name", "size"))
    assert table.texts("name").to_pylist() == ["Léoti 0", "Léoti 1", "Léoti 2"]
    assert table.texts("size").to_pylist() == ["0", "1", "2"]
    assert table.shapes is not None
    assert [shape.bounds[0] for shape in table.shapes] == [0, 1, 2]
    assert (table.crs or "").startswith('GEOGCS["GCS_WGS_1984"')


@pytest.mark.skipif(not AQUIFER.is_dir(), reason="../shared/data/high_plains_aquifer is not here")
def test_a_real_shapefile_is_read_to_its_last_row() -> None:
    table = zipped.read(pack({file.name: file.read_bytes() for file in AQUIFER.glob("High*")}))
    assert (table.faults, table.rows.num_rows) == ((), 88)
    assert table.shapes is not None
    assert {shape.geom_type for shape in table.shapes} == {"Polygon"}


def without(*suffixes: str) -> dict[str, bytes]:
    return {name: content for name, content in PARTS.items() if Path(name).suffix not in suffixes}


def test_latin_1_is_a_guess_and_said() -> None:
    latin = {**without(".cpg"), "a.dbf": PARTS["a.dbf"].replace("é".encode(), b"\xe9 ")}
    table = zipped.read(pack(latin))
    assert table.texts("name")[0].as_py() == "Lé oti 0"
    assert [guess.rule for guess in table.guesses] == ["encoding"]
    assert zipped.read(pack(without(".cpg"))).guesses == ()


@pytest.mark.parametrize(
    ("parts", "rules", "rows"),
    [
        (without(".shx"), ["members", "rows"], 3),
        (without(".dbf"), ["members", "rows"], 3),
        (without(".prj"), [], 3),
        ({**PARTS, "a.shp": PARTS["a.shp"][:-20]}, ["truncated", "rows"], 3),
        ({**PARTS, "a.dbf": PARTS["a.dbf"][:-100]}, ["truncated", "rows"], 3),
        ({**PARTS, "a.dbf": b""}, ["damaged", "rows"], 3),
        ({**PARTS, "a.dbf": shapefile(2)["a.dbf"]}, ["rows"], 3),
        ({**PARTS, "a.shp": b"<OGRVRTDataSource/>"}, ["another", "rows"], 3),
        ({**PARTS, "a.cpg": b"EBCDIC-7"}, ["encoding"], 3),
        ({**PARTS, "a.cpg": b"ASCII"}, ["text"] * 3, 3),
        ({**PARTS, "b.shp": PARTS["a.shp"]}, ["members"], 0),
    ],
    ids=["shx", "dbf", "prj", "shp cut", "dbf cut", "dbf empty", "2 for 3", "vrt", "cpg", "ascii", "two"],
)
def test_what_a_shapefile_lacks_is_told_and_no_row_is_lost(
    parts: dict[str, bytes], rules: list[str], rows: int
) -> None:
    table = zipped.read(pack(parts))
    assert ([fault.rule for fault in table.faults], table.rows.num_rows) == (rules, rows)
    assert len(table.lines) == rows


def test_rows_marked_as_deleted_are_still_there_and_told() -> None:
    begins = struct.unpack_from("<H", PARTS["a.dbf"], 8)[0]
    deleted = PARTS["a.dbf"][:begins] + b"*" + PARTS["a.dbf"][begins + 1 :]
    table = zipped.read(pack({**PARTS, "a.dbf": deleted}))
    assert table.rows.num_rows == 3
    assert [(fault.rule, fault.where) for fault in table.faults] == [("deleted", "row 1")]


def lying(content: bytes, *, size: int) -> bytes:
    """Return an archive whose list says another size than its member has."""
    at = content.index(b"PK\x01\x02")
    return content[: at + 24] + struct.pack("<I", size) + content[at + 28 :]


def flagged(content: bytes, *, flags: int) -> bytes:
    """Return an archive whose list says other flags of its member."""
    at = content.index(b"PK\x01\x02")
    return content[: at + 8] + struct.pack("<H", flags) + content[at + 10 :]


BOMB = pack({"a.csv": b"a\n" * 6_000_000})
REFUSED = {
    "nothing": (b"", "empty"),
    "html": (b"<!DOCTYPE html><title>404</title>", "another"),
    "words": (b"no archive", "another"),
    "cut off": (pack({"a.csv": CSV})[:-30], "damaged"),
    "no member": (pack({}), "members"),
    "two": (pack({"a.csv": CSV, "b.csv": CSV}), "members"),
    "many": (pack({f"{n}.txt": b"" for n in range(40)}), "members"),
    "up": (pack({"../a.csv": CSV}), "path"),
    "up inside": (pack({"a/../../a.csv": CSV}), "path"),
    "absolute": (pack({"/a.csv": CSV}), "path"),
    "drive": (pack({"C:a.csv": CSV}), "path"),
    "backslash": (pack({"..\\a.csv": CSV}), "path"),
    "control": (pack({"a\x1b[2J.csv": CSV}), "path"),
    "symlink": (odd("a.csv", mode=stat.S_IFLNK | 0o777), "link"),
    "device": (odd("a.csv", mode=stat.S_IFCHR), "link"),
    "same name": (pack({"a.csv": CSV, "A.csv": CSV}), "twice"),
    "zip in zip": (pack({"a.zip": pack({"a.csv": CSV})}), "nested"),
    "zip called csv": (pack({"a.csv": pack({"a.csv": CSV})}), "nested"),
    "html called csv": (pack({"a.csv": b"<html>"}), "nested"),
    "vrt": (pack({"a.vrt": b"<VRTDataset>"}), "member"),
    "lzma": (pack({"a.csv": CSV}, method=zipfile.ZIP_LZMA), "method"),
    "encrypted": (flagged(pack({"a.csv": CSV}), flags=1), "encrypted"),
    "bomb": (BOMB, "bomb"),
    "bomb that says 10 bytes": (lying(BOMB, size=10), "damaged"),
    "bomb that says 4 GB": (lying(BOMB, size=2**32 - 2), "bomb"),
    "damaged": (pack({"a.csv": CSV}, method=zipfile.ZIP_STORED).replace(b"1,2", b"1,3"), "damaged"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_an_archive_that_means_harm_or_is_broken_is_refused_at_once_and_told(name: str) -> None:
    content, rule = REFUSED[name]
    began = time.perf_counter()
    table = zipped.read(content)
    assert time.perf_counter() - began < 1
    (fault,) = table.faults
    assert (fault.rule, table.rows.num_rows) == (rule, 0)
    assert fault.message
    assert fault.remedy


WHOLE = pack(PARTS)


@given(at=st.integers(0, len(WHOLE) - 1), byte=st.integers(0, 255))
def test_one_byte_changed_anywhere_never_breaks_the_reader(at: int, byte: int) -> None:
    table = zipped.read(WHOLE[:at] + bytes([byte]) + WHOLE[at + 1 :])
    assert table.faults or table.rows.num_rows == 3


@given(name=st.sampled_from(sorted(PARTS)), at=st.integers(0, 10_000), byte=st.integers(0, 255))
def test_one_byte_changed_in_a_part_never_breaks_the_reader(name: str, at: int, byte: int) -> None:
    part = PARTS[name]
    at %= len(part)
    table = zipped.read(pack({**PARTS, name: part[:at] + bytes([byte]) + part[at + 1 :]}))
    assert table.faults or table.rows.num_rows == 3
