"""What a whole stack on one machine consists of: which parts, in which order, and when it is ready."""

import hashlib
import os
import signal
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from kfm_review.local import database, keyring
from kfm_review.local.place import Place
from kfm_review.local.services import Postgres, Valkey, check_broker, other_user
from kfm_review.local.supervise import Part, Supervisor
from kfm_review.local.told import DATABASE, DEMO, ROLES, Told

ROOT = Path(__file__).resolve().parents[2]
SERVICE_S = 60.0
READY_S = 600.0
ASK_READY_S = 0.1
GUNICORN = ("--worker-class", "gthread", "--threads", "8", "--no-control-socket", "--graceful-timeout", "5")
CELERY = (
    "--pool",
    "solo",
    "--without-gossip",
    "--without-mingle",
    "--without-heartbeat",
    "--loglevel",
    "INFO",
)
WSGI = "kfm_review.wsgi:application()"
STEPS = (("migrate", "--no-input"), ("grant_roles",), ("collectstatic", "--no-input"))


class Stack:
    """PostgreSQL, Valkey, worker, verify, control, promoter and web, on this machine."""

    def __init__(
        self,
        place: Place,
        *,
        port: int,
        given: Mapping[str, str],
        history: bool = False,
        durable: bool = True,
    ) -> None:
        self.place = place
        self.parts = Supervisor(logs=place.logs, folder=ROOT)
        self._postgres = Postgres(place=place, user=other_user(), durable=durable)
        self._valkey = Valkey(place=place)
        self.told = Told(
            place=place, postgres=self._postgres, valkey=self._valkey, port=port, history=history, given=given
        )
        self.bound = f"127.0.0.1:{port}"
        self.address = f"http://localhost:{port}"  # passkeys are made for a name, not for a number

    def start_services(self) -> None:
        """Start broker and database, unless they were given, and between them the worker, which is slow."""
        self.told.check()
        keyring.prepare(self.place)
        if "BROKER_URL" in self.told.given:
            check_broker(self.told.broker_url)
        else:
            self.start("valkey")
        self.start("worker")
        self.start_stores()

    def start_stores(self) -> None:
        """Start broker and database, as far as they were not given, and make database and roles."""
        self.told.check()
        if "BROKER_URL" not in self.told.given and not self.parts.lives("valkey"):
            self.start("valkey")
        if "DATABASE_OWNER_URL" not in self.told.given:
            self._postgres.prepare()
            self.start("postgres")
            database.create(self._postgres.url("owner", database="postgres"), name=DATABASE)
        if "DATABASE_URL" not in self.told.given:
            database.admit(self.told.owner_url, passwords=self.place.passwords())

    def settle(self) -> Iterator[str]:
        """Bring database and static files up to date; the first time, yield the demo people's passwords."""
        state = _state(self.told.owner_url)
        for words in STEPS:
            self._once(words, name=words[0], of=state)
        env = self.told.of("owner")["KFM_ENV"]
        if env in DEMO:
            roster = ("roster", "demo", "--keys", str(self.place.folder / "keys"), "--origin", self.address)
            self._once(roster, name="roster", of=f"{state} {self.address}")
        if env == "local" and (said := self._once(("people", "demo"), name="people-demo", of="1")):
            yield said

    def _once(self, words: Sequence[str], *, name: str, of: str) -> str:
        """Run one command unless it was run for the same already; return what it said."""
        if self.place.done(name) == of:
            return ""
        command = [sys.executable, "manage.py", *words]
        said = self.parts.run(Part(name=name, command=command, environment=self.told.of("owner")))
        self.place.mark(name, of=of)
        return said

    def start_processes(self) -> None:
        """Start what carries messages, publishes and answers people, and once the first history."""
        database.forget_answers(self.told.owner_url)
        for name in ("verify", "witness", "control", "promoter", "web"):
            self.start(name)
        if self.told.history and not self.place.done("history"):
            self.start("history")

    def await_ready(self) -> None:
        """Return once every process has answered a round trip, and the first history is played."""
        self.parts.until(self.ask_ready, of="web", within_s=READY_S, poll_s=ASK_READY_S)
        if self.told.history:
            self.place.mark("history", of="1")

    def ask_ready(self) -> None:
        """Raise ConnectionError with what is missing, unless the stack says that it is ready."""
        try:
            urllib.request.urlopen(f"{self.address}/readyz", timeout=10).close()  # noqa: S310  # our own address
        except urllib.error.HTTPError as answer:
            raise ConnectionError(answer.read().decode(errors="replace")[:300]) from None
        except OSError as cause:
            raise ConnectionError(str(cause)) from cause

    def start(self, name: str) -> int:
        """Start one part by its name, return its process id; services answer by then."""
        if name == "valkey":
            self._valkey.prepare()
        pid = self.parts.start(self.part(name))
        if name in ("valkey", "postgres"):
            service = self._valkey if name == "valkey" else self._postgres
            self.parts.until(service.ask, of=name, within_s=SERVICE_S)
        return pid

    def part(self, name: str) -> Part:
        """Return how a part is called and what it is told."""
        if name == "postgres":
            return self._database_server()
        if name == "valkey":
            return Part(name=name, command=self._valkey.command, environment={"LANG": "C.UTF-8"}, serves=True)
        python = {
            "worker": ["-m", "pipelines.worker", "--concurrency", str(os.cpu_count() or 2)],
            "witness": ["-m", "pipelines.witness"],
            "verify": ["-m", "pipelines.worker", "--queues", "pool.verify", "--concurrency", "1"],
            "web": ["-m", "gunicorn", "--bind", self.bound, *GUNICORN, WSGI],
            "promoter": ["-m", "celery", "-A", "kfm_review.celery", "worker", "--queues", "promote", *CELERY],
        }.get(name, ["manage.py", name])
        process = name if name in (*ROLES, "worker", "verify", "witness") else "web"
        environment = self.told.of(process)
        return Part(
            name=name, command=[sys.executable, *python], environment=environment, ends=name == "history"
        )

    def _database_server(self) -> Part:
        return Part(
            name="postgres",
            command=self._postgres.command,
            environment={"PATH": os.defpath, "LANG": "C.UTF-8"},
            user=self._postgres.user,
            stop=signal.SIGINT,  # ends its clients' sessions
            last_word=signal.SIGQUIT,
            serves=True,
        )


def _state(*words: str) -> str:
    """Return the digest of everything that a database and static files are made up to date for."""
    whole = hashlib.sha256("\n".join(words).encode())
    code = sorted((ROOT / "kfm_review").rglob("*.py"))
    drawn = sorted(
        file for kind in ("css", "js", "img", "basemap") for file in (ROOT / "static" / kind).rglob("*")
    )
    locks = [ROOT / "static" / "package-lock.json", ROOT / "infra" / "locks" / "dev.txt"]
    for file in (*code, *drawn, *locks):
        if file.is_file():
            whole.update(f"{file.relative_to(ROOT)} ".encode() + hashlib.sha256(file.read_bytes()).digest())
    return whole.hexdigest()
