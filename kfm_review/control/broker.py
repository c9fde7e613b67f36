"""What control says to the broker: work, promotions, cancellations, pings."""

from typing import Any, Protocol, cast

from celery import current_app
from django.conf import settings
from kombu import Connection, Queue
from kombu.exceptions import OperationalError

Json = dict[str, Any]


class Declared(Protocol):
    """What a broker says of a queue."""

    message_count: int


RESULTS = Queue("results", durable=True)
PROMOTE = "promote"
SEND_AGAIN_S = 30  # a message taken by a control that died is given to the next one after this
ONCE_MORE: dict[str, Any] = {"max_retries": 1, "interval_start": 0.0, "interval_step": 0.0}


def connect() -> Connection:
    """Return a connection for reading results, whose unanswered messages come back soon.

    Its own keys keep it from giving workers' messages back, too.
    """
    own = {f"unacked{part}_key": f"results.unacked{part}" for part in ("", "_index", "_mutex")}
    again = {"visibility_timeout": SEND_AGAIN_S, "unacked_restore_throttle": 1, "unacked_restore_interval": 5}
    return Connection(settings.BROKER_URL, transport_options={**own, **again})


def away() -> tuple[type[BaseException], ...]:
    """Return what a broker that is away raises; a transport counts KeyError too, which says other things."""
    known = current_app.connection_for_write().connection_errors
    return (OperationalError, *(each for each in known if not issubclass(each, LookupError)))


def send_work(body: Json, queue: str) -> None:
    """Ask the workers of a pool to run, or to bury, one attempt, or to do a second run."""
    if body["task"] == "pipelines.verify":
        _send(body["task"], [body["order"]], queue=queue)
        return
    job = body["job"]
    if body["task"] == "pipelines.bury":
        _send("pipelines.bury", [job, body["why"]], queue=queue)
    else:
        _send(body["task"], [job], queue=queue, task_id=task_id(job["run"], job["attempt"]))


def send_promotion(promotion: int) -> None:
    """Ask the promoter to carry out one promotion."""
    _send("kfm_review.tasks.promote", [promotion], queue=PROMOTE)


def send_ping(task: str, token: str, *, queue: str) -> None:
    """Ask one process to answer, however late: it would judge a time limit by its own clock."""
    _send(task, [token], queue=queue)


def stop_work(run: str, attempt: int) -> None:
    """Stop an attempt wherever it is: waiting or running."""
    current_app.control.revoke(task_id(run, attempt), terminate=True, signal="SIGKILL")


def waiting(queue: str) -> int:
    """Return how many messages lie in `queue`."""
    with current_app.connection_for_read() as connection:
        connection.ensure_connection(**ONCE_MORE)
        declared = Queue(queue, durable=True)(connection.default_channel).queue_declare(passive=False)
    return int(cast("Declared", declared).message_count)


def task_id(run: str, attempt: int) -> str:
    return f"{run}.{attempt}"


def _send(task: str, arguments: list[Any], *, queue: str, **options: Any) -> None:
    current_app.send_task(
        task, args=arguments, queue=queue, ignore_result=True, retry=True, retry_policy=ONCE_MORE, **options
    )
