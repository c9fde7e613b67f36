"""What holds of every comparison: it can be applied and undone, misses no cell, and knows no order."""

import csv
import io
from collections.abc import Callable
from random import Random
from typing import TypeAlias

import geopandas as gpd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pipelines.diff import cell, cells, vector
from pipelines.diff.changes import Diff
from tests.pipelines.diff import editions
from tests.pipelines.diff.editions import COLUMNS, Rows, frame
from tests.pipelines.diff.test_large import entries, large, table

Texts: TypeAlias = dict[str, dict[str, str | None]]
Line: TypeAlias = tuple[str, str, str, str | None, str | None]
INVERSE = {"added": "removed", "removed": "added", "moved": "moved", "changed": "changed"}
quick = settings(max_examples=10, deadline=None)


def small(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> Diff:
    return vector.compare(before, after, key="key", title="name")


def texts(rows: Rows) -> Texts:
    """Return an edition as the texts of its cells; a shape as its normal spelling."""
    told = {}
    for key, row in rows.items():
        *values, shape = row
        words = [cell.text(value) for value in values]
        told[key] = dict(zip(COLUMNS, [*words, cell.place(editions.normal(shape))], strict=True))
    return told


def lines(diff: Diff) -> list[Line]:
    """Return the change table of a diff, whichever way it is written."""
    if diff.large:
        return [(one["kind"], one["key"], one["column"], one["old"], one["new"]) for one in table(diff)]
    return [
        (change.kind, change.key, one.name, one.old, one.new)
        for change in diff.changes
        for one in change.columns
        if one.old != one.new
    ]


def applied(to: Texts, changes: list[Line]) -> Texts:
    made = {key: dict(row) for key, row in to.items()}
    for kind, key, column, old, new in changes:
        if kind == "removed":
            made.pop(key, None)
            continue
        row = made.setdefault(key, dict.fromkeys(COLUMNS))
        assert row[column] == old
        row[column] = new
    return made


BOTH = pytest.mark.parametrize("compare", [small, pytest.param(large, marks=pytest.mark.slow)])


@BOTH
@quick
@given(before=editions.rows, after=editions.rows)
def test_a_change_table_applied_to_the_older_edition_makes_the_newer(
    compare: Callable[..., Diff], before: Rows, after: Rows
) -> None:
    before, after = editions.normalised(before), editions.normalised(after)
    there, back = compare(frame(before), frame(after)), compare(frame(after), frame(before))
    assert applied(texts(before), lines(there)) == texts(after)
    assert applied(texts(after), lines(back)) == texts(before)
    turned = [(INVERSE[kind], key, column, new, old) for kind, key, column, old, new in lines(there)]
    assert sorted(turned, key=repr) == sorted(lines(back), key=repr)


@BOTH
@pytest.mark.parametrize("column", COLUMNS)
@quick
@given(rows=editions.rows, data=st.data())
def test_an_edit_of_one_cell_is_found_as_that_cell(
    compare: Callable[..., Diff], column: str, rows: Rows, data: st.DataObject
) -> None:
    assume(rows)
    key = data.draw(st.sampled_from(sorted(rows)))
    number = COLUMNS.index(column)
    edited = list(rows[key])
    edited[number] = data.draw(editions.VALUES[column])
    assume(editions.differs(rows[key][number], edited[number]))
    found = lines(compare(frame(rows), frame({**rows, key: tuple(edited)})))
    assert [(one, name) for _, one, name, _, _ in found] == [(key, column)]


@BOTH
@quick
@given(before=editions.rows, after=editions.rows, chance=st.randoms(use_true_random=False))
def test_the_order_of_rows_and_columns_never_changes_a_diff(
    compare: Callable[..., Diff], before: Rows, after: Rows, chance: Random
) -> None:
    pair = frame(before), frame(after)
    columns = list(pair[0].columns)
    chance.shuffle(columns)
    shuffled = [one.sample(frac=1, random_state=chance.randrange(99)) for one in pair]
    again, first = compare(shuffled[0], shuffled[1][columns]), compare(*pair)
    if first.rows is None or again.rows is None:
        assert again.changes == first.changes
    else:
        assert cells.write(again.rows) == cells.write(first.rows)
        assert entries(again) == entries(first)


def test_a_feature_with_nothing_but_its_key_is_not_lost() -> None:
    nothing = gpd.GeoDataFrame({"key": ["a"], "name": [None]}, geometry=[None], crs=4326)
    written = list(csv.reader(io.StringIO(vector.csv(small(nothing[:0], nothing)).decode())))
    assert written[1:] == [["added", "a", "", "", "", ""]]
    assert [(one["kind"], one["key"], one["column"]) for one in table(large(nothing[:0], nothing))] == [
        ("added", "a", "")
    ]
