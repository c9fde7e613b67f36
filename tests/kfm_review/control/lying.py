"""What lies in the queues of the real broker."""

import json
from typing import Any

from kombu import Queue

QUEUES = ("results", "promote", "pool.light", "pool.verify")


class Lying:
    """Takes messages out of queues, as a worker or a promoter would."""

    def __init__(self, channel: Any) -> None:
        self._channel = channel

    def empty(self) -> None:
        for name in QUEUES:
            queue = Queue(name, durable=True)(self._channel)
            queue.declare()
            queue.purge()

    def take(self, name: str) -> tuple[str, list[Any], str] | None:
        """Take the oldest message: the task's name, its arguments, its id."""
        message = Queue(name, durable=True)(self._channel).get(no_ack=True)
        if message is None:
            return None
        return message.headers["task"], message.payload[0], message.headers["id"]

    def all(self, name: str) -> list[tuple[str, list[Any], str]]:
        found = []
        while (message := self.take(name)) is not None:
            found.append(message)
        return found

    def leave(self, words: dict[str, Any] | bytes) -> None:
        """Leave a result as a worker does."""
        body = words if isinstance(words, bytes) else json.dumps(words).encode()
        message = self._channel.prepare_message(
            body.decode(), content_type="application/json", content_encoding="utf-8"
        )
        self._channel.basic_publish(message, exchange="", routing_key="results")
