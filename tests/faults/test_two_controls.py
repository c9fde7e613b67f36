"""Two controls at once double nothing; when the one that leads is killed, the other goes on."""

import time
from dataclasses import replace

import pytest

from tests.faults.conftest import Table
from tests.faults.house import House

pytestmark = pytest.mark.slow

SECOND = "second control"
AT_ONCE = 4


def test_two_controls_double_nothing_and_take_over(house: House, table: Table) -> None:
    house.running.parts.start(replace(house.running.part("control"), name=SECOND))
    try:
        runs = [house.asked() for _ in range(AT_ONCE)]
        began = time.monotonic()
        house.running.kill("control")
        runs += [house.asked() for _ in range(AT_ONCE)]
        house.until_quiet()
        table.add("control, one of two", "amid many runs", seen="recorded", seconds=time.monotonic() - began)
        house.running.mend()
        house.approve(house.review_of(runs[-1]))
        house.until_quiet()
    finally:
        house.running.kill(SECOND)
    house.until_quiet()
