"""Numbered attempts of a run: made, posted to the family's pool, and heard of again."""

from datetime import datetime
from typing import Any
from uuid import UUID

from kfm_review.accounts.models import User
from kfm_review.errors import Invalid, Missing, NotPossible
from kfm_review.outbox.post import post
from kfm_review.runs import naming, rules
from kfm_review.runs.models import Asset, Attempt, Run
from pipelines import digest, spec
from pipelines.errors import FamilyInvalid, FamilyUnknown
from pipelines.model import Job

SYSTEM = ""  # no account has this name
RUN, BURY = "pipelines.run", "pipelines.bury"
UNKNOWN_POOL = "light"


def lock(run_id: object) -> Run:
    """Return the run, with its asset and itself locked, in this order, until the transaction ends."""
    asset = Asset.objects.filter(runs__pk=_uuid(run_id)).select_for_update(no_key=True).first()
    if asset is None:
        raise Missing(f"There is no run {run_id}.", next_step="Look for it among the runs.")
    run = Run.objects.select_for_update(no_key=True, of=("self",)).get(pk=_uuid(run_id))
    run.asset = asset
    return run


def begin(run: Run, *, now: datetime) -> Attempt:
    """Make the next attempt and ask the family's pool to carry it out."""
    return _post(RUN, run, now=now)


def bury(run: Run, *, why: str, now: datetime) -> Attempt:
    """Ask any worker of the pool to write the end of a run that nobody will finish."""
    return _post(BURY, run, now=now, why=why)


def end(run: Run, *, why: str, now: datetime) -> None:
    """Close whatever attempt is still open."""
    run.attempts.filter(ended_at__isnull=True).update(ended_at=now, why=why)


def latest(run: Run) -> Attempt:
    """Return the attempt that counts."""
    return run.attempts.order_by("-number")[0]


def named(message: dict[str, Any], run: Run) -> Attempt:
    """Return the attempt that a message speaks of, proved by its secret."""
    found = run.attempts.filter(number=_number(message)).first()
    if found is None:
        raise Missing(f"Run {run.alias} has no attempt {message.get('attempt')!r}.")
    if not rules.same_secret(str(message.get("secret", "")), hashed=found.secret_hash):
        raise NotPossible(
            f"A message about {run.alias} does not know the secret of its attempt {found.number}."
        )
    return found


def _post(task: str, run: Run, *, now: datetime, **more: str) -> Attempt:
    secret = naming.secret()
    number = 1 + (latest(run).number if run.attempts.exists() else 0)
    made = Attempt.objects.create(
        run=run,
        number=number,
        secret_hash=digest.of(secret.encode()),
        sent_at=now,
        burial=task == BURY,
    )
    job = _job(run, number=number, secret=secret)
    post(f"pool.{job.pool}", {"task": task, "job": job.to_json(), **more}, at=now)
    return made


def _job(run: Run, *, number: int, secret: str) -> Job:
    return Job(
        run=str(run.pk),
        attempt=number,
        secret=secret,
        asset=run.asset.name,
        family=run.asset.family,
        partition=run.asset.partition,
        edition=run.edition,
        base=run.base,
        channel=run.channel,
        pool=pool(run.asset.family),
        uploads=run.uploads,
        requested_by=_name(run.requested_by),
        author=_name(run.author),
        requested_at=run.requested_at.isoformat(),
        why=run.why,
    )


def pool(family: str) -> str:
    """Return the family's pool; a family that can no longer be read still gets an end for its runs."""
    try:
        return spec.family(family).pool
    except (FamilyUnknown, FamilyInvalid):
        return UNKNOWN_POOL


def _name(person: User | None) -> str:
    return person.username if person else SYSTEM


def _uuid(value: object) -> UUID:
    try:
        return value if isinstance(value, UUID) else UUID(str(value))
    except ValueError as wrong:
        raise Invalid(f"{str(value)[:80]!r} is not the id of a run.") from wrong


def _number(message: dict[str, Any]) -> int:
    number = message.get("attempt")
    if not isinstance(number, int) or not 0 < number < 2**15:
        raise Invalid(f"{number!r} is not the number of an attempt.")
    return number
