"""What each process of a stack is told in its environment: what it needs, and never another's password."""

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field

from kfm_review.local import database, keyring
from kfm_review.local.place import Place
from kfm_review.local.refusal import NotStarted
from kfm_review.local.services import Postgres, Valkey
from pipelines import store
from pipelines.errors import OutsidePlace

DATABASE = "kfm"
DEMO = ("local", "test")  # where the root of the roster lies beside the rest
PASSED_ON = ("HOME", "LANG", "LC_ALL", "PATH", "TMPDIR", "TZ")
TUNED = ("KFM_HEARTBEAT_S", "KFM_HOSTS", "KFM_LEASE_S", "KFM_SWEEP_S")
SIGNING = ("worker", "verify", "control", "promoter")  # each with a key of its own; web has none
ROLES = {"web": "kfm_web", "control": "kfm_control", "promoter": "kfm_promoter"}


def free_port() -> int:
    """Return a port of this machine that nobody uses just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    place: Place
    postgres: Postgres
    valkey: Valkey
    port: int
    history: bool
    given: Mapping[str, str]  # what the person who started this has set
    witness_port: int = field(default_factory=free_port)

    def check(self) -> None:
        """Refuse a store that cannot be written, and half an answer to which database to use."""
        try:
            store.place(self.store_url, "candidates").mkdir(parents=True, exist_ok=True)
        except (OutsidePlace, OSError) as cause:
            raise NotStarted(f"The store cannot be used: {cause} Mend STORE_URL, or unset it.") from cause
        if "DATABASE_URL" in self.given and "DATABASE_OWNER_URL" not in self.given:
            raise NotStarted(
                "DATABASE_URL is set and DATABASE_OWNER_URL is not: set the owner's too, who migrates. "
                "With the owner's alone, the application's roles are made there."
            )

    def of(self, process: str) -> dict[str, str]:
        """Return the whole environment of a process: web, control, promoter, worker, verify or owner."""
        told = {name: os.environ[name] for name in (*PASSED_ON, *TUNED) if name in os.environ}
        told |= {"BROKER_URL": self.broker_url, "STORE_URL": self.store_url, "KFM_PROCESS": process}
        told |= {"KFM_NO_BOOTSTRAP": "1", "PYTHONUNBUFFERED": "1"}
        told |= {"MPLCONFIGDIR": str(self.place.folder / "matplotlib")}  # it would write into the home
        if process == "witness":
            return self._of_witness(told)
        if process in SIGNING:
            told |= {"KFM_KEY_FILE": str(keyring.file(self.place, process))}
        if process in ("worker", "verify"):
            return told
        told |= {
            "KFM_ENV": self.given.get("KFM_ENV", "local"),
            "KFM_HISTORY": str(int(self.history)),
            "KFM_PORT": str(self.port),
            "KFM_SECRET_KEY": self.given.get("KFM_SECRET_KEY") or self.place.passwords()["key"],
            "KFM_STATIC": str(self.place.folder / "static"),
            "KFM_ROOT": self.root,
            "DATABASE_URL": self._database_url(process),
        }
        if process == "control":
            told |= {"KFM_WITNESS": f"http://127.0.0.1:{self.witness_port}"}
            told |= {"KFM_WITNESS_KEY": str(keyring.public_file(self.place, "witness"))}
        if process == "control" and told["KFM_ENV"] in DEMO:
            told["KFM_ROOT_KEY_FILE"] = str(keyring.file(self.place, keyring.ROOT))
        return told | ({"DATABASE_OWNER_URL": self.owner_url} if process == "owner" else {})

    def _of_witness(self, told: dict[str, str]) -> dict[str, str]:
        """Return what the witness hears: its own key and folder, the log's public key, and no more."""
        kept = {name: told[name] for name in ("KFM_PROCESS", "KFM_NO_BOOTSTRAP", "PYTHONUNBUFFERED")}
        return {
            **{name: os.environ[name] for name in PASSED_ON if name in os.environ},
            **kept,
            "KFM_KEY_FILE": str(keyring.file(self.place, "witness")),
            "KFM_LOG_KEY": str(keyring.public_file(self.place, "control")),
            "KFM_WITNESS_PLACE": str(self.place.folder / "witness"),
            "KFM_WITNESS_PORT": str(self.witness_port),
        }

    @property
    def root(self) -> str:
        """Return the fingerprint of the root that rosters must begin with."""
        return self.given.get("KFM_ROOT") or keyring.public(self.place, keyring.ROOT).fingerprint

    @property
    def owner_url(self) -> str:
        return self.given.get("DATABASE_OWNER_URL") or self.postgres.url("owner", database=DATABASE)

    @property
    def broker_url(self) -> str:
        return self.given.get("BROKER_URL") or self.valkey.url

    @property
    def store_url(self) -> str:
        return self.given.get("STORE_URL") or self.place.store.as_uri()

    def _database_url(self, process: str) -> str:
        if process == "owner":
            return self.owner_url
        if "DATABASE_OWNER_URL" not in self.given:
            return self.postgres.url(ROLES[process], database=DATABASE)
        if "DATABASE_URL" in self.given:
            return self.given["DATABASE_URL"]
        return database.address(
            self.owner_url, role=ROLES[process], password=self.place.passwords()[ROLES[process]]
        )
