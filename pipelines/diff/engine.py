"""The database that compares: empty, of this process alone, and without a way out."""

import os
from functools import lru_cache

import duckdb
import pyarrow as pa

MEMORY = "1GiB"  # a family's own bound is held by the kernel; this one keeps a query from asking for all
Query = str


def ask(query: Query, **tables: pa.Table) -> pa.Table:
    """Return what a query says of tables, by the names that it uses; in no order but what it asks for."""
    with _database(os.getpid()).cursor() as cursor:
        for name, table in tables.items():
            cursor.register(name, table)
        return cursor.sql(query).to_arrow_table()


def quoted(name: str) -> str:
    """Return a name as SQL takes it, whatever it is made of."""
    return '"' + name.replace('"', '""') + '"'


def told(text: str) -> str:
    """Return a text as SQL takes it."""
    return "'" + text.replace("'", "''") + "'"


@lru_cache(maxsize=1)
def _database(pid: int) -> duckdb.DuckDBPyConnection:
    """Return the empty database of this process: a forked child must not use its parent's."""
    config: dict[str, str | bool | int | float | list[str]] = {
        "enable_external_access": "false",
        "preserve_insertion_order": "false",
        "memory_limit": MEMORY,
        "temp_directory": "",
    }
    return duckdb.connect(f":memory:diff-{pid}", config=config)
