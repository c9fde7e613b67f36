"""Play a first history through the real actions: the oldest editions are released, the others wait."""

import time
from collections.abc import Callable, Iterable
from datetime import timedelta

from django.utils import timezone

from kfm_review.accounts.models import RoleGrant, User
from kfm_review.audit.models import Event
from kfm_review.audit.record import record
from kfm_review.people import actions as people
from kfm_review.people.clearance import OPEN
from kfm_review.releases.models import Promotion
from kfm_review.releases.states import ACTIVE
from kfm_review.reviews import actions as reviews
from kfm_review.reviews.models import Review
from kfm_review.runs import actions as runs
from kfm_review.runs.models import Current, Run
from kfm_review.runs.states import MOVES, Status
from pipelines import spec
from pipelines.family import Family

PLAYED = "history.played"
TARGET = "house:first-history"
POLL_S = 0.1
CLEARED_FOR = timedelta(days=90)
REASON = "First edition: nothing to compare with. Looked at on the map; what gates note is the source's."
WHY_FIRST = "The oldest edition we hold, so that later ones have something to be compared with."
WHY_NEXT = "Bring the data up to date."
Edition = tuple[str, str]  # family and edition


def play(*, say: Callable[[str], object]) -> None:
    """Request every edition and release the oldest of each asset; what was played is not played again."""
    if Event.objects.filter(action=PLAYED).exists():
        return
    steward = holder("steward")
    listed = [(family.name, one.edition) for family in spec.families() for one in family.editions]
    first = [one for family in spec.families() for one in _oldest(family)]
    say(f"{', '.join(' '.join(one) for one in first)}: requested")
    for run in requested(first, by=steward, why=WHY_FIRST):
        approve(run, by=decider(run.asset.family))
        say(f"{run.asset_id} {run.edition}: released")
    for run in requested([one for one in listed if one not in first], by=steward, why=WHY_NEXT):
        say(f"{run.asset_id} {run.edition}: {run.status}")
    record(PLAYED, TARGET, actor=None, at=timezone.now(), why="The demo history was played.")


def _oldest(family: Family) -> list[Edition]:
    """Return the oldest edition of each asset; the newest of several partitions waits for people."""
    by_asset: dict[str | None, str] = {}
    for one in family.editions:
        by_asset.setdefault(one.partition, one.edition)
    oldest = [(family.name, edition) for edition in by_asset.values()]
    return oldest[: max(1, len(oldest) - 1)]


def decider(family: str) -> User:
    """Return who decides on a family's editions, cleared by an administrator for what is guarded."""
    declared = spec.family(family)
    label, person = declared.labels.sensitivity, holder(declared.review.roles[0])
    if label not in OPEN and not person.clearances.filter(label=label, ended_at=None).exists():
        now = timezone.now()
        until = now.date() + CLEARED_FOR
        people.grant_clearance(user_id=person.pk, label=label, until=until, actor=holder("admin"), now=now)
    return person


def holder(role: str) -> User:
    """Return the first active person who holds a role."""
    grants = RoleGrant.objects.filter(role=role, ended_at=None, user__is_active=True)
    return grants.select_related("user").order_by("pk")[0].user


def requested(editions: Iterable[Edition], *, by: User, why: str) -> list[Run]:
    """Request editions that were not requested yet, and return their runs when all have ended."""
    runs_of = [_run(one) or _request(one, by=by, why=why) for one in editions]
    while any(MOVES[Status(run.status)] for run in runs_of):
        time.sleep(POLL_S)
        for run in runs_of:
            run.refresh_from_db(fields=["status", "ended_at"])
    return runs_of


def approve(run: Run, *, by: User) -> None:
    """Approve a run's review, unless that was done, and return when it is released."""
    while (review := Review.objects.filter(run=run).first()) is None:
        time.sleep(POLL_S)
    if review.status == "open":
        reviews.decide(
            review_id=review.pk,
            manifest=review.manifest_id,
            actor=by,
            verdict="approve",
            reason=REASON,
            now=timezone.now(),
        )
    while not Current.objects.filter(asset=run.asset).exists():
        time.sleep(POLL_S)
    while Promotion.objects.filter(release__review=review, status__in=ACTIVE).exists():
        time.sleep(POLL_S)


def _run(edition: Edition) -> Run | None:
    family, name = edition
    return Run.objects.filter(asset__family=family, edition=name).first()


def _request(edition: Edition, *, by: User, why: str) -> Run:
    family, name = edition
    return runs.request(
        family=family, edition=name, partition=None, upload_ids=(), actor=by, why=why, now=timezone.now()
    )
