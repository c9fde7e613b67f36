"""A shapefile's parts as one table: cells by ourselves, shapes by GDAL in a folder of their own."""

import codecs
import struct
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyogrio

from pipelines.formats import dbase, wkb
from pipelines.formats.table import ROWS_AT_MOST, Fault, Faults, Shapes, Table, assembled, damaged

UNIT = "row"
PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_NEEDED = (".shp", ".shx", ".dbf")
_MAGIC = b"\x00\x00\x27\x0a"
_HEAD = 100
_ENTRY = 8
_WKT_AT_MOST = 64 * 1024
_NAME = "layer"  # what the parts are called in our folder, whatever they were called before
_ENCODINGS = {"utf-8": "utf-8", "iso8859-1": "latin-1", "cp1252": "cp1252", "ascii": "ascii"}
_MISSING = "Pack all parts of the shapefile together: .shp, .shx, .dbf and .prj."
_CUT = "The shapefile was cut off or damaged: have it written and packed again."
_MEND = "Mend this row at the source and deliver the file again."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Placed:
    """The shapes of a shapefile, in the order of its rows."""

    shapes: Shapes
    faults: tuple[Fault, ...] = ()


def read(parts: Mapping[str, bytes]) -> Table:
    """Read a shapefile; what is not right is told, never dropped."""
    faults = Faults(_missing(parts))
    encoding = _encoding(parts, faults)
    cells = dbase.read(parts.get(".dbf", b""), encoding=encoding) if ".dbf" in parts else _NO_CELLS
    placed = _placed(parts) if {".shp", ".shx"} <= set(parts) else _Placed(shapes=np.empty(0, object))
    count = max(cells.rows.num_rows, len(placed.shapes))
    faults.extend((*cells.faults, *placed.faults))
    if cells.rows.num_rows != len(placed.shapes):
        wrong = f"There are {len(placed.shapes):,} shapes and {cells.rows.num_rows:,} rows of cells."
        faults.add(Fault(rule="rows", message=wrong, remedy=_CUT))
    rows = _level(cells.rows, count)
    return Table(
        size=sum(map(len, parts.values())),
        names=cells.names,
        rows=rows,
        lines=range(1, count + 1),
        unit=UNIT,
        controls=damaged(rows),
        faults=faults.told(),
        guesses=_GUESSED if ".cpg" not in parts and encoding == _OTHERWISE else (),
        shapes=np.concatenate([placed.shapes, np.full(count - len(placed.shapes), None, dtype=object)]),
        crs=_crs(parts),
    )


_OTHERWISE = "latin-1"
_GUESSED = (
    Fault(
        rule="encoding",
        message="The shapefile does not say how its texts are written; they were read as Latin-1.",
        remedy="Look whether names are right; have it written in UTF-8, with a .cpg that says so.",
        where=".cpg",
    ),
)
_NO_CELLS = dbase.Cells(names=(), rows=pa.table([]))


def _missing(parts: Mapping[str, bytes]) -> Iterator[Fault]:
    for part in _NEEDED:
        if part not in parts:
            yield Fault(rule="members", message=f"The {part} is missing.", remedy=_MISSING, where=part)


def _encoding(parts: Mapping[str, bytes], faults: Faults) -> str:
    """Return how cells are written: what .cpg says, else UTF-8 if all of it is, else Latin-1."""
    said = parts.get(".cpg", b"").decode("ascii", errors="replace").strip()
    if not said:
        table = parts.get(".dbf", b"")
        try:
            table[dbase.begins(table) :].decode("utf-8")
        except UnicodeDecodeError:
            return _OTHERWISE
        return "utf-8"
    try:
        known = _ENCODINGS.get(codecs.lookup(f"cp{said}" if said.isdigit() else said).name)
    except LookupError:
        known = None
    if known is None:
        wrong = f"The .cpg names the encoding {said[:40]!r}, which is not read."
        faults.add(
            Fault(rule="encoding", message=wrong, remedy="Have the shapefile written in UTF-8.", where=".cpg")
        )
    return known or "utf-8"


def _placed(parts: Mapping[str, bytes]) -> _Placed:
    faults = list(_cut(parts))
    if faults:
        return _Placed(shapes=np.empty(0, object), faults=tuple(faults))
    try:
        with warnings.catch_warnings(record=True) as remarks:
            warnings.simplefilter("always")
            blobs = _by_gdal(parts)
    except (
        pyogrio.errors.DataSourceError,
        pyogrio.errors.DataLayerError,
        pa.ArrowException,
        OSError,
    ) as cause:
        wrong = f"The shapes cannot be read: {' '.join(str(cause).split())[:300]}"
        return _Placed(
            shapes=np.empty(0, object),
            faults=(Fault(rule="damaged", message=wrong, remedy=_CUT, where=".shp"),),
        )
    shapes, wrongs = wkb.shapes(blobs)
    told = sorted({" ".join(str(remark.message).split())[:300] for remark in remarks})
    return _Placed(
        shapes=shapes,
        faults=(
            *(Fault(rule="geometry", message=one, remedy=_CUT, where=".shp") for one in told),
            *(_at_fault(place + 1, wrong) for place, wrong in wrongs),
        ),
    )


def _at_fault(row: int, wrong: str) -> Fault:
    where = f"{UNIT} {row}"
    return Fault(rule="geometry", message=f"The geometry of {where} {wrong}.", remedy=_MEND, where=where)


def _cut(parts: Mapping[str, bytes]) -> Iterator[Fault]:
    """Yield why the parts are not whole by what their own heads say; only then is another reader let near."""
    for part in (".shp", ".shx"):
        content = parts[part]
        if len(content) < _HEAD or not content.startswith(_MAGIC):
            wrong = f"The {part} is no part of a shapefile."
            yield Fault(rule="another", message=wrong, remedy=_CUT, where=part)
        elif 2 * struct.unpack_from(">i", content, 24)[0] != len(content):
            wrong = f"The {part} has {len(content):,} bytes, other than its head says."
            yield Fault(rule="truncated", message=wrong, remedy=_CUT, where=part)
    if (len(parts[".shx"]) - _HEAD) // _ENTRY > ROWS_AT_MOST:
        wrong = f"There are more than {ROWS_AT_MOST:,} shapes."
        yield Fault(rule="rows", message=wrong, remedy="Split the file.", where=".shx")


def _by_gdal(parts: Mapping[str, bytes]) -> list[bytes | None]:
    """Let GDAL read the shapes alone; what it may open is what we wrote, under names that we chose."""
    with tempfile.TemporaryDirectory(prefix="kfm-shapes-") as folder:
        for part in (".shp", ".shx"):
            (Path(folder) / f"{_NAME}{part}").write_bytes(parts[part])
        _, table = pyogrio.read_arrow(Path(folder) / f"{_NAME}.shp", columns=[])
    column = table.column(table.num_columns - 1)
    found: list[bytes | None] = column.to_pylist()
    return found


def _level(rows: pa.Table, count: int) -> pa.Table:
    """Return as many rows as there are cells or shapes, whichever is more."""
    missing = pa.array([""] * (count - rows.num_rows), pa.string())
    columns = [pa.chunked_array([*column.chunks, missing]) for column in rows.columns]
    return assembled(columns, rows.column_names, rows=count)


def _crs(parts: Mapping[str, bytes]) -> str | None:
    said = parts.get(".prj", b"")[:_WKT_AT_MOST].decode("utf-8", errors="replace").strip("\0 \r\n\t\ufeff")
    return said or None
