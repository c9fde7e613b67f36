"""The least that Celery can do: a task that returns its argument."""

import os

from celery import Celery

app = Celery("plain", broker=os.environ["BROKER_URL"], backend=os.environ["BROKER_URL"].replace("redis+", ""), fixups=())
app.conf.update(task_serializer="json", accept_content=["json"], worker_prefetch_multiplier=1, task_default_queue="plain")


@app.task(name="plain.echo")  # type: ignore[untyped-decorator]  # Celery's
def echo(value: int) -> int:
    """Return what came."""
    return value
