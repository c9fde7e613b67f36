"""Rows as real runs leave them, made without a worker: people, runs, manifests, reviews, releases."""

import hashlib
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from kfm_review.accounts.models import RoleGrant, User
from kfm_review.audit.record import record
from kfm_review.releases.models import Promotion, Release, Verification
from kfm_review.reviews.models import Decision, Review
from kfm_review.runs import naming
from kfm_review.runs.models import (
    Artifact,
    Asset,
    Attempt,
    Current,
    Diff,
    Document,
    GateResult,
    Manifest,
    Run,
)

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
PASSWORD = "a long enough password"  # noqa: S105  # of people who do not exist
GATES = (
    ("schema", "before", "PASS", "11 columns", "11"),
    ("rows", "after", "PASS", "334", "300 to 360"),
    ("keys", "after", "REVIEW", "1 code reused", "0"),
    ("labels", "policy", "PASS", "public", "public"),
)
numbers = count(1)


def digest(words: object) -> str:
    """Return a digest that belongs to these words."""
    return hashlib.sha256(str(words).encode()).hexdigest()


def person(name: str, *roles: str, family: str = "") -> User:
    """Return somebody who holds roles."""
    somebody = User(username=name, full_name=name.title(), created_at=NOON)
    somebody.set_password(PASSWORD)
    somebody.save()
    for role in roles:
        RoleGrant.objects.create(user=somebody, role=role, family=family, granted_at=NOON)
    return somebody


def recorded(*people: User, at: datetime = NOON) -> None:
    """Write down who gave people the roles they hold, as an administrator's grants are."""
    by = User.objects.filter(username="root").first() or person("root", "admin")
    for grant in RoleGrant.objects.filter(user__in=people).order_by("pk"):
        about = f"person:{grant.user.username}"
        record("role.granted", about, actor=by, at=at, family=grant.family, role=grant.role)


def asset(name: str = "ks_airports") -> Asset:
    """Return the asset of that name."""
    found, _ = Asset.objects.get_or_create(
        name=name, defaults={"family": name, "title": "Airports of Kansas"}
    )
    return found


def manifest(  # noqa: PLR0913  # a world is described at once
    of: Asset,
    *,
    edition: str,
    outcome: str,
    base: str,
    label: str,
    at: datetime,
    authorities: tuple[str, ...] = (),
) -> Manifest:
    """Return the rows of one manifest, with gates of the outcome asked for."""
    number = next(numbers)
    made = Manifest.objects.create(
        digest=digest(f"manifest {number}"),
        asset=of,
        family=of.family,
        edition=edition,
        outcome=outcome,
        body=body(number, label=label, authorities=authorities),
        score=0.98,
        base=base,
        input_hash=digest(f"input {number}"),
        content_digest=digest(f"content {number}"),
        label=label,
        recorded_at=at,
    )
    for position, (gate, phase, said, measured, limit) in enumerate(GATES):
        worst = said if gate != "keys" else outcome
        GateResult.objects.create(
            manifest=made,
            position=position,
            gate=gate,
            phase=phase,
            outcome=worst,
            measured=measured,
            limit=limit,
            value=float(position),
            bound=5.0,
            remedy="Give it a key of its own." if worst != "PASS" else "",
        )
    state = "first" if base == "none" else "compared"
    Diff.objects.create(
        manifest=made,
        state=state,
        added=19,
        removed=13,
        changed=299,
        moved=12,
        decimals_only=289,
        before_rows=328,
        after_rows=334,
    )
    for role, media_type in (("data", "application/vnd.apache.parquet"), ("thumbnail", "image/svg+xml")):
        Artifact.objects.create(
            manifest=made, role=role, media_type=media_type, sha256=digest(f"{role} {number}"), size=4100
        )
    return made


def body(number: int, *, label: str = "public", authorities: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return the parts of a manifest's document that pages read."""
    said = [{"authority": name, "kind": "NOTICE", "id": "n1", "obligations": []} for name in authorities]
    return {
        "labels": {"sensitivity": label, "sovereignty": said, "rights": "CC0-1.0"} if label else None,
        "inputs": [
            {"name": "airports", "sha256": digest(f"csv {number}"), "size": 1, "media_type": "text/csv"}
        ],
        "artifacts": [
            {"role": role, "sha256": digest(f"{role} {number}"), "size": 4100, "label": label}
            for role in ("data", "thumbnail")
        ],
        "review": {"approvals": 1, "roles": ["reviewer"], "promote": "at_once"},
    }


def run(
    of: Asset, by: User | None, *, edition: str, at: datetime, status: str = "recorded", **more: Any
) -> Run:
    """Return one run with its attempt."""
    number = next(numbers)
    made = Run.objects.create(
        id=naming.run_id(at + timedelta(milliseconds=number)),
        alias=naming.alias(number),
        asset=of,
        edition=edition,
        status=status,
        requested_by=by,
        author=by,
        requested_at=at,
        request_key=digest(number),
        why="Because.",
        attempts_left=2,
        started_at=at,
        ended_at=None if status in ("requested", "running") else at,
        **more,
    )
    Attempt.objects.create(
        run=made,
        number=1,
        secret_hash=digest("secret"),
        worker="host:1",
        sent_at=at,
        started_at=at,
        step="Cutting tiles",
        step_n=4,
        step_of=8,
    )
    return made


def review(  # noqa: PLR0913  # a world is described at once
    by: User | None,
    *,
    edition: str = "2026-09",
    outcome: str = "REVIEW",
    base: str = "none",
    label: str = "public",
    name: str = "ks_airports",
    at: datetime = NOON,
    needed: int = 1,
    author: User | None = None,
    authorities: tuple[str, ...] = (),
) -> Review:
    """Return an open review of a run that `by` asked for, and delivered unless another did."""
    of = asset(name)
    content = manifest(
        of, edition=edition, outcome=outcome, base=base, label=label, at=at, authorities=authorities
    )
    ran = run(
        of, by, edition=edition, at=at, manifest=content, outcome=outcome, base=base, prov_digest=digest("p")
    )
    Document.objects.create(
        manifest=content, run=ran, attempt=1, kind="prov", sha256=digest(ran.pk), size=900
    )
    reasons = [
        {
            "gate": gate.gate,
            "outcome": gate.outcome,
            "measured": gate.measured,
            "limit": gate.limit,
            "rule": "",
        }
        for gate in content.gates.all()
        if gate.outcome != "PASS"
    ]
    return Review.objects.create(
        run=ran,
        asset=of,
        family=of.family,
        edition=edition,
        manifest=content,
        outcome=outcome,
        reasons=reasons,
        needed=needed,
        roles=["reviewer"],
        requested_by=by,
        author=author or by,
        opened_at=at,
    )


def approve(of: Review, *, at: datetime = NOON) -> None:
    """Approve a review by as many people as it needs."""
    for number in range(of.needed):
        name = f"approver-{number}"
        by = User.objects.filter(username=name).first() or person(name, "reviewer")
        decision = {"n": 1, "verdict": "approve", "role": of.roles[0], "reason": "Looked at.", "at": at}
        Decision.objects.create(review=of, manifest=of.manifest, by=by, **decision)
    Review.objects.filter(pk=of.pk).update(status="approved", settled_at=at)


def release(of: Review, *, number: int, at: datetime = NOON) -> Release:
    """Return what an approved review became: released, promoted, current."""
    approve(of, at=at)
    made = Release.objects.create(
        asset=of.asset, channel="public", number=number, manifest=of.manifest, review=of, at=at
    )
    promotion = Promotion.objects.create(release=made, asset=of.asset, channel="public", at=at)
    verification(promotion, at=at)
    Promotion.objects.filter(pk=promotion.pk).update(status="running", started_at=at)
    Current.objects.update_or_create(
        asset=of.asset,
        channel="public",
        defaults={"manifest": of.manifest, "outcomes": {}, "release_number": number, "set_at": at},
    )
    checks = [{"id": "artifacts", "title": "artifacts re-hashed", "proved": True, "evidence": "6 of 6"}]
    Promotion.objects.filter(pk=promotion.pk).update(status="done", ended_at=at, checks=checks)
    return made


def verification(of: Promotion, *, at: datetime = NOON, reproduced: bool = True) -> Verification:
    """Return what a second run said for a promotion."""
    return Verification.objects.create(
        promotion=of,
        manifest=of.release.manifest,
        reproduced=reproduced,
        replayed=False,
        gates=len(GATES),
        envelope=b"{}",
        digest=digest(f"verification {of.pk}"),
        at=at,
    )
