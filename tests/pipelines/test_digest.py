"""Hashes and strict JSON."""

import json
from pathlib import Path

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from pipelines import digest
from pipelines.errors import NotADigest, NotStrict
from pipelines.model import Artifact, Labels, Role

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(-(2.0**53) + 1, 2.0**53 - 1)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)
VECTORS = Path(__file__).parents[3] / "shared" / "vectors" / "jcs-rfc8785"
LABELS = Labels(sensitivity="public", sovereignty=(), rights="MIT")
DATA = Artifact(role=Role.DATA, media_type="a/b", sha256="a" * 64, size=1)


@pytest.mark.skipif(not VECTORS.is_dir(), reason="../shared/vectors/jcs-rfc8785 is not here")
@pytest.mark.parametrize("name", ["arrays", "french", "structures", "unicode", "values", "weird"])
def test_the_published_examples_of_rfc_8785_come_out_as_published(name: str) -> None:
    told = digest.read_json((VECTORS / "input" / f"{name}.json").read_bytes())
    hexadecimal = (VECTORS / "outhex" / f"{name}.txt").read_text()
    assert digest.canonical(told) == bytes.fromhex(hexadecimal)


@given(VALUES)
def test_canonical_bytes_are_those_of_rfc_8785(value: object) -> None:
    try:
        expected = rfc8785.dumps(value)  # type: ignore[arg-type]  # made of JSON's own kinds
    except rfc8785.CanonicalizationError:
        with pytest.raises(NotStrict):
            digest.canonical(value)
    else:
        assert digest.canonical(value) == expected


@pytest.mark.parametrize(
    "value",
    [
        1.0,
        -0.0,
        [1.0, 10.0, 1.05, 100.0],
        {"a": 38.0, "b": "1.0, [2.0] {3.0}", "c": [-98.0, "x", 5.0]},
        {"a": 1.0, "b": 'said "1.0", twice'},
        {"a": 1e15, "b": 1e-7, "c": 1e21, "d": 2.0**53 - 1},
        {"\U0001f600": 1, "\ufb33": 2, "é": 3.0},
        {Role.DATA: Role.TILES, "whole": True, "none": None},
        ({"a": (1, 2.0)},),
    ],
)
def test_numbers_texts_and_names_are_spelt_as_rfc_8785_spells_them(value: object) -> None:
    assert digest.canonical(value) == rfc8785.dumps(value)  # type: ignore[arg-type]  # made of JSON's own kinds


@pytest.mark.parametrize("value", [{1: "a"}, {None: 1}, {"a": {2.5: 1}}, {"a": object()}, {"a": b"bytes"}])
def test_what_json_cannot_name_is_refused_and_never_turned_into_text(value: object) -> None:
    with pytest.raises(NotStrict):
        digest.canonical(value)


@given(VALUES)
def test_what_was_written_canonically_is_read_back_to_the_same_bytes(value: object) -> None:
    try:
        written = digest.canonical(value)
    except NotStrict:  # lone surrogates have no UTF-8
        return
    assert digest.canonical(digest.read_json(written)) == written


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 2**53])
def test_numbers_that_json_cannot_carry_are_refused(value: float) -> None:
    with pytest.raises(NotStrict):
        digest.canonical({"n": value})


@pytest.mark.parametrize(
    "text",
    [
        '{"a": NaN}',
        "[Infinity]",
        "[-Infinity]",
        '{"a": 1, "a": 1}',
        "[1,]",
        "\ufeff{}",
        "[" * 65 + "]" * 65,
        "[" * 100_000,
        "[}",
        '{"a": "[',
        "",
    ],
)
def test_loose_json_is_refused(text: str) -> None:
    with pytest.raises(NotStrict):
        digest.read_json(text.encode())


def test_bytes_that_are_not_utf8_are_refused() -> None:
    with pytest.raises(NotStrict):
        digest.read_json(b'"\xff"')


def test_brackets_within_texts_do_not_count_as_depth() -> None:
    assert digest.read_json(json.dumps(["[" * 500 + '\\"']).encode()) == ["[" * 500 + '\\"']


@pytest.mark.parametrize("name", ["", "A" * 64, "a" * 63, "../" + "a" * 61, "a" * 64 + "\n"])
def test_only_64_lowercase_hex_digits_name_bytes(name: str) -> None:
    with pytest.raises(NotADigest):
        digest.check(name)


def test_a_folder_has_the_same_digest_wherever_it_lies_and_another_when_a_file_moves(tmp_path: Path) -> None:
    for place in ("one", "other"):
        (tmp_path / place / "sub").mkdir(parents=True)
        (tmp_path / place / "sub" / "file.txt").write_text("text")
        (tmp_path / place / "__pycache__").mkdir()
        (tmp_path / place / "__pycache__" / "x.pyc").write_text(place)
    first = digest.of_folder(tmp_path / "one", leave_out=())
    assert first == digest.of_folder(tmp_path / "other", leave_out=())
    (tmp_path / "other" / "sub" / "file.txt").rename(tmp_path / "other" / "file.txt")
    assert first != digest.of_folder(tmp_path / "other", leave_out=())


def test_only_what_lies_right_in_a_folder_is_left_out(tmp_path: Path) -> None:
    for place in ("samples", "schemas/samples"):
        (tmp_path / place).mkdir(parents=True)
        (tmp_path / place / "file.txt").write_text("text")
    first = digest.of_folder(tmp_path, leave_out=("samples",))
    (tmp_path / "samples" / "file.txt").write_text("other")
    assert digest.of_folder(tmp_path, leave_out=("samples",)) == first
    (tmp_path / "schemas" / "samples" / "file.txt").write_text("other")
    assert digest.of_folder(tmp_path, leave_out=("samples",)) != first


def test_content_is_named_by_data_and_labels_not_by_what_was_said_about_a_base() -> None:
    drawn = Artifact(role=Role.PREVIEW, media_type="a/b", sha256="b" * 64, size=1)
    assert digest.of_content([DATA], labels=LABELS) == digest.of_content([drawn, DATA], labels=LABELS)
    unassessed = Labels(sensitivity="public", sovereignty=None, rights="MIT")
    assert digest.of_content([DATA], labels=LABELS) != digest.of_content([DATA], labels=unassessed)


def test_the_base_changes_what_a_run_was_asked_to_do() -> None:
    assert digest.of_spec(input_hash="a" * 64, base="none") != digest.of_spec(
        input_hash="a" * 64, base="b" * 64
    )
