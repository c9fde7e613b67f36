"""What cannot be meant is told before anything starts."""

import pytest

from kfm_review.local import given


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("KFM_PORT", "abc"),
        ("KFM_PORT", ""),
        ("KFM_PORT", "0"),
        ("KFM_PORT", "65536"),
        ("KFM_PORT", "-1"),
        ("DATABASE_URL", "nonsense"),
        ("DATABASE_OWNER_URL", "sqlite:///kfm.db"),
    ],
)
def test_what_cannot_be_meant_is_told_with_the_way_out(name: str, word: str) -> None:
    [fault] = given.faults({name: word})
    assert fault.startswith(name)
    assert "unset it" in fault


@pytest.mark.parametrize(
    "environment",
    [{}, {"KFM_PORT": "8161", "DATABASE_URL": "", "DATABASE_OWNER_URL": "postgres://owner@db.example/kfm"}],
)
def test_what_can_be_meant_is_not_spoken_of(environment: dict[str, str]) -> None:
    assert list(given.faults(environment)) == []
