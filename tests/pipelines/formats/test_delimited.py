"""Text read as text: nothing guessed, nothing dropped, and bounds on what a file may ask for."""

import pytest

from pipelines.formats import delimited
from pipelines.formats.table import FORMS


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
    assert (len(table.names), table.rows.num_rows) == (delimited.COLUMNS_AT_MOST, 0)
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
