"""The audit record under blows: its sequencer killed amid numbering and doubled, a line rewritten."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import psycopg
import pytest

from tests.faults.conftest import Table
from tests.faults.house import House
from tests.stack import wait

pytestmark = pytest.mark.slow

KILLS, BURST = 6, 3_000
SECOND = "second control"
WRITE = """
INSERT INTO audit_event (at, actor_id, action, target, family, why, details, body, leaf_hash)
SELECT at, actor_id, action, target, family, why, details, body, leaf_hash
FROM audit_event, generate_series(1, %s) WHERE id = (SELECT min(id) FROM audit_event)
"""
UNNUMBERED = (
    "SELECT FROM audit_event e WHERE NOT EXISTS (SELECT FROM audit_leaf WHERE event_id = e.id) LIMIT 1"
)
GAPS = "SELECT max(number) + 1 - count(*) FROM audit_leaf"
SEEN = "SELECT count(*) FROM audit_cosignature"
SIGNED = "SELECT count(*) FROM audit_checkpoint"
ALARMS = "SELECT count(*) FROM audit_conflict"
PATIENCE_S = 60


@contextmanager
def owning(house: House) -> Iterator["psycopg.Connection[tuple[object, ...]]"]:
    """Be the owner, before whom no trigger stands."""
    with psycopg.connect(house.running.told.owner_url, autocommit=True) as raw:
        raw.execute("SET session_replication_role = replica")
        yield raw


def ask(house: House) -> None:
    """Have a checkpoint signed."""
    with psycopg.connect(house.running.told.owner_url, autocommit=True) as raw:
        raw.execute("NOTIFY checkpoint")


def until_more(house: House, what: str, than: int) -> None:
    """Ask for checkpoints until there is more of something."""

    def more() -> bool:
        ask(house)
        time.sleep(0.2)
        return house.count(what) > than

    wait(more, why=f"nothing more came of {what}", seconds=PATIENCE_S)


def until_numbered(house: House) -> None:
    wait(lambda: not house.running.ask(UNNUMBERED), why="events wait for their number", seconds=PATIENCE_S)
    assert house.count(GAPS) == 0


def verified(house: House) -> str:
    keys = house.running.place.folder / "keys"
    given = ("--log-key", str(keys / "control.pub"), "--witness-key", str(keys / "witness.pub"))
    return house.running.manage("audit", "verify", *given)


def test_a_sequencer_killed_amid_numbering_leaves_no_gap_and_loses_nothing(
    house: House, table: Table
) -> None:
    began = time.monotonic()
    for blow in range(KILLS):
        with psycopg.connect(house.running.told.owner_url, autocommit=True) as raw:
            raw.execute(WRITE, [BURST])
        time.sleep(0.15 * blow)
        house.running.restart("control")
    until_numbered(house)
    until_more(house, SEEN, house.count(SEEN))
    seconds = time.monotonic() - began
    assert "The audit record is whole" in verified(house)
    table.add(
        "control", f"amid numbering, {KILLS} times", seen=f"{KILLS * BURST:,} events, no gap", seconds=seconds
    )


def test_two_sequencers_number_every_event_once(house: House, table: Table) -> None:
    began = time.monotonic()
    house.running.parts.start(replace(house.running.part("control"), name=SECOND))
    try:
        with psycopg.connect(house.running.told.owner_url, autocommit=True) as raw:
            raw.execute(WRITE, [BURST])
        house.running.kill("control")
        until_numbered(house)
        until_more(house, SEEN, house.count(SEEN))
        house.running.mend()
    finally:
        house.running.kill(SECOND)
    table.add("control, one of two", "amid numbering", seen="no gap", seconds=time.monotonic() - began)


def test_without_its_witness_checkpoints_go_on_and_are_cosigned_afterwards(
    house: House, table: Table
) -> None:
    house.running.kill("witness")
    seen = house.count(SEEN)
    until_more(house, SIGNED, house.count(SIGNED))
    assert house.count(SEEN) == seen
    began = time.monotonic()
    house.running.start("witness")
    until_more(house, SEEN, seen)
    assert house.count(ALARMS) == 0
    table.add("witness", "amid checkpoints", seen="cosigned again", seconds=time.monotonic() - began)


def test_a_line_that_the_owner_rewrote_is_found_by_every_way(house: House, table: Table) -> None:
    began = time.monotonic()
    until_more(house, SEEN, house.count(SEEN))
    assert "The audit record is whole" in verified(house)
    with owning(house) as owner:
        [(event, body, leaf)] = owner.execute(
            "SELECT id, body, leaf_hash FROM audit_event ORDER BY id LIMIT 1 OFFSET 5"
        ).fetchall()
        forge = "UPDATE audit_event SET body = %s, leaf_hash = %s WHERE id = %s"
        owner.execute("CREATE TABLE IF NOT EXISTS kept_tile AS SELECT * FROM audit_tile")
        owner.execute(forge, [b"{}", "0" * 64, event])
        with pytest.raises(Exception, match="returned non-zero exit status 1"):
            verified(house)
        owner.execute("UPDATE audit_leaf SET hash = sha256('x') WHERE event_id = %s", [event])
        owner.execute("UPDATE audit_tile SET root = sha256('y') WHERE level = 0 AND index = 0")
        until_more(house, ALARMS, 0)
        assert house.count(SIGNED) == house.count("SELECT max(id) FROM audit_checkpoint")
        page = house.steward.get("/queue/").words
        assert "The audit record was refused by its own sequencer" in page
        owner.execute(forge, [body, leaf, event])
        owner.execute("UPDATE audit_leaf SET hash = decode(%s, 'hex') WHERE event_id = %s", [leaf, event])
        owner.execute("UPDATE audit_tile t SET root = k.root FROM kept_tile k WHERE k.id = t.id")
        owner.execute("DROP TABLE kept_tile")
    until_more(house, SEEN, house.count(SEEN))
    assert "was refused" not in house.steward.get("/queue/").words
    assert "The audit record is whole" in verified(house)
    table.add("the owner", "rewrites a line", seen="alarm, then mended", seconds=time.monotonic() - began)
