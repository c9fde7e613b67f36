"""Each process is told what it needs, and never another's password."""

from pathlib import Path

import pytest

from kfm_review.local.place import Place
from kfm_review.local.refusal import NotStarted
from kfm_review.local.services import Postgres, Valkey
from kfm_review.local.told import ROLES, Told


def told(folder: Path, **given: str) -> Told:
    place = Place(folder=folder, sockets=folder)
    services = {"postgres": Postgres(place=place, user=None), "valkey": Valkey(place=place)}
    return Told(place=place, port=8000, history=False, given=given, **services)  # type: ignore[arg-type]  # by name


def test_a_worker_hears_of_no_database_and_no_key(tmp_path: Path) -> None:
    heard = " ".join(told(tmp_path).of("worker").values())
    for password in Place(folder=tmp_path, sockets=tmp_path).passwords().values():
        assert password not in heard


@pytest.mark.parametrize("process", sorted(ROLES))
def test_a_process_hears_its_own_password_only(process: str, tmp_path: Path) -> None:
    environment = told(tmp_path).of(process)
    passwords = Place(folder=tmp_path, sockets=tmp_path).passwords()
    heard = {holder for holder, password in passwords.items() if password in " ".join(environment.values())}
    assert heard == {ROLES[process], "key"}


def test_only_the_owner_hears_the_owners_address(tmp_path: Path) -> None:
    assert "DATABASE_OWNER_URL" in told(tmp_path).of("owner")
    assert not [process for process in ROLES if "DATABASE_OWNER_URL" in told(tmp_path).of(process)]


def test_what_was_given_is_used(tmp_path: Path) -> None:
    given = told(tmp_path, BROKER_URL="redis://broker", STORE_URL="file:///store", KFM_ENV="test")
    environment = given.of("web")
    assert (environment["BROKER_URL"], environment["STORE_URL"]) == ("redis://broker", "file:///store")
    assert environment["KFM_ENV"] == "test"


def test_with_an_owner_alone_each_process_has_its_own_role_there(tmp_path: Path) -> None:
    given = told(tmp_path, DATABASE_OWNER_URL="postgresql://dba:secret@db.example/kfm")
    password = Place(folder=tmp_path, sockets=tmp_path).passwords()["kfm_control"]
    assert given.of("control")["DATABASE_URL"] == f"postgresql://kfm_control:{password}@db.example/kfm"


def test_half_an_answer_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotStarted, match="DATABASE_OWNER_URL is not"):
        told(tmp_path, DATABASE_URL="postgresql://web@db.example/kfm").check()


@pytest.mark.parametrize("address", ["nonsense", "s3://bucket", "file:///proc/nothing"])
def test_a_store_that_cannot_be_written_is_refused(address: str, tmp_path: Path) -> None:
    with pytest.raises(NotStarted, match="Mend STORE_URL"):
        told(tmp_path, STORE_URL=address).check()
