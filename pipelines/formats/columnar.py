"""Parquet and GeoParquet read within bounds: measured first, then unpacked batch by batch, cells as text."""

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines import digest
from pipelines.errors import NotStrict
from pipelines.formats import columnpages, guise, typed, wkb
from pipelines.formats.columnpages import NotMeasured
from pipelines.formats.table import (
    CELLS_AT_MOST,
    COLUMNS_AT_MOST,
    ROWS_AT_MOST,
    Fault,
    Faults,
    Table,
    assembled,
    damaged,
    distinct,
    nothing,
)
from pipelines.model import Json

UNIT = "row"
ABOUT = b"geo"
WGS84 = "OGC:CRS84"  # what GeoParquet means when it names none
FOOTER_AT_MOST = 4 * 1024 * 1024
BYTES_AT_MOST = 512 * 1024 * 1024
_LISTED_AT_MOST = 20_000
_MAGIC, _TAIL = b"PAR1", 8
_BATCH = 65_536
_WHAT = "a Parquet file"
_CUT = "The file was cut off or damaged on its way: fetch it again, and compare its size with the source's."
_LESS = "Split the file, or leave out what is not needed."
_MEND = "Mend the file at its source and deliver it again."
_BROKEN = (pa.ArrowException, OSError, ValueError, TypeError, LookupError)


@dataclass(slots=True, kw_only=True)
class _Found:
    """What was read so far."""

    names: list[str]
    geometry: str | None
    batches: list[pa.RecordBatch] = field(default_factory=list)
    shapes: list[np.ndarray] = field(default_factory=list)
    faults: Faults = field(default_factory=Faults)
    rows: int = 0
    size: int = 0


def read(content: bytes) -> Table:
    """Read a Parquet file; what is not right is told, never dropped."""
    fault = guise.other(content, than=_WHAT) or _ends(content)
    if fault is not None:
        return nothing(content, fault, unit=UNIT)
    try:
        fault = _too_much(content)
        return _taken(content, _opened(content)) if fault is None else nothing(content, fault, unit=UNIT)
    except MemoryError:
        raise
    except NotMeasured as cause:
        return nothing(content, Fault(rule="damaged", message=str(cause), remedy=_CUT), unit=UNIT)
    except _BROKEN as cause:
        return nothing(content, _damage(cause), unit=UNIT)


def _ends(content: bytes) -> Fault | None:
    if content.startswith(_MAGIC) and not content.endswith(_MAGIC):
        wrong = f"The file ends in the middle, after {len(content):,} bytes: it has no footer."
        return Fault(rule="truncated", message=wrong, remedy=_CUT)
    footer = _footer_size(content)
    if not content.startswith(_MAGIC) or footer + _TAIL + len(_MAGIC) > len(content):
        return Fault(rule="damaged", message="This is no Parquet file.", remedy=_CUT)
    if footer > FOOTER_AT_MOST:
        wrong = f"The footer has {footer:,} bytes; at most {FOOTER_AT_MOST:,} are read."
        return Fault(rule="footer", message=wrong, remedy=_LESS)
    return None


def _damage(cause: Exception) -> Fault:
    said = " ".join(str(cause).split())[:300]
    return Fault(rule="damaged", message=f"The file cannot be read: {said}", remedy=_CUT)


def _opened(content: bytes) -> pq.ParquetFile:
    """Open the file so that a text meant a million times is still there once."""
    plain = pq.ParquetFile(pa.BufferReader(content), **_BOUNDS)
    texts = [
        plain.schema.column(n).path
        for n in range(min(len(plain.schema), COLUMNS_AT_MOST))
        if plain.schema.column(n).physical_type == "BYTE_ARRAY"
    ]
    return pq.ParquetFile(pa.BufferReader(content), metadata=plain.metadata, read_dictionary=texts, **_BOUNDS)


_BOUNDS = {
    "thrift_container_size_limit": _LISTED_AT_MOST,
    "thrift_string_size_limit": FOOTER_AT_MOST,
    "pre_buffer": False,
    "page_checksum_verification": True,
    "arrow_extensions_enabled": False,
}


def _too_much(content: bytes) -> Fault | None:
    """Say what the file holds more of than is read, by our own count: Arrow dies of some footers."""
    about = columnpages.footer(content, size=_footer_size(content))
    for rule, count, most in (
        ("rows", about.rows, ROWS_AT_MOST),
        ("columns", about.columns, COLUMNS_AT_MOST),
        ("cells", about.rows * about.columns, CELLS_AT_MOST),
    ):
        if count > most:
            wrong = f"The file says it has {count:,} {rule}; at most {most:,} are read."
            return Fault(rule=rule, message=wrong, remedy=_LESS)
    size = columnpages.unpacked(content, about.chunks)
    if size > BYTES_AT_MOST:
        wrong = f"{len(content):,} bytes would unpack to {size:,}; at most {BYTES_AT_MOST:,} are unpacked."
        return Fault(rule="bomb", message=wrong, remedy=_LESS)
    return None


def _footer_size(content: bytes) -> int:
    return int.from_bytes(content[-_TAIL:-4], "little")


def _taken(content: bytes, file: pq.ParquetFile) -> Table:
    schema = file.schema_arrow
    faults = Faults()
    geo = _geo(schema, faults)
    geometry = geo.get("primary_column") if geo else None
    names = [one.name for one in schema if _wanted(one, geometry, _covering(geo, geometry), faults)]
    found = _Found(names=[name for name in names if name != geometry], geometry=geometry, faults=faults)
    try:
        for batch in file.iter_batches(batch_size=_BATCH, columns=names, use_threads=False):
            if not _add(batch, found):
                break
    except MemoryError:
        raise
    except _BROKEN as cause:
        faults.add(_damage(cause))
    if found.rows != file.metadata.num_rows:
        wrong = f"{found.rows:,} of {file.metadata.num_rows:,} rows could be read."
        faults.add(Fault(rule="rows", message=wrong, remedy=_CUT, where=f"{UNIT} {found.rows + 1}"))
    texts = pa.schema([(name, pa.string()) for name in distinct(found.names)])
    cells = pa.Table.from_batches(found.batches, texts)
    rows = assembled(cells.columns, found.names, rows=found.rows)
    return Table(
        size=len(content),
        names=tuple(found.names),
        rows=rows,
        lines=range(1, found.rows + 1),
        unit=UNIT,
        controls=damaged(rows),
        shapes=None if geometry is None else np.concatenate([np.empty(0, object), *found.shapes]),
        crs=_crs(geo, geometry, faults),
        faults=faults.told(),  # after what adds to them
    )


def _geo(schema: pa.Schema, faults: Faults) -> Json:
    """Return what the file says of its geometry, nothing if it says nothing."""
    said = (schema.metadata or {}).get(ABOUT)
    if said is None:
        return {}
    try:
        geo = digest.read_json(said)
        primary = geo["primary_column"]
        column = geo["columns"][primary]
        sound = isinstance(column, dict) and column.get("encoding") == "WKB" and primary in schema.names
    except (NotStrict, LookupError, TypeError):
        sound = False
    if sound:
        return dict(geo)
    wrong = "What the file says of its geometry (metadata `geo`) names no column of WKB."
    faults.add(Fault(rule="geo", message=wrong, remedy=_MEND, where="geo"))
    return {}


def _covering(geo: Json, geometry: str | None) -> str | None:
    """Return the column that holds nothing but the boxes of the shapes."""
    try:
        edge = geo["columns"][geometry]["covering"]["bbox"]["xmin"]
        return edge[0] if isinstance(edge[0], str) else None
    except (LookupError, TypeError):
        return None


def _wanted(column: pa.Field, geometry: str | None, covering: str | None, faults: Faults) -> bool:
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if column.name == geometry and (pa.types.is_binary(kind) or pa.types.is_large_binary(kind)):
        return True
    if column.name != geometry and typed.readable(kind):
        return True
    if column.name != covering or not pa.types.is_struct(kind):
        wrong = f"Column {column.name!r} is of type {kind}, which no table of rows can hold."
        faults.add(Fault(rule="type", message=wrong, remedy=_MEND, where=column.name))
    return False


def _add(batch: pa.RecordBatch, found: _Found) -> bool:
    """Take in a batch; say no if it would be more than is read."""
    found.size += sum(typed.dense(column) for column in batch.columns)
    if found.size > BYTES_AT_MOST:
        wrong = f"Its cells have more than {BYTES_AT_MOST:,} bytes when they are written out."
        found.faults.add(Fault(rule="bomb", message=wrong, remedy=_LESS))
        return False
    cells = [
        _texts(batch.column(n), name, found)
        for n, name in enumerate(batch.schema.names)
        if name != found.geometry
    ]
    if found.geometry is not None:
        found.shapes.append(_shapes(batch.column(batch.schema.get_field_index(found.geometry)), found))
    found.size += sum(int(column.nbytes) for column in cells)
    found.batches.append(pa.RecordBatch.from_arrays(cells, distinct(found.names)))
    found.rows += batch.num_rows
    return True


def _texts(column: pa.Array, name: str, found: _Found) -> pa.Array:
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        column, bad = typed.utf8(column)
        found.faults.extend(_not_utf8(name, found.rows + place + 1) for place in bad)
    return typed.texts(column)


def _not_utf8(name: str, row: int) -> Fault:
    wrong = f"A text of {name!r} is not UTF-8."
    return Fault(rule="text", message=wrong, remedy=_MEND, where=f"{UNIT} {row}, {name}")


def _shapes(column: pa.Array, found: _Found) -> np.ndarray:
    dense = column.dictionary_decode() if pa.types.is_dictionary(column.type) else column
    made, wrongs = wkb.shapes(dense.to_pylist())
    for place, wrong in wrongs:
        where = f"{UNIT} {found.rows + place + 1}"
        found.faults.add(
            Fault(rule="geometry", message=f"The geometry of {where} {wrong}.", remedy=_MEND, where=where)
        )
    return made


def _crs(geo: Json, geometry: str | None, faults: Faults) -> str | None:
    if geometry is None:
        return None
    said = geo["columns"][geometry].get("crs", WGS84)
    if said is None or isinstance(said, str):
        return said
    if isinstance(said, dict):
        try:
            return f"{said['id']['authority']}:{said['id']['code']}"
        except (LookupError, TypeError):
            return digest.canonical(said).decode()
    wrong = "The file names a system of coordinates that is none."
    faults.add(Fault(rule="crs", message=wrong, remedy=_MEND, where="geo"))
    return None
