"""Machines that lie: another pool's key, a word put into the broker, bytes changed before the second run."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from kombu import Connection, Queue

from kfm_review.local import keyring
from pipelines import attestation
from pipelines.proof import sshsig
from tests.faults.conftest import Table
from tests.faults.house import House, Review

pytestmark = pytest.mark.slow

HELD = """
SELECT hold.why FROM releases_hold hold JOIN reviews_review review ON review.asset_id = hold.asset_id
WHERE review.id = %s AND hold.lifted_at IS NULL AND hold.set_by_id IS NULL
"""
HELD_OF_RUN = """
SELECT hold.why FROM releases_hold hold JOIN runs_run run ON run.asset_id = hold.asset_id
WHERE run.id = %s AND hold.lifted_at IS NULL AND hold.set_by_id IS NULL
"""
TOLD = "SELECT 1 FROM audit_event WHERE action = %s AND why LIKE %s"
ORDER = """
SELECT promotion.id, promotion.nonce FROM releases_promotion promotion
JOIN releases_release release ON release.id = promotion.release_id
WHERE release.review_id = %s AND promotion.status = 'verifying'
"""
FAILED = """
SELECT promotion.failure FROM releases_promotion promotion
JOIN releases_release release ON release.id = promotion.release_id
WHERE release.review_id = %s AND promotion.status = 'failed'
"""
FLIPPED = "SELECT 1 FROM runs_current WHERE manifest_id = %s"
DATA = "SELECT sha256 FROM runs_artifact WHERE manifest_id = %s AND role = 'data'"
ASSET = "SELECT name FROM runs_asset WHERE id = (SELECT asset_id FROM reviews_review WHERE id = %s)"
ASSET_OF_RUN = "SELECT name FROM runs_asset WHERE id = (SELECT asset_id FROM runs_run WHERE id = %s)"


def test_a_worker_that_signs_with_another_machine_s_key_is_refused(house: House, table: Table) -> None:
    began = time.monotonic()
    with signing_as(house, "verify"):
        run = house.asked()
        house.until(HELD_OF_RUN, run, why="nobody held the asset")
    [(why,)] = house.running.ask(HELD_OF_RUN, run)
    assert "has not the role pool:" in str(why)
    assert house.running.ask(TOLD, "result.forged", "%has not the role pool:%")
    house.until_quiet()
    lift(house, ASSET_OF_RUN, run)
    table.add(
        "worker (another's key)", "signing", seen="refused, held, told", seconds=time.monotonic() - began
    )


@pytest.mark.parametrize("key", ["", "worker", "stranger"])
def test_a_verification_that_is_put_into_the_broker_is_refused(house: House, table: Table, key: str) -> None:
    began = time.monotonic()
    with without_verify(house):
        review = verifying(house)
        [(promotion, nonce)] = house.running.ask(ORDER, review.id)
        inject(house, review, promotion=int(str(promotion)), nonce=str(nonce), key=key)
        house.until(FAILED, review.id, why="the forged word was not refused")
    assert house.running.ask(HELD, review.id)
    assert not house.running.ask(FLIPPED, review.manifest)
    promote(house, review)
    seen = f"refused, held; signed by {key or 'nobody'}"
    table.add("broker (a word put in)", "second run", seen=seen, seconds=time.monotonic() - began)


def test_bytes_that_were_changed_before_the_second_run_hold_the_asset(house: House, table: Table) -> None:
    began = time.monotonic()
    with without_verify(house):
        review = verifying(house)
        [(name,)] = house.running.ask(DATA, review.manifest)
        file = house.store / "candidates" / "sha256" / str(name)[:2] / str(name)
        sound = file.read_bytes()
        file.chmod(0o644)
        file.write_bytes(sound[:-1] + bytes([sound[-1] ^ 1]))
    house.until(FAILED, review.id, why="the second run said nothing")
    [(why,)] = house.running.ask(HELD, review.id)
    assert "is damaged" in str(why)
    assert not house.running.ask(FLIPPED, review.manifest)
    file.write_bytes(sound)
    promote(house, review)
    table.add("store (a byte changed)", "second run", seen="held, told", seconds=time.monotonic() - began)


@contextmanager
def signing_as(house: House, holder: str) -> Iterator[None]:
    """Let the worker have another machine's key meanwhile."""
    running = house.running
    before = running.extra
    running.extra = {**before, "KFM_KEY_FILE": str(keyring.file(running.place, holder))}
    running.restart("worker")
    running.extra = before
    try:
        yield
    finally:
        running.restart("worker")


@contextmanager
def without_verify(house: House) -> Iterator[None]:
    """Let nobody do second runs meanwhile."""
    house.running.kill("verify")
    try:
        yield
    finally:
        house.running.start("verify")


def verifying(house: House) -> Review:
    """Approve an edition, and wait until its second run was asked for."""
    review = house.reviewed()
    assert house.approve(review).taken
    house.until(ORDER, review.id, why="no second run was asked for")
    return review


def inject(house: House, review: Review, *, promotion: int, nonce: str, key: str) -> None:
    """Say to control that all was reproduced, as somebody could who reaches the broker."""
    payload = attestation.statement(
        attestation.VERIFICATION,
        subjects={"manifest": review.manifest},
        predicate={
            "promotion": promotion,
            "nonce": nonce,
            "reproduced": True,
            "replayed": False,
            "code_differs": [],
            "differences": [],
            "gates": 17,
            "code_digest": "0" * 64,
        },
    )
    envelope = attestation.sealed(payload, key=private(house, key))
    words = {"kind": "verified", "promotion": promotion, "nonce": nonce, "envelope": envelope.decode()}
    with Connection(house.running.told.broker_url) as connection:
        queue = Queue("results", durable=True)
        connection.Producer().publish(
            json.loads(json.dumps(words)), routing_key="results", declare=[queue], serializer="json"
        )


def private(house: House, key: str) -> attestation.Key | None:
    if key == "stranger":
        return attestation.Key.generate()
    return sshsig.load(keyring.file(house.running.place, key).read_bytes()) if key else None


def promote(house: House, review: Review) -> None:
    """Publish at a publisher's word what was stopped, once it was seen."""
    asset = lift(house, ASSET, review.id)
    assert house.publisher.post(
        f"/releases/{asset}/promote/", review=str(review.id), why="It was somebody else's word."
    ).taken
    house.until(FLIPPED, review.manifest, why="it was not published in the end")
    house.until_quiet()


def lift(house: House, query: str, of: object) -> str:
    """Let the asset be published again, once it was seen."""
    [(asset,)] = house.running.ask(query, of)
    assert house.publisher.post(f"/releases/{asset}/lift/", why="Seen.").taken
    house.until_quiet()
    return str(asset)
