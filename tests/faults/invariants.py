"""What must hold in a house at rest, whatever was killed before: nothing lost, doubled or half made."""

import hashlib
import json
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from tests.faults.house import House

# Each query returns what breaks a sentence, one row for each offender.
SENTENCES = {
    "every run that ended, unless cancelled, has a manifest": """
        SELECT alias FROM runs_run WHERE status <> 'cancelled' AND manifest_id IS NULL""",
    "every run has one event of its request": """
        SELECT alias FROM runs_run run WHERE 1 <> (SELECT count(*) FROM audit_event
            WHERE target = 'run:' || run.id AND action = 'run.requested')""",
    "every run has one event of its end, which says the same": """
        SELECT alias, array_agg(action) FROM runs_run run LEFT JOIN audit_event ON target = 'run:' || run.id
            AND action IN ('run.recorded', 'run.failed', 'run.lost', 'run.cancelled')
        GROUP BY run.id, alias HAVING array_agg(action::text) <> ARRAY['run.' || status]""",
    "every run that ended has one review, unless it brought nothing new": """
        SELECT alias FROM runs_run run WHERE status <> 'cancelled' AND NOT unchanged
            AND 1 <> (SELECT count(*) FROM reviews_review WHERE run_id = run.id)""",
    "every review has one event of its opening": """
        SELECT id FROM reviews_review review WHERE 1 <> (SELECT count(*) FROM audit_event
            WHERE target = 'review:' || review.id AND action = 'review.opened')""",
    "attempts are numbered without gaps and all have ended": """
        SELECT run_id FROM runs_attempt GROUP BY run_id
            HAVING max(number) <> count(*) OR count(ended_at) <> count(*)""",
    "every run that ended has one document of provenance": """
        SELECT alias FROM runs_run run WHERE status IN ('recorded', 'failed') AND 1 <> (
            SELECT count(*) FROM runs_document WHERE run_id = run.id AND kind = 'prov'
                AND sha256 = run.prov_digest)""",
    "every manifest has as many artifacts and gates as its document names": """
        SELECT digest FROM runs_manifest manifest
        WHERE jsonb_array_length(body->'artifacts')
                <> (SELECT count(*) FROM runs_artifact WHERE manifest_id = digest)
            OR jsonb_array_length(body->'gates')
                <> (SELECT count(*) FROM runs_gateresult WHERE manifest_id = digest)
            OR 1 <> (SELECT count(*) FROM runs_diff WHERE manifest_id = digest)""",
    "nobody decided the same on a review twice": """
        SELECT review_id, by_id FROM reviews_decision GROUP BY review_id, by_id, verdict
            HAVING count(*) > 1""",
    "every decision has one event": """
        SELECT id FROM reviews_decision decision WHERE 1 <> (SELECT count(*) FROM audit_event
            WHERE target = 'review:' || review_id AND action = 'review.decided'
                AND actor_id = by_id AND details->>'n' = decision.n::text)""",
    "there are as many events of decisions as decisions": """
        SELECT count(*) FROM audit_event WHERE action = 'review.decided'
            HAVING count(*) <> (SELECT count(*) FROM reviews_decision)""",
    "every approved review has one release": """
        SELECT id FROM reviews_review review WHERE status = 'approved'
            AND 1 <> (SELECT count(*) FROM releases_release WHERE review_id = review.id)""",
    "releases are numbered without gaps": """
        SELECT asset_id FROM releases_release GROUP BY asset_id HAVING max(number) <> count(*)""",
    "every release was published once": """
        SELECT number FROM releases_release release WHERE 1 <> (SELECT count(*) FROM releases_promotion
            WHERE release_id = release.id AND status = 'done' AND kind = 'promote')""",
    "every promotion has one event of each of its steps": """
        SELECT promotion.id, action FROM releases_promotion promotion
        CROSS JOIN (VALUES ('promotion.started'), ('promotion.done'), ('promotion.failed')) step (action)
        WHERE ((action = 'promotion.started' AND promotion.started_at IS NOT NULL)
            OR action = 'promotion.' || status)::int <> (
            SELECT count(*) FROM audit_event event
            WHERE target = 'promotion:' || promotion.id AND event.action = step.action)""",
    "every promotion that is done was published once by an event": """
        SELECT id FROM releases_promotion promotion WHERE (status = 'done')::int <> (
            SELECT count(*) FROM audit_event WHERE action IN ('release.published', 'release.rolled-back')
                AND details->>'promotion' = promotion.id::text)""",
    "what is current is what was promoted last": """
        SELECT current.release_number FROM runs_current current WHERE manifest_id IS DISTINCT FROM (
            SELECT release.manifest_id FROM releases_promotion promotion
            JOIN releases_release release ON release.id = release_id
            WHERE promotion.asset_id = current.asset_id AND status = 'done'
            ORDER BY promotion.ended_at DESC LIMIT 1)""",
    "no message was set aside": """
        SELECT action, target, why FROM audit_event WHERE action LIKE '%%.set-aside'""",
    "every event is proved by its hash": """
        SELECT id FROM audit_event
            WHERE leaf_hash <> encode(sha256('\\x00'::bytea || body), 'hex')""",
}
NAMED = """
SELECT digest, 0 FROM runs_manifest UNION SELECT sha256, size FROM runs_artifact
UNION SELECT sha256, size FROM runs_document
"""
PUBLISHED = """
SELECT DISTINCT asset.family, replace(asset.name, '/', '.') || '-' || left(content_digest, 12)
FROM releases_promotion promotion
JOIN releases_release release ON release.id = release_id
JOIN runs_manifest manifest ON manifest.digest = manifest_id
JOIN runs_asset asset ON asset.id = release.asset_id WHERE promotion.status = 'done'
"""
CURRENT = """
SELECT asset.family, replace(asset.name, '/', '.') || '-' || left(content_digest, 12), release_number
FROM runs_current JOIN runs_asset asset ON asset.id = asset_id
"""


Ask = Callable[[str], list[tuple[object, ...]]]


def broken(house: House) -> list[str]:
    """Return a sentence for everything that does not hold."""
    ask, store = house.running.ask, house.store
    return list(chain(rows(ask), files(store), named(ask, store), pointer(ask, store)))


def leftovers(store: Path) -> list[Path]:
    """Return the files that were not finished when their writer was killed; nobody reads them."""
    return [*store.glob("*/landing/*"), *store.glob("public/objects/landing/*"), *store.rglob(".landing-*")]


def rows(ask: Ask) -> Iterator[str]:
    """Find rows that contradict one another."""
    for sentence, query in SENTENCES.items():
        for row in ask(query):
            yield f"It does not hold that {sentence}: {', '.join(map(str, row))}"


def files(store: Path) -> Iterator[str]:
    """Find files that are not what their names say, or that nothing should have left."""
    for file in chain(store.glob("*/sha256/*/*"), store.glob("public/objects/sha256/*/*")):
        if hashlib.sha256(file.read_bytes()).hexdigest() != file.name:
            yield f"{file.relative_to(store)} is not what its name says"
    for file in (store / "results").glob("*"):
        if file not in leftovers(store):
            yield f"{file.relative_to(store)} was never taken"


def named(ask: Ask, store: Path) -> Iterator[str]:
    """Find what rows name and the store does not hold."""
    for name, size in ask(NAMED):
        file = store / "candidates" / "sha256" / str(name)[:2] / str(name)
        if not file.is_file() or size not in (0, file.stat().st_size):
            yield f"sha256:{str(name)[:8]} is named, and is not in the store as it was recorded"


def pointer(ask: Ask, store: Path) -> Iterator[str]:
    """Find what the published catalog says otherwise than the rows."""
    public = store / "public"
    published = {(str(family), str(item)) for family, item in ask(PUBLISHED)}
    current = {str(item): (str(family), number) for family, item, number in ask(CURRENT)}
    listed = {(family, item) for family, _ in published for item in _items(public, family)}
    if listed != published:
        yield f"the collections list {sorted(listed ^ published)} otherwise than the releases"
    for item, (family, number) in current.items():
        if _read(public / family / item / "item.json")["properties"]["kfm:release"] != number:
            yield f"the published {item} is not release {number}"
    for family, item in listed:
        links = _read(public / family / item / "item.json")["links"]
        latest = [link["href"] for link in links if link["rel"] == "latest-version"]
        asset = item.rpartition("-")[0]
        right = [f"../{one}/item.json" for one in current if one.rpartition("-")[0] == asset]
        if latest != right:
            yield f"{item} takes {latest} for the latest, and it is {right}"
    datasets = {one["dct:identifier"] for one in _read(public / "dcat" / "catalog.jsonld")["dcat:dataset"]}
    if datasets != set(current):
        yield f"DCAT takes {sorted(datasets ^ set(current))} for the latest otherwise than the releases"


def _items(public: Path, family: str) -> list[str]:
    """Return the items that a family's collection lists."""
    links = _read(public / family / "collection.json")["links"]
    return [Path(link["href"]).parent.name for link in links if link["rel"] == "item"]


def _read(file: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(file.read_bytes())
    return read
