"""A reason is kept as it was written, or not at all."""

import pytest

from kfm_review.audit.reasons import check_why
from kfm_review.errors import Invalid


@pytest.mark.parametrize(
    ("why", "wrong"),
    [("", "Say why"), ("  \n ", "Say why"), ("\x00", "cannot be kept"), ("x" * 4001, "cannot be kept")],
)
def test_a_reason_is_a_text_and_no_book(why: str, wrong: str) -> None:
    with pytest.raises(Invalid, match=wrong):
        check_why(why)


def test_what_is_signed_is_bounded_more_narrowly() -> None:
    assert check_why("x" * 10, most=10)
    with pytest.raises(Invalid, match="at most 10 signs"):
        check_why("x" * 11, most=10)


def test_a_reason_is_kept_without_the_blanks_around_it() -> None:
    assert check_why("  Because. \n") == "Because."
