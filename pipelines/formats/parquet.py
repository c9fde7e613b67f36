"""Parquet with fixed options: sorted rows, columns of the declared types, labels inside."""

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines import digest
from pipelines.model import Column, Json, Labels

MEDIA_TYPE = "application/vnd.apache.parquet"
LABELS = b"kfm:labels"
ROWS_IN_GROUP = 10_000
_TYPES = {"string": pa.string(), "number": pa.float64(), "integer": pa.int64(), "boolean": pa.bool_()}


def write(frame: pd.DataFrame, *, key: str, columns: Sequence[Column], labels: Labels) -> bytes:
    """Return rows as Parquet; equal rows in any order give equal bytes, and none at all are a table too."""
    ordered = frame.sort_values(key, kind="stable", ignore_index=True)
    return written(typed(ordered, columns), about={}, labels=labels)


def read(content: bytes) -> pd.DataFrame:
    """Return rows that `write` wrote."""
    rows: pd.DataFrame = pq.read_table(pa.BufferReader(content)).to_pandas()
    return rows


def labels(content: bytes) -> Json | None:
    """Return the labels that stand in the file."""
    about = pq.read_metadata(pa.BufferReader(content)).metadata or {}
    told: Json | None = json.loads(about.get(LABELS, b"null"))
    return told


def typed(frame: pd.DataFrame, columns: Sequence[Column]) -> pa.Table:
    """Return a frame as a table; columns that are declared have their type even where they are empty."""
    declared = {column.name: _TYPES[column.type] for column in columns if column.type in _TYPES}
    made = pa.Table.from_pandas(frame, preserve_index=False)
    fields = [field.with_type(declared.get(field.name, field.type)) for field in made.schema]
    return made.cast(pa.schema(fields))


def written(table: pa.Table, *, about: Mapping[bytes, bytes], labels: Labels) -> bytes:
    """Return the file of a table, with its labels inside."""
    told = {**about, LABELS: digest.canonical(asdict(labels))}
    sink = io.BytesIO()
    pq.write_table(
        table.replace_schema_metadata(told),
        sink,
        compression="zstd",
        compression_level=6,
        row_group_size=ROWS_IN_GROUP,
        version="2.6",
    )
    return sink.getvalue()
