"""The table of a shapefile (.dbf): cells of fixed width, as they were written."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from pipelines.formats.table import CELLS_AT_MOST, Fault, distinct

_HEAD = struct.Struct("<xxxxIHH20x")
_FIELD = struct.Struct("<11scxxxxB15x")
_KINDS = b"CNFLDIO@MB"
_NO_TEXT = b"IO@MB"
_END = 0x0D
_DELETED = ord("*")
_CUT = "The archive's table was cut off or damaged: have the shapefile written and packed again."

_ENCODE = "Have the shapefile written in UTF-8, with a .cpg that says so."


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """What a .dbf holds: `deleted` rows are among the others, as nothing may vanish without a word."""

    names: tuple[str, ...]
    rows: pa.Table
    faults: tuple[Fault, ...] = ()


def begins(content: bytes) -> int:
    """Return where the rows of a table begin."""
    return int(_HEAD.unpack_from(content)[1]) if len(content) >= _HEAD.size else 0


def read(content: bytes, *, encoding: str) -> Cells:
    """Read a table; what is not right is told, never dropped."""
    try:
        return _read(content, encoding=encoding)
    except (struct.error, ValueError, IndexError) as cause:
        return _unread(f"The .dbf cannot be read: {cause}.")


def _unread(wrong: str) -> Cells:
    fault = Fault(rule="damaged", message=wrong, remedy=_CUT, where=".dbf")
    return Cells(names=(), rows=pa.table([]), faults=(fault,))


def _read(content: bytes, *, encoding: str) -> Cells:
    count, start, width = _HEAD.unpack_from(content)
    fields = list(_fields(content[_HEAD.size : start]))
    if not fields or 1 + sum(size for _, _, size in fields) != width:
        return _unread("The .dbf does not say which columns it has.")
    if count * len(fields) > CELLS_AT_MOST:
        return _unread(f"The .dbf says it has {count:,} rows, more than are read.")
    faults = list(_remarks(content, count=count, start=start, width=width))
    whole = min(count, (len(content) - start) // width)
    block = np.frombuffer(content, dtype=np.uint8, count=whole * width, offset=start).reshape(whole, width)
    gone = np.flatnonzero(block[:, 0] == _DELETED)
    if len(gone):
        wrong = f"{len(gone):,} rows are marked as deleted; they are read all the same."
        remedy = "Have the table packed, so that only rows that count are in it."
        faults.append(Fault(rule="deleted", message=wrong, remedy=remedy, where=f"row {gone[0] + 1}"))
    columns, at = [], 1
    for name, _, size in fields:
        cells, bad = _column(block[:, at : at + size], encoding)
        columns.append(cells)
        faults.extend(_undecoded(name, place, encoding) for place in bad)
        at += size
    names = [name for name, _, _ in fields]
    faults.extend(_without_text(fields))
    rows = pa.table(columns, names=distinct(names))
    return Cells(names=tuple(names), rows=rows, faults=tuple(faults))


def _fields(block: bytes) -> Iterator[tuple[str, bytes, int]]:
    for at in range(0, len(block) - _FIELD.size + 1, _FIELD.size):
        if block[at] == _END:
            return
        name, kind, size = _FIELD.unpack_from(block, at)
        if kind not in _KINDS:
            raise ValueError(f"a column has the unknown kind {kind!r}")
        yield name.split(b"\0")[0].decode("latin-1").strip(), kind, size


def _remarks(content: bytes, *, count: int, start: int, width: int) -> Iterator[Fault]:
    there = (len(content) - start) // width
    if there < count:
        wrong = f"The .dbf ends after {max(there, 0):,} of {count:,} rows."
        yield Fault(rule="truncated", message=wrong, remedy=_CUT, where=f"row {max(there, 0) + 1}")


def _without_text(fields: list[tuple[str, bytes, int]]) -> Iterator[Fault]:
    for name, kind, _ in fields:
        if kind in _NO_TEXT:
            wrong = f"Column {name!r} is of kind {kind.decode()}, which is not written as text."
            yield Fault(rule="type", message=wrong, remedy="Write it as text or number.", where=name)


def _undecoded(name: str, place: int, encoding: str) -> Fault:
    wrong = f"A text of {name!r} is not written in {encoding}, as the shapefile says."
    return Fault(rule="text", message=wrong, remedy=_ENCODE, where=f"row {place + 1}, {name}")


def _column(block: np.ndarray, encoding: str) -> tuple[pa.Array, list[int]]:
    cells = np.ascontiguousarray(block).view(f"S{block.shape[1]}").ravel() if block.size else ()
    bad: list[int] = []
    texts = []
    for place, cell in enumerate(cells):
        text = bytes(cell).split(b"\0")[0]
        try:
            texts.append(text.decode(encoding).strip())
        except UnicodeDecodeError:
            bad.append(place)
            texts.append(text.decode(encoding, errors="replace").strip())
    return pa.array(texts, pa.string()), bad
