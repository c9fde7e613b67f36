"""What happens to runs: asked for, carried out in attempts, cancelled, kept with what they made."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from kfm_review.accounts.models import User
from kfm_review.audit.reasons import check_why
from kfm_review.errors import NotPossible
from kfm_review.outbox.post import post
from kfm_review.people import rules as people
from kfm_review.people.rules import Deed
from kfm_review.runs import asking, attempts, ledger, reading, rules
from kfm_review.runs.asking import TRIES, ask, note, repeat
from kfm_review.runs.deliveries import delivered
from kfm_review.runs.models import Asset, Attempt, Current, Manifest, Run
from kfm_review.runs.reading import NotKept
from kfm_review.runs.states import ACTIVE, Status, check_move
from pipelines.model import Outcome

BURIALS = 3
SILENT = "It was not heard of any more."


def request(  # noqa: PLR0913  # everything that makes one request another
    *,
    family: str,
    edition: str,
    partition: str | None,
    upload_ids: Mapping[str, int] | tuple[()],
    actor: User,
    why: str,
    now: datetime,
    answers: int | None = None,
) -> Run:
    """Ask for a run of an edition that is here or is delivered; the same open request is made once."""
    declared = asking.family(family)
    people.check_may(Deed.REQUEST, actor.roles(), declared.name)
    files = delivered(dict(upload_ids), by=actor)
    here = declared.edition(edition) if not files else None
    partition = partition or (here.partition if here else None)
    rules.check_partition(partition, partitions=declared.partitions, of=here)
    rules.check_uploads(
        {name: upload.size for name, upload in files.items()},
        inputs={source.name: source.max_bytes for source in declared.delivered},
    )
    rules.check_edition(edition, known=[one.edition for one in declared.editions], delivered=bool(files))
    asked = {
        "edition": edition,
        "uploads": {name: upload.sha256 for name, upload in sorted(files.items())},
        "requested_by": actor,
        "author": actor,
        "why": check_why(why),
        "trigger": "person",
        "answers": answers,
    }
    with transaction.atomic():
        return ask(declared, partition, asked, now=now)


def retry(*, run_id: object, actor: User, why: str, now: datetime) -> Run:
    """Ask once more for what a run that ended was asked for."""
    with transaction.atomic():
        run = attempts.lock(run_id)
        people.check_may(Deed.REQUEST, actor.roles(), run.asset.family)
        if run.status in ACTIVE or run.status == Status.CANCELLED:
            raise NotPossible(
                f"{run.alias} is {run.status} and cannot be retried.",
                next_step="Wait for its end, or ask for a new run.",
            )
        return repeat(run, by=actor, trigger="retry", why=check_why(why), now=now)


def compare_again(run: Run, *, why: str, now: datetime) -> Run:
    """Ask, for the system, for the same content against what is current now."""
    return repeat(run, by=None, trigger="stale", why=why, now=now)


def cancel(*, run_id: object, actor: User, why: str, now: datetime) -> Run:
    """End a run that waits or is carried out; whatever it still reports is refused."""
    with transaction.atomic():
        run = attempts.lock(run_id)
        people.check_may(Deed.REQUEST, actor.roles(), run.asset.family)
        said = check_why(why)
        last = attempts.latest(run)
        _move(run, Status.CANCELLED, ended_at=now)
        attempts.end(run, why="It was cancelled.", now=now)
        note("run.cancelled", run, actor=actor, now=now, why=said)
        post("cancel", {"run": str(run.pk), "attempt": last.number}, at=now)
    return run


def started(message: dict[str, Any], *, now: datetime) -> None:
    """Note that a worker has begun an attempt."""
    with transaction.atomic():
        run, attempt = _heard(message)
        if attempt.started_at is None:
            attempt.started_at = now
            attempt.worker = str(message.get("worker", ""))[:200]
        attempt.heartbeat_at = now
        attempt.save(update_fields=["started_at", "worker", "heartbeat_at"])
        if run.status == Status.REQUESTED:
            _move(run, Status.RUNNING, started_at=run.started_at or now)
            note("run.started", run, now=now, attempt=attempt.number, worker=attempt.worker)


def progress(message: dict[str, Any], *, now: datetime) -> None:
    """Note how far an attempt is."""
    with transaction.atomic():
        _, attempt = _heard(message)
        attempt.step = str(message.get("step", ""))[:200]
        attempt.step_n, attempt.step_of = rules.step_of(message)
        attempt.heartbeat_at = now
        attempt.save(update_fields=["step", "step_n", "step_of", "heartbeat_at"])


def heartbeat(message: dict[str, Any], *, now: datetime) -> None:
    """Note that an attempt is alive."""
    with transaction.atomic():
        _, attempt = _heard(message)
        attempt.heartbeat_at = now
        attempt.save(update_fields=["heartbeat_at"])


def attempt(run_id: object, *, now: datetime, why: str = SILENT, number: int | None = None) -> Attempt | None:
    """Begin a run anew whose attempt was lost; once that was done often enough, have its end written.

    With a `number` nothing is done unless that attempt is still the one at work.
    """
    with transaction.atomic():
        run = attempts.lock(run_id)
        if run.status not in ACTIVE or number not in (None, attempts.latest(run).number):
            return None
        attempts.end(run, why=why, now=now)
        if not run.attempts_left:
            return _bury(run, why=why, now=now)
        if run.status == Status.RUNNING:
            _move(run, Status.REQUESTED)
        run.attempts_left -= 1
        run.save(update_fields=["attempts_left"])
        made = attempts.begin(run, now=now)
        note("run.begun-again", run, now=now, why=why, attempt=made.number)
        return made


def keep(message: dict[str, Any], *, now: datetime) -> Run:
    """Write down, within the caller's transaction, what an attempt made, once it is found whole and closed.

    Raises:
        NotKept: the store does not hold what was reported, or it is not what was asked for.
        NotPossible: the attempt is over, or the run is.
    """
    run, heard = _heard(message)
    result = reading.read(message, run=run, store=reading.candidates())
    broke = message["kind"] == "failed"
    if broke and result.manifest.outcome is not Outcome.ERROR:
        raise NotKept("A run that broke must have an ERROR manifest.")
    made = ledger.write(result.manifest, asset=run.asset, now=now)
    ledger.write_documents(result, run=run, attempt=heard.number)
    attempts.end(run, why=str(message.get("why", "")), now=now)
    if run.status == Status.REQUESTED:  # its "started" was lost
        _move(run, Status.RUNNING, started_at=now)
    status = (Status.LOST if heard.burial else Status.FAILED) if broke else Status.RECORDED
    _move(
        run,
        status,
        manifest=made,
        prov_digest=str(message["prov"]),
        input_hash=made.input_hash,
        spec_hash=result.manifest.spec_hash,
        outcome=made.outcome,
        ended_at=now,
        failure=result.manifest.failure.message if result.manifest.failure else "",
    )
    note(f"run.{status}", run, now=now, attempt=heard.number, manifest=made.digest, outcome=made.outcome)
    return run


def call_unchanged(run: Run, *, why: str, now: datetime) -> None:
    """Write down that a run brought nothing beyond what stands."""
    run.unchanged, run.unchanged_why = True, why
    run.save(update_fields=["unchanged", "unchanged_why"])
    note("run.unchanged", run, now=now, why=why)


def point(asset: Asset, *, channel: str, manifest: Manifest, release_number: int, now: datetime) -> Current:
    """Make a manifest the current one of an asset, within the transaction of the flip."""
    outcomes = dict(manifest.gates.values_list("gate", "outcome"))
    now_current, _ = Current.objects.update_or_create(
        asset=asset,
        channel=channel,
        defaults={
            "manifest": manifest,
            "input_hash": manifest.input_hash,
            "content_digest": manifest.content_digest,
            "outcomes": outcomes,
            "release_number": release_number,
            "set_at": now,
        },
    )
    return now_current


def _bury(run: Run, *, why: str, now: datetime) -> Attempt | None:
    """Have the end of a run written; when even that fails again and again, the row alone says it."""
    if run.status == Status.REQUESTED:
        _move(run, Status.RUNNING)
    if run.attempts.filter(burial=True).count() >= BURIALS:
        _move(run, Status.LOST, ended_at=now, failure=f"{why} Not even its end could be written.")
        note("run.lost", run, now=now, why=run.failure)
        return None
    made = attempts.bury(run, why=f"{why} It was tried {TRIES} times.", now=now)
    note("run.given-up", run, now=now, why=why, attempt=made.number)
    return made


def _heard(message: dict[str, Any]) -> tuple[Run, Attempt]:
    """Return the run and the attempt a message speaks of, locked; refuse any other but the one at work."""
    run = attempts.lock(message.get("run"))
    heard = attempts.named(message, run)
    rules.check_counts(status=Status(run.status), number=heard.number, latest=attempts.latest(run).number)
    return run, heard


def _move(run: Run, status: Status, **facts: Any) -> None:
    check_move(Status(run.status), status)
    run.status = status
    for name, value in facts.items():
        setattr(run, name, value)
    run.save(update_fields=["status", *facts])
