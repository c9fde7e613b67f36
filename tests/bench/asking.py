"""A steward who delivers editions of 1,000 places and asks for their runs; imported once Django is set up."""

import time
from collections.abc import Sequence
from datetime import datetime

import psycopg
from django.core.files.base import ContentFile
from django.utils import timezone

from kfm_review.local.history import approve, holder
from kfm_review.runs import actions, deliveries
from kfm_review.runs.models import Attempt, Document, Run
from pipelines import digest
from tests.bench.standard import places
from tests.stack import Running, wait

FIRST = 2020
ENDED = "SELECT count(*) FROM runs_run WHERE id = ANY(%s) AND ended_at IS NOT NULL"


class Steward:
    """Asks, waits, and knows where the time went."""

    def __init__(self, running: Running) -> None:
        self._stack = running
        self._person = holder("steward")
        self._watch = psycopg.connect(running.told.owner_url, autocommit=True)
        self._next = 0

    def release_first(self) -> None:
        """Have an edition current, so that every later one is compared with 1,000 places."""
        first = self.submit()
        self.await_end([first])
        approve(first, by=holder("reviewer"))

    def submit(self) -> Run:
        """Deliver an edition of its own and ask for its run."""
        self._next += 1
        now = timezone.now()
        file = ContentFile(places(self._next))
        upload = deliveries.deliver_file(
            of=("ks_airports", "airports"), name="places.csv", content=file, actor=self._person, now=now
        )
        return actions.request(
            family="ks_airports",
            edition=f"{FIRST + self._next}",
            partition=None,
            upload_ids={"airports": upload.pk},
            actor=self._person,
            why="To be measured.",
            now=timezone.now(),
        )

    def await_end(self, runs: Sequence[Run]) -> None:
        """Return as soon as every run has ended."""
        ids = [run.pk for run in runs]

        def all_ended() -> bool:
            row = self._watch.execute(ENDED, [ids]).fetchone()
            return row is not None and row[0] == len(ids)

        wait(all_ended, why="the runs did not end")

    def alone(self) -> tuple[float, Run]:
        """Return the seconds from delivering one edition to the record of its run."""
        began = time.perf_counter()
        run = self.submit()
        self.await_end([run])
        return time.perf_counter() - began, run

    def burst(self, size: int) -> float:
        """Return the seconds from the first of many requests to the record of the last run."""
        began = time.perf_counter()
        self.await_end([self.submit() for _ in range(size)])
        return time.perf_counter() - began

    def parts(self, run: Run) -> dict[str, float]:
        """Return the seconds of a run's parts, by the clocks of those who wrote them down."""
        run.refresh_from_db()
        prov = Document.objects.get(run=run, kind="prov").sha256
        file = self._stack.place.store / "candidates" / "sha256" / prov[:2] / prov
        nodes = digest.read_json(file.read_bytes())["@graph"]
        act = next(node for node in nodes if "kfm:RunAttempt" in node["@type"])
        began, ended = (datetime.fromisoformat(act[f"prov:{word}AtTime"]) for word in ("started", "ended"))
        sent = Attempt.objects.get(run=run, number=1).sent_at
        recorded = run.ended_at or ended
        return {
            "asked to begun: record, outbox, broker": (began - sent).total_seconds(),
            "begun to closed: the worker": (ended - began).total_seconds(),
            "closed to recorded: PROV, check, message, check, rows, audit": (
                recorded - ended
            ).total_seconds(),
        }
