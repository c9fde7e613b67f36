"""What a spreadsheet opens is dressed; what is stored is not touched."""

import csv
import io
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from kfm_review.accounts.models import Clearance
from kfm_review.audit.record import record
from kfm_review.runs.models import Artifact
from kfm_review.web import spreadsheets
from kfm_review.web.views import artifact as view
from pipelines.store import FileStore
from tests.kfm_review import world
from tests.kfm_review.world import NOON, person

TABLE = (
    b"kind,key,column,old,new,distance_m\n"
    b'changed,K1,name,=1+1,"@SUM(A1), ""x""",\n'
    b'moved,-K2,geometry,-101.5,"+1\n2",12.5\n'
)


@pytest.mark.parametrize("number", ["-1", "+1.5", "-.5", "-1e-7", "-101.473911", "0"])
def test_a_plain_number_is_no_formula(number: str) -> None:
    assert spreadsheets.harmless(number) == number


@pytest.mark.parametrize(
    "text",
    [
        "=1",
        "+1+1",
        "-1-1",
        "@A1",
        "\t=1",
        "\r=1",
        "-",
        "--1",
        "=cmd|' /C calc'!A0",
        "-1e",
        "+\N{ARABIC-INDIC DIGIT ONE}",
    ],
)
def test_what_may_be_taken_for_a_formula_is_text(text: str) -> None:
    assert spreadsheets.harmless(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "Leoti", " =1", "1-1", "<script>", "'=1", "K-1"])
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert spreadsheets.harmless(text) == text


@pytest.fixture
def store(tmp_path: Path, settings: Settings) -> FileStore:
    settings.STORE_URL = tmp_path.as_uri()
    view._store.cache_clear()
    return FileStore(tmp_path / "candidates")


def client(*roles: str) -> Client:
    one = Client()
    one.force_login(person("ada", *roles), backend="django.contrib.auth.backends.ModelBackend")
    return one


def kept(store: FileStore, *, media_type: str = "text/csv", label: str = "public") -> str:
    """Return the digest of an artifact of a manifest."""
    digest, manifest = store.put(TABLE), world.review(None, label=label).manifest
    Artifact.objects.create(
        manifest=manifest, role="diff", media_type=media_type, sha256=digest, size=len(TABLE)
    )
    return digest


def read(one: Client, address: str) -> tuple[int, bytes, str]:
    answer = one.get(address)
    body = b"".join(answer) if answer.streaming else answer.content
    return answer.status_code, body, answer.get("Content-Disposition", "")


@pytest.mark.django_db
def test_the_changes_are_had_as_they_are_stored_and_dressed_for_a_spreadsheet(store: FileStore) -> None:
    one, digest = client("reviewer"), kept(store)
    assert read(one, f"/artifacts/{digest}/")[1] == TABLE
    status, body, disposition = read(one, f"/artifacts/{digest}/?spreadsheet")
    assert (status, disposition[:34]) == (200, 'attachment; filename="spreadsheet-')
    assert list(csv.reader(io.StringIO(body.decode(), newline="")))[1:] == [
        ["changed", "K1", "name", "'=1+1", '\'@SUM(A1), "x"', ""],
        ["moved", "'-K2", "geometry", "-101.5", "'+1\n2", "12.5"],
    ]
    assert store.read(digest) == TABLE


@pytest.mark.django_db
def test_only_tables_are_dressed(store: FileStore) -> None:
    digest = kept(store, media_type="application/json")
    assert read(client("reviewer"), f"/artifacts/{digest}/?spreadsheet")[1] == TABLE


@pytest.mark.django_db
def test_nobody_gets_a_spreadsheet_who_may_not_see_the_table(store: FileStore) -> None:
    digest = kept(store, label="restricted")
    assert not Clearance.objects.exists()
    assert read(client("reviewer"), f"/artifacts/{digest}/?spreadsheet")[0] == 404


@pytest.mark.django_db
def test_the_record_is_exported_for_spreadsheets() -> None:
    record("person.invited", "person:1", actor=None, at=NOON, why="=HYPERLINK(1)")
    body = read(client("auditor"), "/audit/events.csv")[1].decode()
    assert [row["why"] for row in csv.DictReader(io.StringIO(body, newline=""))][-1] == "'=HYPERLINK(1)"
