"""Strict YAML, and mistakes in words."""

import pytest

from pipelines import documents
from pipelines.errors import NotStrict


@pytest.mark.parametrize(
    "text",
    [
        "a: 1\na: 2\n",
        "a: &x 1\nb: *x\n",
        "a: !!python/object:os.system {}\n",
        "a: [1\n",
        "a: 1\n--- \nb: 2\n",
    ],
)
def test_loose_yaml_is_refused(text: str) -> None:
    with pytest.raises(NotStrict):
        documents.read_yaml(text.encode())


def test_days_and_words_stay_text() -> None:
    read = documents.read_yaml(
        b"day: 2024-10-01\nmonth: 2024-10\nno: no\nyes: yes\nhex: 0x10\nversion: 1.2.3\n"
    )
    assert read == {
        "day": "2024-10-01",
        "month": "2024-10",
        "no": "no",
        "yes": "yes",
        "hex": "0x10",
        "version": "1.2.3",
    }


def test_numbers_and_truths_are_what_they_look_like() -> None:
    read = documents.read_yaml(b"a: 5_000\nb: -1.5e3\nc: true\nd: null\ne:\nf: '7'\n")
    assert read == {"a": 5000, "b": -1500.0, "c": True, "d": None, "e": None, "f": "7"}


def test_a_mistake_says_where_what_and_what_is_allowed() -> None:
    wrong = documents.mistakes(
        {"drift": {"added": {"review": 2, "fail": None}}}, schema="expectations", file="qa/x.yaml"
    )
    assert "qa/x.yaml: drift.added.review: 2 breaks maximum; allowed: maximum 1" in [
        str(mistake) for mistake in wrong
    ]
