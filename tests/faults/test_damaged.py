"""A byte that changed in the store stops promotion, with words that name the artifact."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.conftest import Table
from tests.faults.house import FAMILY, House, Review

pytestmark = pytest.mark.slow

NAMES = """
SELECT role, sha256 FROM runs_artifact WHERE manifest_id = %s
UNION SELECT kind, sha256 FROM runs_document WHERE manifest_id = %s
UNION SELECT 'manifest', digest FROM runs_manifest WHERE digest = %s
"""
HELD = """SELECT hold.id FROM releases_hold AS hold JOIN runs_asset AS asset ON asset.id = hold.asset_id
WHERE hold.lifted_at IS NULL AND asset.name = %s"""
FAILED = """
SELECT failure FROM releases_promotion JOIN releases_release release ON release.id = release_id
WHERE review_id = %s AND status = 'failed'
"""


@pytest.mark.parametrize("what", ["data", "tiles", "diff", "preview", "manifest", "stac", "dcat", "prov"])
def test_a_flipped_byte_stops_promotion_and_is_named(house: House, table: Table, what: str) -> None:
    review = house.reviewed(FAMILY)
    name = names(house, review)[what]
    with flipped(house.store / "candidates" / "sha256" / name[:2] / name):
        assert house.approve(review).taken
        began = time.monotonic()
        house.until(FAILED, review.id, why="the promotion did not fail")
        [(failure,)] = house.running.ask(FAILED, review.id)
        said = f"Artifact sha256:{name[:8]} is damaged"
        assert said in str(failure)
        assert said in house.publisher.get(f"/releases/{FAMILY}/").words
        assert not list((house.store / "public" / "objects").rglob(name))
    held = house.running.ask(HELD, FAMILY)
    if held:  # what two machines read differently is held until a person has looked
        assert house.publisher.post(f"/releases/{FAMILY}/lift/", why="The byte is put right.").taken
    again = house.publisher.post(
        f"/releases/{FAMILY}/promote/", review=str(review.id), why="The byte is put right."
    )
    assert again.taken
    house.until_quiet()
    table.add(
        f"a byte of {what}",
        "before promotion",
        seen=f"stopped: {said}; published once it was put right",
        seconds=time.monotonic() - began,
    )


def names(house: House, review: Review) -> dict[str, str]:
    """Return the digests of all that belongs to a review, by what it is."""
    found = house.running.ask(NAMES, *[review.manifest] * 3)
    return {str(what): str(name) for what, name in found}


@contextmanager
def flipped(file: Path) -> Iterator[None]:
    """Change one bit in the middle of a file for a while."""
    before = file.read_bytes()
    changed = bytearray(before)
    changed[len(changed) // 2] ^= 1
    file.chmod(0o644)
    file.write_bytes(changed)
    try:
        yield
    finally:
        file.write_bytes(before)
        file.chmod(0o444)
