"""Whatever is killed, whenever: after a restart nothing is lost and nothing is there twice."""

import time
from itertools import product

import pytest

from tests.faults import victims
from tests.faults.conftest import Table
from tests.faults.house import House, Review, run_of
from tests.faults.moments import MOMENTS, Scene
from tests.faults.victims import VICTIMS

pytestmark = pytest.mark.slow

ENDED = """
SELECT status, (SELECT max(number) FROM runs_attempt WHERE run_id = run.id), failure
FROM runs_run run WHERE id = %s
"""
PUBLISHED = """
SELECT release.number, fence FROM releases_promotion promotion
JOIN releases_release release ON release.id = release_id WHERE review_id = %s AND status = 'done'
"""
DECIDED = "SELECT count(*) FROM reviews_decision WHERE review_id = %s"


DIES = {(victims.CHILD, "mid-artifact")}  # a run whose process is killed has an end, and its reason


@pytest.mark.parametrize(("moment", "victim"), list(product(MOMENTS, VICTIMS)))
def test_nothing_is_lost_or_doubled(house: House, table: Table, moment: str, victim: str) -> None:
    with MOMENTS[moment](house) as scene:
        family = house.family
        began = time.monotonic()
        victims.kill(house, victim)
    house.running.mend()
    house.until_answers()
    if scene.review is not None:
        seen = decided(house, scene)
    elif (victim, moment) in DIES:
        seen = died(house, scene.run)
    else:
        seen = recorded(house, scene.run)
    table.add(victim, moment, family=family, seen=seen, seconds=time.monotonic() - began)


def recorded(house: House, run: str) -> str:
    """See a run recorded, by its first attempt or by the one after it."""
    house.until_quiet()
    [(status, attempts, failure)] = house.running.ask(ENDED, run)
    assert (status, attempts in (1, 2)) == ("recorded", True), failure
    return f"recorded by attempt {attempts}"


def died(house: House, run: str) -> str:
    """See a run end with a manifest that says why, and recorded when it is asked for again."""
    house.until_quiet()
    [(status, attempts, failure)] = house.running.ask(ENDED, run)
    assert (status, attempts) == ("failed", 1)
    assert "The process of the run died" in str(failure)
    again = run_of(house.steward.post(f"/runs/{run}/retry/", why="Its process was killed."))
    return f"failed with a manifest that says why; retried: {recorded(house, again)}"


def decided(house: House, scene: Scene) -> str:
    """See a decision stand once and published; one that was not answered is made again."""
    assert scene.answer
    assert scene.review
    answer, review = scene.answer.result(), scene.review
    made = house.count(DECIDED, review.id)
    assert made == 1 if answer.taken else made in (0, 1)
    seen = f"answered {answer.status}" if answer.status else "not answered"
    if not answer.taken:
        seen += f", {made} decided; {repeated(house, review)}"
    house.until_quiet()
    assert house.count(DECIDED, review.id) == 1
    [(number, tries)] = house.running.ask(PUBLISHED, review.id)
    return f"{seen}; release {number} published at try {tries}"


def repeated(house: House, review: Review) -> str:
    """Decide once more, as a person does who got no answer."""
    answer = house.approve(review)
    assert answer.taken or "already" in answer.words
    return "taken when repeated" if answer.taken else "told that it stands when repeated"
