"""What judges the house after each fault can itself fail: every kind of damage, planted, is found."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from tests.faults import invariants
from tests.faults.house import FAMILY, House

pytestmark = pytest.mark.slow

COPY_EVENT = """
INSERT INTO audit_event (at, actor_id, action, target, family, why, details, body, leaf_hash)
SELECT at, actor_id, action, target, family, why, details, body, leaf_hash FROM audit_event
WHERE action = '{}' LIMIT 1
"""
PLANTED = {
    "every run that ended, unless cancelled, has a manifest": """
        UPDATE runs_run SET manifest_id = NULL, status = 'lost'""",
    "every run has one event of its request": COPY_EVENT.format("run.requested"),
    "every run has one event of its end, which says the same": COPY_EVENT.format("run.recorded"),
    "every run that ended has one review, unless it brought nothing new": "DELETE FROM reviews_review",
    "every review has one event of its opening": COPY_EVENT.format("review.opened"),
    "attempts are numbered without gaps and all have ended": """
        UPDATE runs_attempt SET number = number + 100""",
    "every run that ended has one document of provenance": "DELETE FROM runs_document",
    "every manifest has as many artifacts and gates as its document names": """
        INSERT INTO runs_artifact (manifest_id, role, media_type, sha256, size)
        SELECT manifest_id, role, media_type, sha256, size FROM runs_artifact LIMIT 1""",
    "nobody decided the same on a review twice": """
        INSERT INTO reviews_decision (review_id, manifest_id, by_id, n, verdict, role, reason, at)
        SELECT review_id, manifest_id, by_id, n + 1, verdict, role, reason, at
        FROM reviews_decision LIMIT 1""",
    "every decision has one event": COPY_EVENT.format("review.decided"),
    "there are as many events of decisions as decisions": "DELETE FROM reviews_decision",
    "every approved review has one release": "DELETE FROM releases_release",
    "releases are numbered without gaps": "UPDATE releases_release SET number = number + 1000",
    "every release was published once": "UPDATE releases_promotion SET status = 'failed'",
    "every promotion has one event of each of its steps": COPY_EVENT.format("promotion.done"),
    "every promotion that is done was published once by an event": COPY_EVENT.format("release.published"),
    "what is current is what was promoted last": """
        UPDATE releases_promotion SET status = 'failed'
        WHERE id = (SELECT max(id) FROM releases_promotion)""",
    "no message was set aside": "UPDATE audit_event SET action = 'result.set-aside'",
    "every event is proved by its hash": "UPDATE audit_event SET body = body || 'x'",
}


def test_every_sentence_is_tried() -> None:
    assert set(PLANTED) == set(invariants.SENTENCES)


@pytest.mark.parametrize("sentence", PLANTED)
def test_a_row_that_contradicts_others_is_found(house: House, sentence: str) -> None:
    with psycopg.connect(house.running.told.owner_url) as planter:
        planter.execute("SET session_replication_role = replica")  # past the triggers that forbid it
        planter.execute(PLANTED[sentence].encode())
        found = list(invariants.rows(lambda query: planter.execute(query.encode(), ()).fetchall()))
        planter.rollback()
    assert any(sentence in said for said in found)


@pytest.mark.parametrize("place", ["candidates", "inbox", "public/objects"])
def test_a_file_that_is_not_what_its_name_says_is_found(house: House, place: str) -> None:
    file = next((house.store / place).glob("sha256/*/*"))
    with replaced(file, by=file.read_bytes()[:-1]):
        assert f"{file.relative_to(house.store)} is not what its name says" in invariants.broken(house)


def test_a_file_that_is_named_and_gone_is_found(house: House) -> None:
    [(name,)] = house.running.ask("SELECT max(sha256) FROM runs_artifact")
    file = house.store / "candidates" / "sha256" / str(name)[:2] / str(name)
    with replaced(file, by=None):
        assert any(f"sha256:{str(name)[:8]} is named" in said for said in invariants.broken(house))


def test_a_catalog_that_lags_behind_is_found(house: House) -> None:
    public = house.store / "public"
    for file in (public / FAMILY / "collection.json", public / "dcat" / "catalog.jsonld"):
        before = file.read_bytes()
        house.approve(house.reviewed(FAMILY))
        house.until_quiet()
        with replaced(file, by=before):
            assert len(invariants.broken(house)) == 1


@contextmanager
def replaced(file: Path, *, by: bytes | None) -> Iterator[None]:
    """Let a file hold something else, or be gone, for a while."""
    kept = file.with_name(f".kept-{file.name}")
    shutil.copy2(file, kept)
    file.unlink()
    if by is not None:
        file.write_bytes(by)
    try:
        yield
    finally:
        kept.replace(file)
