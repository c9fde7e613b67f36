"""Text read as text: nothing guessed, nothing dropped, and bounds on what a file may ask for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.formats import delimited
from pipelines.formats.table import COLUMNS_AT_MOST, FORMS


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1", 1.0),
        ("-1.50", -1.5),
        ("+.5", 0.5),
        ("1e3", 1000.0),
        ("", None),
        ("NaN", None),
        ("inf", None),
        ("1e400", None),
        ("9" * 400, None),
        ("0x10", None),
        ("1,5", None),
        (" 1", None),
        ("1_000", None),
        ("\N{ARABIC-INDIC DIGIT ONE}", None),
    ],
)
def test_only_plain_finite_numbers_are_numbers(text: str, number: float | None) -> None:
    table = delimited.read(f'n,x\n"{text}",1\n'.encode())
    assert table.numbers("n").to_pylist() == [number]
    assert table.wrong("n", form=FORMS["number"]) == ([] if number is not None or not text else [0])


def test_a_name_that_stands_twice_does_not_hide_a_column() -> None:
    table = delimited.read(b"a,b,a\n1,2,3\n")
    assert (table.names, table.rows.column_names) == (("a", "b", "a"), ["a", "b", "a (3)"])


def test_ragged_rows_are_kept_and_told() -> None:
    table = delimited.read(b"a,b\n1\n2,3,4\n5,6\n")
    assert table.texts("a").to_pylist() == ["1", "2", "5"]
    assert [(one.line, one.cells) for one in table.ragged] == [(2, 1), (3, 3)]


def test_a_file_of_nothing_but_columns_is_not_taken_in() -> None:
    table = delimited.read((",".join(f"c{n}" for n in range(200_000)) + "\n1\n").encode())
    assert (len(table.names), table.rows.num_rows) == (COLUMNS_AT_MOST, 0)
    assert table.broken == "line 1: more than 1,000 columns"


@pytest.mark.parametrize(
    ("content", "broken"),
    [
        (b'a\n"open', "line 2: unexpected end of data"),
        (b'a\n"x"y\n', "line 2: ',' expected after '\"'"),
        (b"a\n" + b"x" * 200_000, "line 2: field larger than field limit (131072)"),
    ],
)
def test_reading_that_ends_early_says_where(content: bytes, broken: str) -> None:
    assert delimited.read(content).broken == broken


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"\xef\xbb\xbf", b"\x00", b"\xff\xfea\x00", bytes(range(256))]
)
def test_whatever_the_bytes_reading_says_something(content: bytes) -> None:
    table = delimited.read(content)
    assert table.size == len(content)
    assert table.rows.num_rows == len(table.lines)


CELLS = st.text(alphabet="ab é\x00\u2028\x85=+", max_size=4)


@given(st.lists(st.lists(CELLS, min_size=1, max_size=3), min_size=1, max_size=6), st.booleans())
def test_the_fast_way_says_the_same_as_the_slow_one(lines: list[list[str]], ended: bool) -> None:  # noqa: FBT001
    text = "\n".join(",".join(cells) for cells in lines) + ("\n" if ended else "")
    fast, slow = delimited._fast(text), delimited._slow(text)
    if fast is None:
        return
    assert (list(fast.header), list(fast.lines)) == (list(slow.header), list(slow.lines))
    assert (fast.rows.to_pydict(), slow.ragged, slow.broken) == (slow.rows.to_pydict(), (), "")


@pytest.mark.parametrize("odd", ['"x",2', "1", "1,2,3", "", "x" * 140_000 + ",2"])
def test_a_large_file_with_one_odd_line_is_read_as_a_small_one(
    odd: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delimited, "LARGE", 0)
    table = delimited.read(("a,b\n1,2\n" + odd + "\n").encode())
    assert (table.rows.num_rows == 2) == (len(odd) < 100)
    assert bool(table.ragged) == (odd in {"1", "1,2,3", ""})
    assert table.broken == ("" if len(odd) < 100 else "line 3: field larger than field limit (131072)")


def test_lines_without_end_are_refused_before_they_are_read() -> None:
    table = delimited.read(b"a\n" + b"\n" * 5_000_000)
    assert [fault.rule for fault in table.faults] == ["rows"]


def test_more_cells_than_are_read_are_not_spread_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited, "CELLS_AT_MOST", 100)
    table = delimited.read(b"a,b\n" + b"1,2\n" * 60)
    assert (table.rows.num_rows, table.broken) == (0, "line 1: 2 columns for 61 lines")


def test_reading_gives_up_where_every_line_is_ragged() -> None:
    table = delimited.read(b"a,b\n" + b"\n" * 100_000)
    assert table.broken == "line 10002: more than 10,000 lines are ragged"
    assert (len(table.ragged), table.rows.num_rows) == (10_001, 10_001)


@pytest.mark.parametrize("content", [b"<!DOCTYPE html>\n<p>,</p>\n", b"PK\x03\x04,\n", b"PAR1"])
def test_what_is_something_else_is_told(content: bytes) -> None:
    assert [fault.rule for fault in delimited.read(content).faults] == ["another"]
