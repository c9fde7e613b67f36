"""A worker whose clock is wrong by a day changes nothing that matters."""

import time
from collections.abc import Iterator

import pytest

from tests.faults.conftest import Table
from tests.faults.house import House, Review
from tests.faults.moments import after_result

pytestmark = pytest.mark.slow

DAY_S = 86_400
ASTRAY = {"a day ahead": DAY_S, "a day behind": -DAY_S}
RECORDED = """
SELECT 1 FROM runs_run run JOIN runs_attempt attempt ON run_id = run.id
WHERE run.id = %s AND status = 'recorded' AND number = 1
    AND now() - interval '5 minutes' < least(run.started_at, run.ended_at, attempt.heartbeat_at)
    AND now() > greatest(run.started_at, run.ended_at, attempt.heartbeat_at)
"""
ANSWERED = """
SELECT 1 FROM outbox_pulse WHERE process = 'worker' AND token <> ''
    AND answered_at > to_timestamp(%s) AND answered_at < now()
"""


@pytest.fixture(params=ASTRAY)
def astray(request: pytest.FixtureRequest, house: House) -> Iterator[str]:
    """Give the house a worker with a wrong clock for a while."""
    seconds = ASTRAY[request.param]
    house.running.instead = {"worker": ["-m", "tests.faults.astray", str(seconds), "--concurrency", "2"]}
    house.running.restart("worker")
    yield str(request.param)
    house.running.instead = {}
    house.running.restart("worker")


def test_a_wrong_clock_changes_nothing_that_matters(house: House, table: Table, astray: str) -> None:
    began = time.time()
    with after_result(house) as scene, house.broker() as broker:
        broker.delete("results")
    house.running.mend()
    house.until(RECORDED, scene.run, why="a result whose message was lost was not found in the store")
    review: Review = house.review_of(scene.run)
    assert house.approve(review).taken
    house.until_quiet()
    house.until(ANSWERED, began, why="the worker did not answer a ping")
    table.add(
        "worker's clock",
        astray,
        seen="found in the store, recorded, published, answers pings",
        seconds=time.time() - began,
    )
