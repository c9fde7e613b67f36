"""A broker that forgot everything loses nothing: the database is the truth, and the sweeper sends again."""

import time

import pytest

from tests.faults import holds
from tests.faults.conftest import Table
from tests.faults.house import House
from tests.faults.moments import SENT, after_result

pytestmark = pytest.mark.slow

EMPTIED = "broker emptied"
RECORDED = "SELECT 1 FROM runs_run WHERE id = %s AND status = 'recorded'"


def test_work_that_nobody_had_taken(house: House, table: Table) -> None:
    house.running.kill("worker")
    run = house.asked()
    house.until(SENT, run, why="the message was not sent")
    began = time.monotonic()
    empty(house)
    house.running.mend()
    house.until(RECORDED, run, why="the run was not recorded")
    table.add(EMPTIED, "before start", seen="sent again, recorded", seconds=time.monotonic() - began)


def test_results_that_nobody_had_taken(house: House, table: Table) -> None:
    with after_result(house) as scene:
        began = time.monotonic()
        empty(house)
    house.running.mend()
    house.until(RECORDED, scene.run, why="the run was not recorded")
    table.add(
        EMPTIED,
        "after the result is sent",
        seen="found in the store, recorded",
        seconds=time.monotonic() - began,
    )


def test_a_promotion_that_nobody_had_taken(house: House, table: Table) -> None:
    review = house.reviewed()
    house.running.kill("promoter")
    assert house.approve(review).taken
    house.until("SELECT 1 FROM releases_promotion WHERE status = 'queued'", why="nothing was queued")
    began = time.monotonic()
    empty(house)
    house.running.mend()
    house.until_quiet()
    table.add(EMPTIED, "before promotion", seen="sent again, published", seconds=time.monotonic() - began)


def test_while_everybody_is_at_work(house: House, table: Table) -> None:
    with holds.seized(house) as run:
        began = time.monotonic()
        empty(house)
    house.until(RECORDED, run, why="the run was not recorded")
    table.add(EMPTIED, "mid-artifact", seen="recorded", seconds=time.monotonic() - began)


def empty(house: House) -> None:
    with house.broker() as broker:
        assert broker.flushall()
