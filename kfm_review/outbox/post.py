"""Post a message in the transaction that makes it necessary, and wake whoever sends it."""

from datetime import datetime
from typing import Any

from django.db import connection

from kfm_review.outbox.models import Message


def post(queue: str, body: dict[str, Any], *, at: datetime, due: datetime | None = None) -> Message:
    """Write the message down; PostgreSQL tells the dispatcher when the transaction commits."""
    message = Message.objects.create(queue=queue, body=body, created_at=at, due_at=due or at)
    with connection.cursor() as cursor:
        cursor.execute("NOTIFY outbox")
    return message
