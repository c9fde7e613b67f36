"""Every move of a promotion, possible or not."""

from itertools import product

import pytest

from kfm_review.errors import NotPossible
from kfm_review.releases.states import ACTIVE, MOVES, Status, check_move


@pytest.mark.parametrize(("here", "there"), list(product(Status, repeat=2)))
def test_only_the_moves_in_the_table_are_possible(here: Status, there: Status) -> None:
    if there in MOVES[here]:
        check_move(here, there)
    else:
        with pytest.raises(NotPossible, match=f"{here} cannot become {there}"):
            check_move(here, there)


def test_every_status_has_its_line_in_the_table() -> None:
    assert set(MOVES) == set(Status)


def test_a_promotion_that_waits_or_is_carried_out_is_active_and_no_other() -> None:
    assert set(ACTIVE) == {Status.QUEUED, Status.VERIFYING, Status.RUNNING}


@pytest.mark.parametrize(
    ("here", "cause"), [(Status.DONE, "It ended already."), (Status.QUEUED, "It has not begun.")]
)
def test_a_refused_move_says_why(here: Status, cause: str) -> None:
    with pytest.raises(NotPossible, match=cause):
        check_move(here, Status.DONE)
