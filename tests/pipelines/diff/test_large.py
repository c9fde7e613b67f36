"""The comparison by the column: the same answers as feature by feature, in pages and a table."""

import csv
import gzip
import io
import json
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

import geopandas as gpd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from shapely import Point, Polygon

from pipelines import spec
from pipelines.diff import cells, marks, paging, rows, vector
from pipelines.diff.changes import Diff
from pipelines.errors import NotComparable, NotMade, TooLarge
from pipelines.formats import archive, changetiles
from pipelines.gates import keys
from tests.pipelines import made
from tests.pipelines.diff import editions
from tests.pipelines.diff.editions import frame

Json = dict[str, Any]


def large(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame, *, title: str = "name") -> Diff:
    """Compare as if no change could be listed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vector, "LISTED_AT_MOST", 0)
        return vector.compare(before, after, key="key", title=title)


def table(diff: Diff) -> list[Json]:
    assert diff.rows is not None
    read: list[Json] = pq.read_table(pa.BufferReader(cells.write(diff.rows))).to_pylist()
    return read


def entries(diff: Diff, findings: Mapping[str, str] | None = None) -> list[Json]:
    told, content = paging.write(diff, findings)
    return [entry for page in members(content, told["pages"]["offsets"]) for entry in page]


def members(content: bytes, offsets: list[int]) -> Iterator[Any]:
    for start, end in pairwise(offsets):
        yield json.loads(gzip.decompress(content[start:end]))


def in_order(listed: list[Json]) -> list[Json]:
    """Return entries with those that differ in decimals only at the end, as a long list has them."""
    return sorted(listed, key=lambda entry: (not entry["finding"], bool(entry["decimals_only"])))


@pytest.fixture(scope="module")
def autumn() -> Diff:
    before, after = (made.airports(one).rename(columns={"icao": "key"}) for one in ("2025-09", "2026-09"))
    return large(before, after)


@pytest.fixture(scope="module")
def listed() -> Diff:
    before, after = (made.airports(one).rename(columns={"icao": "key"}) for one in ("2025-09", "2026-09"))
    return vector.compare(before, after, key="key", title="name")


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(editions.rows, editions.rows)
def test_columns_and_features_give_the_same_answers(before: editions.Rows, after: editions.Rows) -> None:
    pair = frame(before), frame(after)
    small, whole = vector.compare(*pair, key="key", title="name"), large(*pair)
    told = vector.changes(small)
    if not whole.large:
        assert small.changes == ()
        return
    assert entries(whole) == in_order(told["changes"])
    assert paging.write(whole)[0]["counts"] == told["counts"]
    lines = [list(line) for line in csv.reader(io.StringIO(vector.csv(small).decode(), newline=""))][1:]
    found = [
        [line["kind"], line["key"], line["column"], line["old"] or "", line["new"] or ""]
        for line in table(whole)
    ]
    assert sorted(found) == sorted(line[:5] for line in lines)


def test_real_editions_give_the_same_answers(autumn: Diff, listed: Diff) -> None:
    told = vector.changes(listed, findings={"SN99": "keys.reused"})
    assert entries(autumn, {"SN99": "keys.reused"}) == in_order(told["changes"])
    distances = [line["distance_m"] for line in table(autumn) if line["column"] == "geometry"]
    moved = [
        change.distance_m
        for change in listed.changes
        if any(one.name == "geometry" for one in change.columns)
    ]
    assert sorted(distances, key=repr) == sorted(moved, key=repr)


def test_pages_are_read_by_their_place_in_the_file(autumn: Diff, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "IN_PAGE", 20)
    monkeypatch.setattr(paging, "IN_INDEX", 100)
    monkeypatch.setattr(rows, "IN_BATCH", 60)
    told, content = paging.write(autumn, {"SN99": "keys.reused"})
    pages = list(members(content, told["pages"]["offsets"]))
    assert (told["truncated"], told["pages"]["count"], len(pages)) == (True, 18, 18)
    assert (pages[0], pages[0][0]["finding"]) == (told["changes"], "keys.reused")
    index = [pair for part in members(content, told["pages"]["index"]["offsets"]) for pair in part]
    keys = [entry["key"] for page in pages for entry in page]
    assert [key for key, _ in index] == sorted(keys)
    assert all(keys[place] == key for key, place in index)
    assert sum(kind["count"] for kind in told["pages"]["kinds"]) + told["pages"]["findings"] == len(keys)


def test_the_order_of_rows_changes_no_byte(autumn: Diff) -> None:
    before, after = (made.airports(one).rename(columns={"icao": "key"}) for one in ("2025-09", "2026-09"))
    again = large(before.sample(frac=1, random_state=3), after.sample(frac=1, random_state=4))
    assert autumn.rows is not None
    assert again.rows is not None
    assert cells.write(again.rows) == cells.write(autumn.rows)
    assert paging.write(again) == paging.write(autumn)


def test_a_large_diff_refuses_to_seem_empty(autumn: Diff, listed: Diff) -> None:
    with pytest.raises(TooLarge, match="343 changes"):
        _ = autumn.changes
    with pytest.raises(NotMade):
        paging.write(listed)


def test_a_reused_key_is_found_and_told_by_the_column(autumn: Diff, listed: Diff) -> None:
    family = spec.family("ks_airports")
    assert keys.reused(autumn, family) == keys.reused(listed, family)
    assert [change.key for change in keys.reused(autumn, family).named] == ["99KS"]


def test_every_change_with_a_place_has_a_mark_and_its_mark_a_tile(autumn: Diff, listed: Diff) -> None:
    assert autumn.rows is not None
    points = marks.of(autumn.rows)
    told = {(one["key"], one["kind"], one["title"], one["decimals_only"]) for one in points.to_pylist()}
    assert told == {(one.key, one.kind, one.title, one.decimals_only) for one in listed.changes}
    cut = archive.read(changetiles.write(points, labels=made.PUBLIC))
    assert cut.texts(layer="changes", name="key") == set(points["key"].to_pylist())


def test_what_only_is_spelt_otherwise_is_no_reason_to_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vector, "LISTED_AT_MOST", 1)
    ring = [(-98, 38), (-97, 38), (-97, 39)]
    keys = [*"abc"]
    before, after = (
        gpd.GeoDataFrame({"key": keys, "name": keys}, geometry=[Polygon(one)] * 3, crs=4326)
        for one in (ring, ring[1:] + ring[:1])
    )
    assert vector.compare(before, after, key="key").changes == ()


def test_places_that_are_none_on_earth_are_refused() -> None:
    before, after = (gpd.GeoDataFrame({"key": ["a"]}, geometry=[Point(-98, y)], crs=4326) for y in (38, 3800))
    with pytest.raises(NotComparable, match="no place on Earth"):
        large(before, after)
