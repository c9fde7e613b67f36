"""A house to break: a whole stack with people in it, and what can be seen of it from outside."""

import base64
import json
import os
import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import TypeVar

import redis

from pipelines import digest
from tests.faults.editions import OPEN, Delivery, fresh
from tests.faults.people import Answer, Person
from tests.stack import Running, wait

FAMILY = "ks_airports"
EDITION = "2026-10"
WHY = "To be broken and mended."
REASON = "Looked at on the map."
PATIENCE_S = 90
PASSWORD = re.compile(r"^  (\S+)\s+(\S+)$", re.MULTILINE)
UNQUIET = """
SELECT 'run ' || alias || ' is ' || status FROM runs_run WHERE status IN ('requested', 'running')
UNION ALL SELECT 'a message for ' || queue || ' is not sent' FROM outbox_message WHERE sent_at IS NULL
UNION ALL SELECT 'promotion ' || id || ' is ' || status FROM releases_promotion
    WHERE status IN ('queued', 'verifying', 'running')
UNION ALL SELECT 'review ' || id || ' is approved and not released' FROM reviews_review review
    WHERE status = 'approved' AND NOT EXISTS (SELECT FROM releases_release WHERE review_id = review.id)
UNION ALL SELECT 'review ' || id || ' is stale' FROM reviews_review
    WHERE status = 'open' AND stale_at IS NOT NULL
"""


T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    id: int
    manifest: str


class House:
    def __init__(self, running: Running) -> None:
        self.running = running
        passwords = dict(PASSWORD.findall(running.manage("people", "demo")))
        self.steward, self.reviewer, self.publisher = (
            Person(running.address, name=name, password=passwords[name])
            for name in ("steward", "reviewer", "publisher")
        )
        self._editions = 0
        families = list(OPEN)
        first = int(os.environ.get("KFM_ROUND", "0")) % len(families)
        self._turn = cycle(families[first:] + families[:first])
        self.family = FAMILY  # whose run was asked for last
        self._threads = ThreadPoolExecutor(4)

    @property
    def store(self) -> Path:
        return self.running.place.store

    def edition(self, family: str = "") -> Delivery:
        """Return a file that nobody has delivered yet, of a family or of the one whose turn it is."""
        self._editions += 1
        self.family = family or next(self._turn)
        return fresh(self.family, self._editions)

    def request(self, made: Delivery) -> Answer:
        """Deliver an edition and ask for its run."""
        return self.steward.post(
            "/runs/new/",
            files={made.source: made.file},
            family=made.family,
            partition=made.partition,
            edition="",
            named=EDITION,
            why=WHY,
        )

    def asked(self, family: str = "") -> str:
        """Ask for a run of a new edition and return its id."""
        return run_of(self.request(self.edition(family)))

    def reviewed(self, family: str = "") -> Review:
        """Have an edition carried out, all the way to the reviewer's desk."""
        run = self.asked(family)
        self.until_quiet()
        return self.review_of(run)

    def review_of(self, run: str) -> Review:
        """Return what the reviewer finds of a run."""
        [(number, manifest)] = self.running.ask(
            "SELECT id, manifest_id FROM reviews_review WHERE run_id = %s", run
        )
        return Review(id=int(str(number)), manifest=str(manifest))

    def approve(self, review: Review) -> Answer:
        """Approve as the reviewer does who saw what stands there."""
        path = f"/reviews/{review.id}/decisions/"
        return self.reviewer.post(path, manifest=review.manifest, verdict="approve", reason=REASON)

    def meanwhile(self, deed: Callable[[], T]) -> "Future[T]":
        """Let something be done, and do not wait for its end."""
        return self._threads.submit(deed)

    def count(self, query: str, *values: object) -> int:
        """Return the one number that a query comes to."""
        [(number,)] = self.running.ask(query, *values)
        return int(str(number))

    def until(self, query: str, *values: object, why: str) -> None:
        """Wait until a query has an answer."""
        wait(lambda: self.running.ask(query, *values), why=why, seconds=PATIENCE_S)

    def until_quiet(self, *, seconds: float = PATIENCE_S) -> None:
        """Wait until nobody has anything left to do."""
        end = time.monotonic() + seconds
        while unquiet := self.unquiet():
            self.running.parts.check()
            if time.monotonic() > end:
                raise TimeoutError(f"It does not come to rest: {'; '.join(unquiet)}")
            time.sleep(0.02)

    def unquiet(self) -> list[str]:
        """Return a sentence for everything that is still to be done."""
        left = [str(row[0]) for row in self.running.ask(UNQUIET)]
        left += [f"{file.name} lies in the results" for file in self.results("*")]
        left += [f"{len(told)} results are not taken" for told in [self.told()] if told]
        return left

    def until_answers(self) -> None:
        """Wait until the web process answers."""
        wait(lambda: self.steward.get("/healthz").taken, why="no page is answered", seconds=PATIENCE_S)

    def results(self, run: str) -> list[Path]:
        """Return the results of a run that lie in the store."""
        return list((self.store / "results").glob(f"{run}.*.json"))

    def told(self, *kinds: str) -> list[dict[str, object]]:
        """Return the messages in the results' queue, of some kinds or of all."""
        with self.broker() as broker:
            waiting = broker.lrange("results", 0, -1)
        words = [json.loads(base64.b64decode(json.loads(message)["body"])) for message in waiting]
        return [said for said in words if not kinds or said["kind"] in kinds]

    def pinned(self, file: bytes) -> Path:
        """Return where a worker keeps an input before it reads it."""
        name = digest.of(file)
        return self.store / "candidates" / "sha256" / name[:2] / name

    @contextmanager
    def broker(self) -> Iterator["redis.Redis"]:
        """Speak to the broker itself."""
        with redis.Redis(unix_socket_path=str(self.running._valkey.socket), socket_timeout=10) as client:
            yield client


def run_of(answer: Answer) -> str:
    """Return the run that an answer leads to."""
    if answer.status != 302:
        raise AssertionError(f"The request was answered {answer.status}: {answer.words[:300]}")
    return answer.location.strip("/").rsplit("/", 1)[-1]
