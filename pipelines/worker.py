"""Carry out runs on Celery: one prefork child a run, under limits, with results sent as messages.

`python -m pipelines.worker` serves every pool; `--queues pool.light` serves one.
The broker is only a hint: a result is left in the store before it is announced.
"""

import errno
import gc
import logging
import os
import socket
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

from billiard.exceptions import TimeLimitExceeded, WorkerLostError
from celery import Celery, Task
from celery.concurrency.asynpool import AsynPool
from celery.concurrency.prefork import TaskPool
from celery.signals import task_failure, worker_process_init
from celery.worker.request import Request
from kombu import Queue

from pipelines import attestation, confinement, runner, spec, verifying
from pipelines.diary import Diary
from pipelines.errors import Stopped
from pipelines.family import Resources
from pipelines.lease import Lease
from pipelines.model import Job, Json
from pipelines.store import FileStore, Places, place

log = logging.getLogger(__name__)

RESULTS = Queue("results", durable=True)
RUN = "pipelines.run"
UNKNOWN = Resources(memory_mb=512, timeout_s=60)
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
NO_ROOM = "The store takes no more ({}): make room, and it is tried again."
LOOK_FOR_ROOM_S = 1.0


class Pool(AsynPool):
    """A pool that looks for children that died unseen more often than every five seconds."""

    @property
    def timers(self) -> dict[Callable[[], None], float]:
        return {self.maintain_pool: 0.5}


class Children(TaskPool):
    Pool = Pool


app = Celery("kfm-pipelines", broker=os.environ.get("BROKER_URL", ""), set_as_current=False, fixups=[])
app.conf.update(
    accept_content=["json"],
    broker_connection_max_retries=None,
    broker_connection_retry_on_startup=True,
    broker_transport_options={"visibility_timeout": 86_400},
    enable_utc=True,
    result_backend="disabled://",
    task_acks_late=False,  # the database is the truth: a lost run is sent again by the sweeper
    task_default_queue="pool.light",
    task_ignore_result=True,
    task_serializer="json",
    worker_cancel_long_running_tasks_on_connection_loss=False,
    worker_disable_prefetch=True,
    worker_hijack_root_logger=True,
    worker_max_tasks_per_child=200,
    worker_pool=Children,
    worker_prefetch_multiplier=1,
    worker_send_task_events=False,
)


class RunRequest(Request):
    """A request whose time limit is the family's, whatever the message says."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.time_limits = (bounds(_family(self.args)).timeout_s, None)


class RunTask(Task[Any, Any]):
    Request = RunRequest  # type: ignore[assignment]  # Celery takes the class as well as its name
    abstract = True


@app.task(name=RUN, base=RunTask)
def run(job: dict[str, Any]) -> None:
    """Materialise what `job` asks for, and say so."""
    order = Job.from_json(job)
    send("started", order)
    memory_mb, diary = bounds(order.family).memory_mb, Diary(order)
    held = Lease(partial(send, order=order), diary=diary, memory_mb=memory_mb)
    with diary.kept():
        try:
            with confinement.confined(memory_mb=memory_mb), held as lease:
                result = _carried_out(order, lease=lease, diary=diary)
        except MemoryError:
            bury(order, why=confinement.too_much(memory_mb), log_tail=diary.tail())
        except Exception as broke:  # whatever it was, it is this run's end and not the worker's
            log.exception("Run %s broke.", order.run)
            bury(order, why=f"The run broke: {type(broke).__name__}: {broke}", log_tail=diary.tail())
        else:
            _publish(result)


def _carried_out(order: Job, *, lease: Lease, diary: Diary) -> Json:
    """Carry a run out and leave its result; while the store is full, wait for room within the time limit."""
    while True:
        try:
            ran = runner.run(order, places=places(), now=clock, tell=lease.tell)
            return leave("recorded", order, ran, seconds=ran.seconds, timings=ran.timings)
        except OSError as broke:
            if broke.errno not in FULL:
                raise
            why = NO_ROOM.format(broke.strerror)
            log.warning("Run %s waits. %s", order.run, why)
            diary.give_reason(why)
            lease.tell(why, 0, 0)
        time.sleep(LOOK_FOR_ROOM_S)


@app.task(name="pipelines.verify", base=RunTask)
def verify(order: dict[str, Any]) -> None:
    """Do the second run of what a worker recorded; if this process dies of it, it is asked for again."""
    with confinement.confined(memory_mb=bounds(order["family"]).memory_mb):
        said = verifying.answer(order, store=FileStore(place(_store_url(), "candidates")))
    _publish({**said, "worker": _worker(), "at": clock().isoformat()})


@app.task(name="pipelines.bury")
def bury_lost(job: dict[str, Any], why: str) -> None:
    """Write the end of a run whose own worker is gone."""
    bury(Job.from_json(job), why=why, log_tail=b"")


@app.task(name="pipelines.ping")
def ping(token: str) -> None:
    """Answer that this worker lives."""
    _publish({"kind": "pong", "token": token, "worker": _worker(), "at": clock().isoformat()})


@app.task(name="pipelines.ping_verify")
def ping_verify(token: str) -> None:
    """Answer that a worker of the verify pool lives."""
    _publish({"kind": "pong", "pool": "verify", "token": token, "at": clock().isoformat()})


def bury(order: Job, *, why: str, log_tail: bytes) -> None:
    """Write the ERROR manifest of an attempt that cannot write its own, and report it."""
    ran = runner.bury(order, places=places(), why=why, log_tail=log_tail, now=clock)
    report("failed", order, ran, why=why)


def report(kind: str, order: Job, ran: runner.Ran, **more: Any) -> None:
    """Leave the result in the store, then announce it; a sweeper finds what was not announced."""
    _publish(leave(kind, order, ran, **more))


def leave(kind: str, order: Job, ran: runner.Ran, **more: Any) -> Json:
    """Leave the result of an attempt in the store, and return the message that announces it."""
    made = {"manifest": ran.manifest_digest, "prov": ran.prov_digest}
    signed = attestation.attempt(order, **made, key=attestation.own_key())
    named = {**made, "attestation": places().candidates.put(signed), "outcome": str(ran.outcome)}
    message = _message(kind, order, **named, **more)
    places().results.leave(order.run, order.attempt, message)
    return message


def send(kind: str, order: Job, **more: Any) -> None:
    """Tell control something that may get lost."""
    _publish(_message(kind, order, **more))


@worker_process_init.connect
def _settle_child(**_: Any) -> None:
    """Let a child die with its parent, and be a group that is killed as one."""
    confinement.settle()


@task_failure.connect
def _bury_killed(
    *, sender: Any = None, exception: BaseException | None = None, args: Any = (), **_: Any
) -> None:
    """In the parent: write the end of a run whose child was killed, unless it had left its result."""
    if getattr(sender, "name", "") != RUN or not isinstance(exception, TimeLimitExceeded | WorkerLostError):
        return
    order = Job.from_json(args[0])
    diary, left = Diary(order), _left(order)
    if left is not None:
        _publish(left)
    elif isinstance(exception, TimeLimitExceeded):
        seconds = bounds(order.family).timeout_s
        why = diary.reason() or f"The run took longer than its {seconds} seconds and was stopped."
        bury(order, why=why, log_tail=diary.tail())
    else:
        why = diary.reason() or f"The process of the run died: {exception}"
        bury(order, why=why, log_tail=diary.tail())
    diary.forget()


def _left(order: Job) -> Json | None:
    """Return what an attempt left in the store before its process died."""
    mine = (words for words in places().results.waiting() if words["run"] == order.run)
    return next((words for words in mine if words["attempt"] == order.attempt), None)


def _family(args: Any) -> str:
    """Return the family that a message names; one that names none must not end the worker."""
    try:
        return str(args[0]["family"])
    except (LookupError, TypeError):
        return ""


def bounds(family: str) -> Resources:
    """Return what a run of `family` may use; the run itself says what is wrong with its family."""
    try:
        return spec.family(family).resources
    except Stopped:
        return UNKNOWN


def _message(kind: str, order: Job, **more: Any) -> Json:
    words = {"kind": kind, "run": order.run, "attempt": order.attempt, "secret": order.secret}
    return {**words, "worker": _worker(), "at": clock().isoformat(), **more}


def _publish(message: Json) -> None:
    policy = {"max_retries": 20, "interval_start": 0.1, "interval_step": 0.2, "interval_max": 1.0}
    try:
        with app.producer_pool.acquire(block=True) as producer:
            producer.publish(
                message,
                routing_key=RESULTS.name,
                declare=[RESULTS],
                serializer="json",
                retry=True,
                retry_policy=policy,
            )
    except producer_errors():
        log.exception("The broker did not take a %s message; the sweeper will find it.", message["kind"])


def producer_errors() -> tuple[type[BaseException], ...]:
    """Return what a broker that is away raises."""
    connection = app.connection_for_write()
    return (*connection.connection_errors, *connection.channel_errors, OSError)


def places() -> Places:
    return Places.at(_store_url())


def clock() -> datetime:
    return datetime.now(UTC)


def _store_url() -> str:
    return os.environ["STORE_URL"]


def _worker() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"


def spare_garbage() -> None:
    """Look for garbage seldom: it took a tenth of each run, and what a run makes is hardly ever a circle."""
    gc.freeze()  # children share what is there by now, and never look through it
    gc.set_threshold(50_000, 20, 100)


def main(arguments: list[str]) -> None:
    """Start a worker for the named queues, or for the pools of every family."""
    if not any(word.startswith(("-Q", "--queues")) for word in arguments):
        pools = sorted({family.pool for family in spec.families()})
        arguments = [*arguments, "--queues", ",".join(f"pool.{pool}" for pool in pools)]
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    for chatty in ("celery.app.trace", "celery.worker.strategy"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    runner.warm()
    spare_garbage()
    app.worker_main(["worker", "--loglevel", "INFO", *quiet, *arguments])


if __name__ == "__main__":
    main(sys.argv[1:])
