"""Who was thought dead and comes back too late is refused: what others did meanwhile stands, once."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from tests.faults import holds
from tests.faults.conftest import Table
from tests.faults.house import House

pytestmark = pytest.mark.slow

ENDED = "SELECT 1 FROM runs_run WHERE id = %s AND status = %s"
ATTEMPTS = "SELECT count(*) FROM runs_attempt WHERE run_id = %s"
OBJECT = "SELECT sha256 FROM runs_artifact WHERE manifest_id = %s AND role = 'data'"
FLIPPED = "SELECT 1 FROM runs_current WHERE manifest_id = %s"
DONE = """
SELECT fence FROM releases_promotion JOIN releases_release release ON release.id = release_id
WHERE review_id = %s AND status = 'done'
"""


def test_an_attempt_that_another_one_overtook(house: House, table: Table) -> None:
    with holds.seized(house) as run, second(house, "worker"):
        began = time.monotonic()
        house.until(ENDED, run, "recorded", why="nobody else carried the run out")
        seconds = time.monotonic() - began
    house.until_quiet()
    made = house.count(ATTEMPTS, run)
    assert made > 1
    seen = f"recorded by attempt {made}; attempt 1 is refused when it comes back"
    table.add("worker's children (frozen)", "mid-artifact", seen=seen, seconds=seconds)


def test_a_promoter_that_another_one_overtook(house: House, table: Table) -> None:
    for _ in range(holds.TRIES):
        review = house.reviewed()
        [(name,)] = house.running.ask(OBJECT, review.manifest)
        file = house.store / "public" / "objects" / "sha256" / str(name)[:2] / str(name)
        answer = house.meanwhile(lambda: house.approve(review))  # noqa: B023  # it is awaited below
        holds.spin(file.exists)
        with holds.frozen(house, "promoter"):
            began = time.monotonic()
            assert answer.result().taken
            if house.running.ask(FLIPPED, review.manifest):
                continue  # too late
            with second(house, "promoter"):
                house.until(DONE, review.id, why="nobody else carried the promotion out")
                seconds = time.monotonic() - began
        house.until_quiet()
        assert house.running.ask(DONE, review.id) == [(2,)]
        table.add("promoter (frozen)", "mid-promotion", seen="published by another, once", seconds=seconds)
        return
    raise TimeoutError("No promoter could be held in the midst of publishing.")


def test_a_run_that_was_cancelled_while_nobody_listened(house: House, table: Table) -> None:
    with holds.seized(house) as run:
        house.running.kill("control")
        assert house.steward.post(f"/runs/{run}/cancel/", why="It is not needed any more.").taken
    began = time.monotonic()
    house.running.mend()
    house.until_quiet()
    assert house.running.ask(ENDED, run, "cancelled")
    table.add("control", "while it is cancelled", seen="stays cancelled", seconds=time.monotonic() - began)


@contextmanager
def second(house: House, name: str) -> Iterator[None]:
    """Let another process of a kind work beside the one that is there."""
    other = f"second {name}"
    house.running.parts.start(replace(house.running.part(name), name=other))
    try:
        yield
    finally:
        house.running.kill(other)
