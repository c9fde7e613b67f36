"""Make a run of what is asked, once for the same open request, and begin its first attempt."""

from datetime import datetime
from typing import Any

from django.db import connection

from kfm_review.accounts.models import User
from kfm_review.audit.record import record
from kfm_review.errors import Missing, NotPossible
from kfm_review.runs import attempts, naming
from kfm_review.runs.models import Asset, Current, Run
from kfm_review.runs.states import ACTIVE
from pipelines import digest, sensitivity, spec
from pipelines.errors import FamilyInvalid, FamilyUnknown
from pipelines.family import Family
from pipelines.model import NO_BASE

TRIES = 3


def ask(declared: Family, partition: str | None, asked: dict[str, Any], *, now: datetime) -> Run:
    name = declared.name if partition is None else f"{declared.name}/{partition}"
    Asset.objects.get_or_create(
        name=name, defaults={"family": declared.name, "partition": partition, "title": declared.title}
    )
    asset = lock_asset(name)
    channel = sensitivity.channel(declared.labels.sensitivity)
    current = Current.objects.filter(asset=asset, channel=channel).first()
    key = digest.of_json(
        {"asset": name, "edition": asked["edition"], "family": declared.digest, "uploads": asked["uploads"]}
    )
    open_one = Run.objects.filter(request_key=key, status__in=ACTIVE).first()
    if open_one is not None:
        return open_one
    run = Run.objects.create(
        id=naming.run_id(now),
        alias=naming.alias(_next_number()),
        asset=asset,
        channel=channel,
        requested_at=now,
        request_key=key,
        base=current.manifest_id if current else NO_BASE,
        attempts_left=TRIES - 1,
        **asked,
    )
    note(
        "run.requested", run, actor=run.requested_by, now=now, why=run.why, edition=run.edition, base=run.base
    )
    attempts.begin(run, now=now)
    return run


def repeat(run: Run, *, by: User | None, trigger: str, why: str, now: datetime) -> Run:
    asked = {
        "edition": run.edition,
        "uploads": run.uploads,
        "requested_by": by,
        "author": run.author,
        "why": why,
        "trigger": trigger,
        "answers": run.answers,
    }
    return ask(family(run.asset.family), run.asset.partition, asked, now=now)


def family(name: str) -> Family:
    try:
        return spec.family(name)
    except FamilyUnknown as unknown:
        raise Missing(str(unknown)) from unknown
    except FamilyInvalid as invalid:
        raise NotPossible(
            f"The family {name} cannot be read.", cause=str(invalid), next_step="Tell its owner to mend it."
        ) from invalid


def lock_asset(name: str) -> Asset:
    """Return an asset, locked until the transaction ends."""
    found = Asset.objects.select_for_update(no_key=True).filter(name=name).first()
    if found is None:
        raise Missing(f"There is no asset {name[:80]}.", next_step="Choose one from the list of releases.")
    return found


def note(
    action: str, run: Run, *, now: datetime, actor: User | None = None, why: str = "", **details: str | int
) -> None:
    """Write an event about a run."""
    family = run.asset.family
    record(action, f"run:{run.pk}", actor=actor, at=now, why=why, family=family, alias=run.alias, **details)


def _next_number() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('runs_alias')")
        (number,) = cursor.fetchone()
    return int(number)
