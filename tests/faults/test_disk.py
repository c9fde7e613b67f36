"""A disk that is full is told of in a clear sentence, and once there is room again everything goes on."""

import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.faults import disk, holds
from tests.faults.conftest import Table
from tests.faults.house import FAMILY, House

pytestmark = pytest.mark.slow

FULL = "disk full"
STEP = "SELECT step FROM runs_attempt WHERE run_id = %s AND step LIKE 'The store takes no more (%%'"
RECORDED = "SELECT 1 FROM runs_run WHERE id = %s AND status = 'recorded'"
EXCUSED = "SELECT failure FROM releases_promotion WHERE status = 'running' AND failure <> ''"


@pytest.fixture(autouse=True)
def _small(house: House) -> Iterator[None]:
    with disk.small(house):
        yield
        house.until_quiet()


def test_a_disk_that_is_full_mid_artifact(house: House, table: Table) -> None:
    with ExitStack() as full:
        with holds.seized(house) as run:
            full.enter_context(disk.full(house))
        house.until(STEP, run, why="the run does not say that there is no room")
        [(said,)] = house.running.ask(STEP, run)
        assert "make room" in house.steward.get(f"/runs/{run}/").words
    began = time.monotonic()
    house.until(RECORDED, run, why="the run was not recorded")
    table.add(FULL, "mid-artifact", seen=f"{said} Recorded.", seconds=time.monotonic() - began)


def test_a_disk_that_is_full_mid_promotion(house: House, table: Table) -> None:
    review = house.reviewed(FAMILY)
    with disk.full(house):
        assert house.approve(review).taken
        house.until(EXCUSED, why="the promotion does not say that there is no room")
        [(said,)] = house.running.ask(EXCUSED)
        assert "make room" in house.publisher.get(f"/releases/{FAMILY}/").words
    began = time.monotonic()
    house.until_quiet()
    table.add(FULL, "mid-promotion", seen=f"{said} Published.", seconds=time.monotonic() - began)


def test_a_disk_that_is_full_when_a_file_is_delivered(house: House, table: Table) -> None:
    with disk.full(house):
        answer = house.request(house.edition(FAMILY))
    assert (answer.status, "The store takes no more" in answer.words) == (409, True)
    began = time.monotonic()
    house.asked(FAMILY)
    house.until_quiet()
    table.add(
        FULL, "mid-delivery", seen="refused with the reason, taken again", seconds=time.monotonic() - began
    )
