"""The change table of a large diff as Parquet: a row for each cell that differs, in the order of the list."""

import io

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from pipelines.diff.layer import GEOMETRY
from pipelines.diff.rows import SHOWN, Batch, Rows, words

MEDIA_TYPE = "application/vnd.apache.parquet"
KINDS = tuple("changed" if shown == "precision" else shown for shown in SHOWN)
_WORD = pa.dictionary(pa.int8(), pa.string())
SCHEMA = pa.schema(
    [
        ("kind", _WORD),
        ("key", pa.string()),
        ("column", pa.dictionary(pa.int32(), pa.string())),
        ("old", pa.string()),
        ("new", pa.string()),
        ("distance_m", pa.float64()),
    ]
)


def write(rows: Rows) -> bytes:
    """Return the table; equal diffs give equal bytes, whatever the order of the editions' rows."""
    sink = io.BytesIO()
    with pq.ParquetWriter(sink, SCHEMA, compression="zstd", compression_level=3, version="2.6") as writer:
        for batch in rows.batches():
            writer.write_table(_cells(batch, rows.columns))
    return sink.getvalue()


def _cells(batch: Batch, columns: tuple[str, ...]) -> pa.Table:
    """Return the cells that differ, feature by feature and column by column."""
    nothing = pa.nulls(batch.about.num_rows, pa.string())
    silent = np.ones(batch.about.num_rows, dtype=bool)
    parts, places = [], []
    for number, name in enumerate(columns):
        old, new = (side[name] if name in side.column_names else nothing for side in (batch.old, batch.new))
        same = pc.fill_null(pc.equal(old, new), fill_value=False)
        both_none = pc.and_(pc.is_null(old), pc.is_null(new))
        differs = pc.and_not(batch.differs(name), pc.or_(same, both_none)).to_numpy()
        silent &= ~differs
        rows = np.flatnonzero(differs)
        parts.append(_part(batch, rows, name=name, texts=(old, new)))
        places.append(rows * len(columns) + number)
    rows = np.flatnonzero(silent)  # of a key and no other value: told too, so that none is lost
    parts.append(_part(batch, rows, name="", texts=(nothing, nothing)))
    places.append(rows * len(columns))
    made = pa.concat_tables(parts).unify_dictionaries()
    return made.take(np.argsort(np.concatenate(places), kind="stable"))


def _part(
    batch: Batch, rows: NDArray[np.int64], *, name: str, texts: tuple[pa.ChunkedArray, pa.ChunkedArray]
) -> pa.Table:
    """Return the cells of one column."""
    about = batch.about.select(["shown", "key", "distance_m"]).take(rows)
    far = about["distance_m"] if name == GEOMETRY else pa.nulls(len(rows), pa.float64())
    column = pa.DictionaryArray.from_arrays(pa.array(np.zeros(len(rows), dtype=np.int32)), [name])
    kind = words(about["shown"], kinds=KINDS).cast(_WORD)
    cells = (kind, about["key"], column, *(side.take(rows) for side in texts), far)
    return pa.table(list(map(_chunked, cells)), names=SCHEMA.names).cast(SCHEMA)


def _chunked(column: pa.Array | pa.ChunkedArray) -> pa.ChunkedArray:
    return column if isinstance(column, pa.ChunkedArray) else pa.chunked_array([column])
