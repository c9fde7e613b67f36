"""The comparison: exact counts on real editions, and never a wrong answer."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, Polygon

from pipelines.diff import vector
from pipelines.diff.changes import Change, Diff, Kind
from pipelines.errors import KeysNotUnique, NotComparable
from pipelines.formats import geoparquet
from tests.pipelines import made


def frame(rows: dict[str, tuple[object, ...]], *, names: tuple[str, ...] = ("name",)) -> gpd.GeoDataFrame:
    """Return a layer from key: (columns…, lon, lat)."""
    columns = {"key": list(rows), **{name: [row[n] for row in rows.values()] for n, name in enumerate(names)}}
    places = [Point(*row[len(names) :]) for row in rows.values()]
    return gpd.GeoDataFrame(columns, geometry=places, crs="EPSG:4326")


def compare(before: gpd.GeoDataFrame, after: gpd.GeoDataFrame) -> Diff:
    return vector.compare(before, after, key="key", title="name")


def only(diff: Diff) -> Change:
    (change,) = diff.changes
    return change


@pytest.fixture(scope="module")
def autumn() -> Diff:
    return vector.compare(made.airports("2025-09"), made.airports("2026-09"), key="icao", title="name")


def test_the_real_editions_differ_by_what_the_issue_says(autumn: Diff) -> None:
    counts = (autumn.added, autumn.removed, autumn.moved, autumn.changed)
    assert (counts, autumn.before_rows, autumn.after_rows) == ((19, 13, 12, 299), 328, 334)


def test_most_of_the_changed_differ_only_in_decimals(autumn: Diff) -> None:
    assert autumn.decimals_only == 281


def test_a_code_that_was_given_away_is_the_farthest_move(autumn: Diff) -> None:
    first = autumn.changes[0]
    assert (first.key, first.kind, round((first.distance_m or 0) / 1000, 1)) == ("99KS", Kind.MOVED, 153.7)
    assert {column.name for column in first.columns} >= {"name", "city", "geometry"}


def test_nothing_changed_between_october_2024_and_september_2025() -> None:
    diff = vector.compare(made.airports("2024-10"), made.airports("2025-09"), key="icao")
    assert diff.changes == ()


def test_files_and_frames_give_the_same_answer(autumn: Diff, tmp_path: Path) -> None:
    files = []
    for edition in ("2025-09", "2026-09"):
        file = tmp_path / f"{edition}.parquet"
        file.write_bytes(geoparquet.write(made.airports(edition), key="icao", labels=made.PUBLIC))
        files.append(file)
    assert vector.compare(files[0], files[1], key="icao", title="name") == autumn


def test_the_order_of_rows_does_not_matter(autumn: Diff) -> None:
    shuffled = made.airports("2026-09").sample(frac=1, random_state=3)
    assert vector.compare(made.airports("2025-09"), shuffled, key="icao", title="name") == autumn


def test_an_added_feature_has_all_its_columns() -> None:
    before, after = frame({"a": ("A", -98, 38)}), frame({"a": ("A", -98, 38), "b": (None, -97, 38)})
    change = only(compare(before, after))
    assert (change.kind, change.before, change.same) == (Kind.ADDED, None, ())
    assert [(column.name, column.old, column.new) for column in change.columns] == [
        ("name", None, None),
        ("geometry", None, "-97 38"),
    ]


def test_a_removed_feature_keeps_its_old_title() -> None:
    change = only(compare(frame({"a": ("Ames", -98, 38), "b": ("B", -97, 38)}), frame({"b": ("B", -97, 38)})))
    assert (change.kind, change.title, change.after) == (Kind.REMOVED, "Ames", None)


@pytest.mark.parametrize(("lon", "kind"), [(-97.9989, Kind.CHANGED), (-97.9988, Kind.MOVED)])
def test_a_point_has_moved_when_it_went_more_than_a_hundred_metres(lon: float, kind: Kind) -> None:
    change = only(compare(frame({"a": ("A", -98.0, 38.0)}), frame({"a": ("A", lon, 38.0)})))
    assert change.kind is kind


def test_what_moved_is_not_also_counted_as_changed() -> None:
    diff = compare(frame({"a": ("A", -98, 38)}), frame({"a": ("B", -97, 38)}))
    assert (diff.moved, diff.changed) == (1, 0)


def test_a_quarter_of_the_earth_is_a_quarter_of_its_round() -> None:
    change = only(compare(frame({"a": ("A", 0, 0)}), frame({"a": ("A", 90, 0)})))
    assert change.distance_m == pytest.approx(10_007_557, abs=1)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (1100.4, 1100.0, True),
        (1100.0, 1101.0, False),
        ("1100", "1100.2", True),
        ("7 A", "7.1 A", False),
        ("x", "y", False),
        (None, 1.0, False),
    ],
)
def test_only_decimals_changed_when_the_finer_number_rounds_to_the_coarser(
    old: object, new: object, *, said: bool
) -> None:
    before, after = (frame({"a": (value, -98, 38), "b": ("", -99, 38)}) for value in (old, new))
    before, after = before[:1], after[:1]
    assert only(compare(before, after)).decimals_only is said


def test_a_coarser_place_within_a_hundred_metres_is_only_decimals() -> None:
    change = only(compare(frame({"a": ("A", -98.0001, 38.0)}), frame({"a": ("A", -98.00012, 38.0)})))
    assert (change.kind, change.decimals_only) == (Kind.CHANGED, True)


def test_a_change_lists_what_stayed_the_same() -> None:
    names = ("name", "city")
    before = frame({"a": ("A", "Lyons", -98, 38)}, names=names)
    change = only(compare(before, frame({"a": ("B", "Lyons", -98, 38)}, names=names)))
    assert [(one.name, one.old, one.new) for one in change.columns] == [("name", "A", "B")]
    assert dict(change.same) == {"city": "Lyons", "geometry": "-98 38"}


def test_no_value_and_not_a_number_are_the_same_nothing() -> None:
    before, after = (frame({"a": (value, -98, 38)}) for value in (None, float("nan")))
    assert compare(before, after).changes == ()


def test_no_value_and_empty_text_are_not_the_same() -> None:
    change = only(compare(frame({"a": (None, -98, 38)}), frame({"a": ("", -98, 38)})))
    assert [(column.old, column.new) for column in change.columns] == [(None, "")]


def test_a_new_column_changes_the_rows_that_have_a_value_in_it() -> None:
    before = frame({"a": ("A", -98, 38), "b": ("B", -97, 38)})
    after = before.assign(lid=["x", None])
    assert [(change.key, change.columns[0].name) for change in compare(before, after).changes] == [
        ("a", "lid")
    ]


def test_whole_numbers_and_fractions_of_equal_value_are_equal() -> None:
    assert compare(frame({"a": (1100, -98, 38)}), frame({"a": (1100.0, -98, 38)})).changes == ()


def test_texts_and_numbers_are_compared_as_texts() -> None:
    assert compare(frame({"a": ("1100", -98, 38)}), frame({"a": (1100, -98, 38)})).changes == ()


def test_a_polygon_written_from_another_corner_is_the_same() -> None:
    ring = [(-98, 38), (-97, 38), (-97, 39), (-98, 38)]
    turned = [ring[1], ring[2], ring[0], ring[1]]
    before, after = (
        gpd.GeoDataFrame({"key": ["a"], "name": ["A"]}, geometry=[Polygon(one)], crs=4326)
        for one in (ring, turned)
    )
    assert compare(before, after).changes == ()


def test_a_line_never_moves_it_changes() -> None:
    before, after = (
        gpd.GeoDataFrame({"key": ["a"], "name": ["A"]}, geometry=[LineString([(-98, 38), (x, 39)])], crs=4326)
        for x in (-97, -90)
    )
    assert only(compare(before, after)).kind is Kind.CHANGED


def test_a_feature_that_lost_its_place_is_changed() -> None:
    before = frame({"a": ("A", -98, 38)})
    after = gpd.GeoDataFrame({"key": ["a"], "name": ["A"]}, geometry=[None], crs=4326)
    change = only(compare(before, after))
    assert (change.kind, change.after, change.distance_m) == (Kind.CHANGED, None, None)


@pytest.mark.parametrize("keys", [["a", "a"], ["a", None]])
def test_keys_that_do_not_tell_rows_apart_are_refused(keys: list[str | None]) -> None:
    faulty = gpd.GeoDataFrame({"key": keys, "name": ["A", "B"]}, geometry=[Point(-98, 38)] * 2, crs=4326)
    good = frame({"a": ("A", -98, 38)})
    for pair in ((faulty, good), (good, faulty)):
        with pytest.raises(KeysNotUnique, match="own key"):
            compare(*pair)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda layer: layer.drop(columns="key"),
        lambda layer: layer.to_crs(3857),
        lambda layer: layer.set_geometry([Point(-98, 3800)], crs=4326),
    ],
)
def test_what_cannot_be_compared_is_refused(spoil: Callable[[gpd.GeoDataFrame], gpd.GeoDataFrame]) -> None:
    good = frame({"a": ("A", -98, 38)})
    with pytest.raises(NotComparable):
        compare(good, spoil(good))


def test_a_column_may_have_any_name() -> None:
    name = 'drop"; -- é'
    before = frame({"a": ("A", -98, 38)}).rename(columns={"name": name})
    after = frame({"a": ("B", -98, 38)}).rename(columns={"name": name})
    assert only(vector.compare(before, after, key="key")).columns[0].name == name


def test_an_empty_edition_removes_everything() -> None:
    before = frame({"a": ("A", -98, 38)})
    assert [change.kind for change in compare(before, before[:0]).changes] == [Kind.REMOVED]


rows = st.dictionaries(
    st.sampled_from("abcdef"),
    st.tuples(st.sampled_from(["x", "y", "", None]), st.sampled_from([-98.0, -97.0]), st.just(38.0)),
    min_size=1,
)


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(rows, rows)
def test_the_counts_are_those_of_a_comparison_by_hand(
    old: dict[str, tuple[object, ...]], new: dict[str, tuple[object, ...]]
) -> None:
    diff = compare(frame(old), frame(new))
    both = old.keys() & new.keys()
    moved = {key for key in both if old[key][1] != new[key][1]}
    assert diff.added == len(new.keys() - old.keys())
    assert diff.removed == len(old.keys() - new.keys())
    assert diff.moved == len(moved)
    assert diff.changed == sum(old[key] != new[key] for key in both - moved)


def test_the_list_for_the_desk_begins_with_what_a_gate_found(autumn: Diff) -> None:
    listed = vector.changes(autumn, findings={"SN99": "keys.reused"})
    first = listed["changes"][0]
    assert (first["key"], first["finding"]) == ("SN99", "keys.reused")
    assert [entry["kind"] for entry in listed["changes"][1:13]] == ["moved"] * 12
    assert listed["counts"] == {"added": 19, "removed": 13, "changed": 299, "moved": 12, "decimals_only": 281}


def test_the_table_has_a_line_for_each_column_that_changed(autumn: Diff) -> None:
    lines = list(csv.DictReader(io.StringIO(vector.csv(autumn).decode())))
    gone = [line for line in lines if line["key"] == "99KS"]
    assert [line["column"] for line in gone] == ["name", "city", "elevation", "geometry"]
    assert gone[-1]["distance_m"] == "153682.2"
    assert {line["key"] for line in lines} == {change.key for change in autumn.changes}


def test_the_table_quotes_what_would_break_it() -> None:
    before, after = frame({"a": (None, -98, 38)}), frame({"a": ('say "x",\n', -98, 38)})
    assert vector.csv(compare(before, after)).decode().splitlines()[1:] == [
        'changed,a,name,,"say ""x"",',
        '",',
    ]
    empty = vector.csv(compare(before, frame({"a": ("", -98, 38)}))).decode()
    assert empty.splitlines()[1] == 'changed,a,name,,"",'


def test_dates_and_truth_are_written_plainly() -> None:
    names = ("when", "open")
    days = pd.Timestamp("2026-09-05"), pd.Timestamp("2026-09-06")
    before = frame({"a": (days[0], True, -98, 38)}, names=names)
    after = frame({"a": (days[1], False, -98, 38)}, names=names)
    columns = {one.name: (one.old, one.new) for one in only(vector.compare(before, after, key="key")).columns}
    assert columns == {"when": ("2026-09-05T00:00:00", "2026-09-06T00:00:00"), "open": ("true", "false")}
