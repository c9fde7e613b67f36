"""What can be wrong with Parquet, done to one week of drought."""

import io
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines import spec

FAMILY, PARTITION = "ks_drought", "2026-10-13"
_SAMPLE = spec.FAMILIES / FAMILY / "samples" / "2026-10-13.parquet"


@lru_cache(maxsize=1)
def good() -> bytes:
    """Return the week as it comes with the family."""
    return _SAMPLE.read_bytes()


def _table() -> pa.Table:
    return pq.read_table(io.BytesIO(good()))


def _written(table: pa.Table, **options: Any) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink, **options)
    return sink.getvalue()


def _cell(name: str, value: object, *, row: int = 2) -> bytes:
    """Return the file with one cell exchanged."""
    table = _table()
    cells = table[name].to_pylist()
    cells[row] = value
    return _written(_with(table, name, pa.array(cells, table.schema.field(name).type)))


def _with(table: pa.Table, name: str, column: pa.Array) -> pa.Table:
    return table.set_column(table.schema.get_field_index(name), name, column)


def _not_utf8() -> bytes:
    table = _table()
    blobs = [text.encode() for text in table["County"].to_pylist()]
    blobs[2] = b"L\xe9oti"
    column = pa.array(blobs, pa.binary())
    return _written(_with(table, "County", pa.Array.from_buffers(pa.string(), len(column), column.buffers())))


def _one_long_text() -> bytes:
    """A text of a megabyte that stands once in the file and is meant by a million rows."""
    numbers = pa.array(np.zeros(1_000_000, np.int32))
    column = pa.DictionaryArray.from_arrays(numbers, pa.array(["x" * 2**20]))
    return _written(pa.table({"County": column}), compression="zstd")


def _pages_of_nothing() -> bytes:
    """Zeros: 800 million bytes of them in a few thousand."""
    column = np.zeros(5_000_000)
    columns = dict.fromkeys((f"c{n}" for n in range(20)), column)
    return _written(pa.table(columns), use_dictionary=False, compression="zstd")


def _footer_that_ends_arrow() -> bytes:
    """A column said to be never null, with counts of nulls: asked for these, Arrow ends the process."""
    return _written(pa.table({"a": ["x", "y"]})).replace(b"\x15\x0c\x25\x02", b"\x15\x0c\x25\x00")


FILES: Mapping[str, Callable[[], bytes]] = {
    "good.parquet": good,
    "empty.parquet": lambda: b"",
    "no-rows.parquet": lambda: _written(_table()[:0]),
    "truncated.parquet": lambda: good()[: len(good()) // 2],
    "one-byte-short.parquet": lambda: good()[:-1],
    "head-lost.parquet": lambda: good()[100:],
    "footer-of-zeros.parquet": lambda: b"PAR1" + bytes(200) + (200).to_bytes(4, "little") + b"PAR1",
    "footer-that-claims-4-gb.parquet": lambda: good()[:-8] + b"\xff\xff\xff\xffPAR1",
    "damaged-page.parquet": lambda: good()[:40] + bytes(60) + good()[100:],
    "footer-of-other-counts.parquet": _footer_that_ends_arrow,
    "many-rows.parquet": lambda: _written(pa.table({"a": np.zeros(50_000_000, np.int8)})),
    "many-columns.parquet": lambda: _written(pa.table({f"c{n}": [1] for n in range(2000)})),
    "pages-of-nothing.parquet": _pages_of_nothing,
    "one-long-text.parquet": _one_long_text,
    "nan.parquet": lambda: _cell("percent", float("nan")),
    "infinite.parquet": lambda: _cell("percent", float("inf")),
    "null-keys.parquet": lambda: _cell("usdm_class", None),
    "duplicate-keys.parquet": lambda: _written(pa.concat_tables([_table(), _table()[2:3]])),
    "unknown-county.parquet": lambda: _cell("COUNTYFP", "998"),
    "not-utf-8.parquet": _not_utf8,
    "control-characters.parquet": lambda: _cell("County", "Sedg\x07wick"),
    "list-for-a-text.parquet": lambda: _written(
        _with(_table(), "County", pa.array([["x"]] * _table().num_rows))
    ),
    "bytes-for-a-text.parquet": lambda: _written(
        _with(_table(), "County", pa.array([b"x"] * _table().num_rows))
    ),
    "geometry-that-is-none.parquet": lambda: _written(
        _table().replace_schema_metadata(
            {"geo": b'{"primary_column":"g","columns":{"g":{"encoding":"WKB"}}}'}
        )
    ),
    "markup.parquet": lambda: _cell("County", "<script>alert(1)</script>"),
    "page-called.parquet": lambda: b"<!doctype html><h1>Sign in</h1>",
    "encrypted.parquet": lambda: b"PARE" + good()[4:-4] + b"PARE",
}
