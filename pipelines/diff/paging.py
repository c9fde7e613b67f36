"""A long list of changes as pages of a file: each is read by itself, by its place in the file."""

import json
from collections.abc import Iterator, Mapping
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines import digest
from pipelines.diff import engine
from pipelines.diff.cells import KINDS
from pipelines.diff.changes import Diff, summed
from pipelines.diff.rows import SHOWN, Batch, Rows, words
from pipelines.errors import NotMade
from pipelines.model import Json

MEDIA_TYPE = "application/gzip"
IN_PAGE = 500
IN_INDEX = 5_000
_LEVEL = 4
Findings: TypeAlias = Mapping[str, str]


def write(diff: Diff, findings: Findings | None = None) -> tuple[Json, bytes]:
    """Return the list as the desk reads it at first, and the file of all its pages.

    The file is gzip members one after the other; `pages.artifact` is its digest. First the pages, each a JSON
    array of entries: those that a gate noticed first, then all others by kind; `pages.offsets` says where
    each begins and the last one ends. Then an index: members with arrays of [key, place in the list], sorted
    by key as UTF-8; `pages.index` says where each begins and which key is its first.

    Args:
        diff: a large diff.
        findings: by key, which rule noticed a feature; they should be few.
    """
    rows = diff.rows
    if rows is None:
        raise NotMade("A short list has no pages: write it with `vector.changes`.")
    noticed = findings or {}
    first = pc.is_in(rows.about["key"], value_set=pa.array(list(noticed), pa.string())).to_numpy()
    order = np.concatenate([np.flatnonzero(first), np.flatnonzero(~first)])
    members = _Members()
    shown_first: list[Json] = []
    for page in _pages(rows, pa.array(order), noticed):
        if not members.starts:
            shown_first = json.loads(page)
        members.add(page)
    pages = members.count
    index = _index(rows, order, members)
    content = members.content()
    return {
        **summed(diff),
        "truncated": True,
        "changes": shown_first,
        "pages": {
            "artifact": digest.of(content),
            "size": IN_PAGE,
            "count": pages,
            "offsets": [*members.starts[:pages], index["offsets"][0]],
            "findings": int(np.count_nonzero(first)),
            "kinds": _kinds(rows, first),
            "index": index,
        },
    }, content


class _Members:
    """Gzip members one after the other, and where each begins."""

    def __init__(self) -> None:
        self.starts: list[int] = []
        self.size = 0
        self._parts: list[bytes] = []
        self._codec = pa.Codec("gzip", compression_level=_LEVEL)

    @property
    def count(self) -> int:
        """Return how many there are."""
        return len(self.starts)

    def add(self, content: bytes) -> None:
        """Compress one more, by a library that is locked."""
        member = self._codec.compress(content, asbytes=True)
        self.starts.append(self.size)
        self.size += len(member)
        self._parts.append(member)

    def content(self) -> bytes:
        """Return them all."""
        return b"".join(self._parts)


def _kinds(rows: Rows, first: np.ndarray) -> list[Json]:
    """Return how many entries of each kind follow those that a gate noticed, in the order of the list."""
    shown = rows.about["shown"].to_numpy()[~first]
    counts = np.bincount(shown, minlength=len(SHOWN)).tolist()
    return [{"kind": kind, "count": count} for kind, count in zip(SHOWN, counts, strict=True)]


def _index(rows: Rows, order: np.ndarray, members: _Members) -> Json:
    """Add the index of keys, and return where it is."""
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    table = pa.table({"key": rows.about["key"], "place": place})
    table = table.take(pc.sort_indices(table, [("key", "ascending")]))
    start, firsts = members.count, []
    for at in range(0, table.num_rows, IN_INDEX):
        part = table.slice(at, IN_INDEX)
        keys = part["key"].to_pylist()
        firsts.append(keys[0])
        members.add(_array([list(pair) for pair in zip(keys, part["place"].to_pylist(), strict=True)]))
    return {"offsets": [*members.starts[start:], members.size], "first": firsts}


def _array(values: list[list[str | int]]) -> bytes:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()


def _pages(rows: Rows, order: pa.Array, noticed: Findings) -> Iterator[bytes]:
    """Yield each page as JSON, without an object for each of its entries."""
    for batch in rows.batches(order=order):
        entries = _entries(batch, rows, noticed)
        for start in range(0, len(entries), IN_PAGE):
            yield ("[" + ",".join(entries[start : start + IN_PAGE].to_pylist()) + "]").encode()


def _entries(batch: Batch, rows: Rows, noticed: Findings) -> pa.Array:
    """Return each feature of a batch as the text of a JSON object, as `vector.changes` has it."""
    about = batch.about
    known = {
        "n": np.arange(about.num_rows),
        "kind": words(about["shown"], kinds=KINDS),
        "precise": pc.equal(about["shown"], SHOWN.index("precision")),
        "title": batch.titles(),
        "finding": pa.array([noticed.get(key) for key in about["key"].to_pylist()], pa.string())
        if noticed
        else pa.nulls(about.num_rows, pa.string()),
    }
    nothing = pa.nulls(about.num_rows, pa.string())
    cells = {}
    for number, name in enumerate(rows.columns):
        cells[f"o{number}"], cells[f"a{number}"] = (
            side[name] if name in side.column_names else nothing for side in (batch.old, batch.new)
        )
        cells[f"d{number}"] = batch.differs(name)
    plain = about.select(["key", "x0", "y0", "x1", "y1", "distance_m"])
    table = pa.table({**known, **cells, **{name: plain[name] for name in plain.column_names}})
    made = engine.ask(_query(rows), entries=table)
    return made["entry"].combine_chunks().take(np.argsort(made["n"].to_numpy()))


def _query(rows: Rows) -> str:
    """Return the query that tells entries as JSON; the same columns always in the same order."""
    columns = [_column(number, name) for number, name in enumerate(rows.columns)]
    here = sorted((name, number) for number, name in enumerate(rows.columns) if name in rows.new.column_names)
    same = [
        f"case when not d{number} and kind = 'changed' or kind = 'moved' and not d{number} "
        f"then {engine.told(json.dumps(name, ensure_ascii=False) + ':')} || {_text(f'a{number}')} end"
        for name, number in here
    ]
    parts = [
        f"""'{{"after":' || {_place("x1", "y1")}""",
        f"""',"before":' || {_place("x0", "y0")}""",
        f"""',"columns":[' || concat_ws(',', {", ".join(columns)})""",
        """'],"decimals_only":' || precise::varchar""",
        """',"distance_m":' || coalesce(distance_m::varchar, 'null')""",
        f"""',"finding":' || {_text("finding")}""",
        f"""',"key":' || {_text("key")}""",
        f"""',"kind":' || {_text("kind")}""",
        f"""',"same":{{' || concat_ws(',', {", ".join(same)}) || '}}'""",
        f"""',"title":' || {_text("title")} || '}}'""",
    ]
    return f"select n, {' || '.join(parts)} as entry from entries"  # noqa: S608  # names are quoted


def _column(number: int, name: str) -> str:
    begins = engine.told(f'{{"name":{json.dumps(name, ensure_ascii=False)},"new":')
    return (
        f"case when d{number} then {begins} || {_text(f'a{number}')} || ',\"old\":' || {_text(f'o{number}')} "
        "|| '}' end"
    )


def _text(name: str) -> str:
    return f"coalesce(to_json({name}::varchar)::varchar, 'null')"


def _place(x: str, y: str) -> str:
    return f"""coalesce('{{"lat":' || {y}::varchar || ',"lon":' || {x}::varchar || '}}', 'null')"""
