"""What tests ask of a promotion that is vouched for, and how they write past every action."""

import json
from datetime import datetime
from typing import Any

from django.db import connection

from kfm_review.audit.queries import Head
from kfm_review.releases import evidence, vouching
from kfm_review.releases.models import Promotion
from kfm_review.releases.rules import Proof
from pipelines.proof import merkle
from tests.kfm_review.journey import Journey

# What the details of an event could be that somebody wrote past every action.
POISONS: tuple[Any, ...] = (None, [], "x", 7, {"n": []}, {"review": None, "statement": {}})
SOUND = {"fresh": True, "witnessed": True, "consistent": True, "problems": ()}


def head(size: int, **other: Any) -> Head:
    return Head(**{"size": size, "root": "0" * 64, "at": None, "note": "", **SOUND, **other})


def found(promotion: Promotion, journey: Journey) -> dict[str, Proof]:
    counted = evidence.approvals(promotion)
    return vouching.proofs(promotion, counted=counted, now=journey.now())


def wrong(promotion: Promotion, journey: Journey) -> dict[str, str]:
    return {name: one.evidence for name, one in found(promotion, journey).items() if not one.holds}


def rewrite(table: str, setting: str, *values: str | bytes | int) -> None:
    """Change kept rows as only the owner of the tables could."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(f"UPDATE {table} SET {setting}", values)  # noqa: S608  # words of this file


def poison(action: str, target: str, details: Any, *, at: str) -> None:
    """Insert an event as only SQL can: its columns are those of its body, and its body says anything."""
    said = {"schema": "kfm/event/1", "at": at, "actor": None, "action": action, "target": target}
    body = json.dumps({**said, "family": "", "why": "", "details": details}).encode()
    row = (
        datetime.fromisoformat(at).isoformat(),
        action,
        target,
        json.dumps(details),
        body,
        merkle.leaf_hash(body).hex(),
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_event (at, action, target, family, why, details, body, leaf_hash) "
            "VALUES (%s, %s, %s, '', '', %s, %s, %s)",
            row,
        )
