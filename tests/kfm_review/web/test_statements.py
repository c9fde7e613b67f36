"""Signing through the pages: asked first, then answered, by passkey or terminal, and never to sign in."""

import shutil
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, RequestFactory
from django.utils import timezone
from pytest_django import Settings

from kfm_review.accounts.models import RoleGrant
from kfm_review.people import rosters as people
from kfm_review.signing import rosters, rules, statements
from kfm_review.signing.models import Signature, Statement
from kfm_review.web import relying
from kfm_review.web.leaves import leaves, shown
from pipelines.proof import keys, sshsig, webauthn
from pipelines.proof.roster import Roster
from tests.kfm_review.signing.governed import Governed
from tests.kfm_review.signing.passkey import Passkey
from tests.kfm_review.world import person

needs_openssh = pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="ssh-keygen is not here")


@pytest.fixture
def house(db: None, settings: Settings) -> Governed:  # noqa: ARG001  # rows are made
    """Begin with people whose keys count today."""
    settings.KFM_ROOT = ""
    made = Governed(since=timezone.now() - timedelta(days=1))
    settings.KFM_ROOT = made.root_key
    return made


@pytest.fixture
def proposed(house: Governed) -> Statement:
    """Return a roster in which Cleo's key comes."""
    house.enrol("cleo")
    return people.propose(actor=house.user("cleo"), now=timezone.now())


def browser(house: Governed, who: str) -> Client:
    client = Client(headers={"host": "localhost"})
    client.force_login(house.user(who))
    return client


def answer(house: Governed, statement: Statement, who: str) -> dict[str, str]:
    """Return what the page's script sends after the passkey answered."""
    made = house.passkeys[who].get(statements.challenge(statement))
    return {
        "credential": webauthn.base64url(house.passkeys[who].credential_id),
        "authenticator_data": webauthn.base64url(made.authenticator_data),
        "client_data": webauthn.base64url(made.client_data),
        "signature": webauthn.base64url(made.signature),
    }


def sign(client: Client, statement: Statement, sent: dict[str, str]) -> Any:
    return client.post(f"/statements/{statement.digest}/sign/", sent)


def test_who_is_shown_a_statement_signs_it_once(house: Governed, proposed: Statement) -> None:
    client, sent = browser(house, "ben"), answer(house, proposed, "ben")
    assert client.get(f"/statements/{proposed.digest}/").status_code == 200
    assert sign(client, proposed, sent).headers["Location"] == "/keys/roster/"
    current = rosters.current()
    assert current is not None
    assert current.version == 2
    again = sign(client, proposed, sent)
    assert (again.status_code, Signature.objects.count()) == (409, 1)
    assert "You were not asked to sign this just now." in again.content.decode()
    replayed = sign(client, proposed, sent)  # the page that refused has asked anew
    assert (replayed.status_code, Signature.objects.count()) == (409, 1)


def test_an_answer_counts_only_in_the_session_that_was_asked(house: Governed, proposed: Statement) -> None:
    asked, other = browser(house, "ben"), browser(house, "ben")
    asked.get(f"/statements/{proposed.digest}/")
    refused = sign(other, proposed, answer(house, proposed, "ben"))
    assert refused.status_code == 409
    assert not Signature.objects.exists()


@pytest.mark.parametrize(("who", "key"), [("ben", "ann"), ("cleo", "cleo"), ("cleo", "ben")])
def test_nobody_signs_with_anothers_key_or_one_that_waits(
    who: str, key: str, house: Governed, proposed: Statement
) -> None:
    client = browser(house, who)
    client.get(f"/statements/{proposed.digest}/")
    assert sign(client, proposed, answer(house, proposed, key)).status_code == 403
    assert not Signature.objects.exists()


def test_who_left_governance_is_told_so_and_refused(house: Governed, proposed: Statement) -> None:
    client = browser(house, "ben")
    RoleGrant.objects.filter(user=house.user("ben")).update(role="reviewer")
    page = client.get(f"/statements/{proposed.digest}/").content.decode()
    assert "You may not sign this. It takes the role of governance." in page
    assert sign(client, proposed, answer(house, proposed, "ben")).status_code == 403


def test_the_page_shows_every_value_and_who_is_next(house: Governed, proposed: Statement) -> None:
    page = browser(house, "cleo").get(f"/statements/{proposed.digest}/").content.decode()
    told = statements.read(proposed)
    assert all(leaf.path in page for leaf in leaves(told.predicate))
    assert told.predicate["nonce"] in page
    assert "A key of yours changes in it" in page
    assert "Who can: ann, ben." in page
    assert "New: Laptop of person:cleo, SHA256:" in page
    assert (
        "Who else can: ben." in browser(house, "ann").get(f"/statements/{proposed.digest}/").content.decode()
    )
    own = browser(house, "ben").get(f"/statements/{proposed.digest}/").content.decode()
    assert "Sign with your passkey" in own
    assert "Nobody’s key can sign it now" not in own
    wanted = "roster for you to sign"
    assert wanted in own
    assert wanted not in page
    assert "next: you" in browser(house, "ben").get("/keys/").content.decode()
    assert "Next: <b>ann or ben</b>" in browser(house, "cleo").get("/keys/roster/").content.decode()


def test_a_proposal_that_leaves_a_key_waiting_is_made_anew(house: Governed, proposed: Statement) -> None:
    client = browser(house, "ann")
    address = f"/statements/{proposed.digest}/"
    assert address in client.get("/keys/roster/").content.decode()
    dora = house.people["dora"] = person("dora", "governance")
    house.passkeys["dora"] = Passkey()
    house.enrol("dora")
    page = client.get("/keys/roster/").content.decode()
    assert address not in page
    assert "Propose roster 2" in page
    assert people.changed(people.propose(actor=dora, now=timezone.now()), _current()) == {
        house.passkeys[name].public.fingerprint for name in ("cleo", "dora")
    }


def _current() -> Roster:
    found = rosters.current()
    assert found is not None
    return found


def test_nothing_invisible_hides_in_a_statement() -> None:
    hidden = "pay\u202e001\u200b\u00a0\x7f\x1b[0m"
    assert shown(hidden) == "pay\\u202e001\\u200b\\u00a0\\u007f\\u001b[0m"
    (leaf,) = leaves({"why\u2066": hidden})
    assert (leaf.path, leaf.value) == ("why\\u2066", shown(hidden))


@pytest.mark.parametrize(("size", "words"), [(33_000, "too large for a signature"), (10, "no signature")])
def test_what_is_no_signature_is_refused(size: int, words: str, house: Governed, proposed: Statement) -> None:
    client = browser(house, "ben")
    client.get(f"/statements/{proposed.digest}/")
    sent = SimpleUploadedFile("x.sig", b"-" * size)
    refused = client.post(f"/statements/{proposed.digest}/upload/", {"signature": sent})
    assert refused.status_code == 422
    assert words in refused.content.decode()


@needs_openssh
def test_a_terminal_signs_what_was_downloaded(house: Governed, proposed: Statement, tmp_path: Path) -> None:
    make = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", "key"]
    subprocess.run(make, cwd=tmp_path, check=True)
    public = keys.read_line((tmp_path / "key.pub").read_text())
    before = rosters.current()
    assert before is not None
    house.adopt(house.version(before, *before.keys, house.listed("ben", public, kind="ssh")))
    wanted = people.propose(actor=house.user("cleo"), now=timezone.now())
    client = browser(house, "ben")
    page = client.get(f"/statements/{wanted.digest}/").content.decode()
    (tmp_path / "it.pae").write_bytes(client.get(f"/statements/{wanted.digest}/statement.pae").content)
    assert f"-n {rules.NAMESPACES['roster']} statement-{wanted.digest[:12]}.pae" in page
    subprocess.run(
        ["ssh-keygen", "-q", "-Y", "sign", "-f", "key", "-n", rules.NAMESPACES["roster"], "it.pae"],
        cwd=tmp_path,
        check=True,
    )
    sent = SimpleUploadedFile("it.pae.sig", (tmp_path / "it.pae.sig").read_bytes())
    done = client.post(f"/statements/{wanted.digest}/upload/", {"signature": sent})
    assert done.headers["Location"] == "/keys/roster/"
    current = rosters.current()
    assert current is not None
    assert (current.version, current.signed_by) == (3, public.fingerprint)
    assert proposed.pk != wanted.pk


@needs_openssh
def test_stock_openssh_verifies_a_passkey_by_the_file_of_the_roster(house: Governed, tmp_path: Path) -> None:
    statement = house.statement(now=timezone.now())
    allowed = browser(house, "ann").get("/keys/roster/allowed_signers").content
    (tmp_path / "allowed").write_bytes(allowed)
    sig = house.sign(statement, "ben")
    (tmp_path / "sig").write_text(sshsig.armored(sig))
    for who, good in (("ben", True), ("ann", False)):
        words = ["ssh-keygen", "-Y", "verify", "-f", "allowed", "-I", f"person:{who}"]
        words += ["-n", rules.NAMESPACES["exception"], "-s", "sig"]
        ran = subprocess.run(
            words, cwd=tmp_path, input=statements.pae(statement), capture_output=True, check=False
        )
        assert (ran.returncode == 0) is good, ran.stderr


def test_a_key_never_signs_anybody_in(house: Governed, proposed: Statement) -> None:
    assert configured.AUTHENTICATION_BACKENDS == ["django.contrib.auth.backends.ModelBackend"]
    stranger = Client(headers={"host": "localhost"})
    for path in ("/sign-in/", f"/statements/{proposed.digest}/sign/"):
        said = stranger.post(path, answer(house, proposed, "ben") | {"username": "ben"})
        assert said.status_code in (302, 422)
        assert "_auth_user_id" not in stranger.session


@pytest.mark.parametrize(
    ("host", "rp_id", "where"),
    [
        ("127.0.0.1:8205", "", "http://localhost:8205/keys/"),
        ("localhost:8205", "", ""),
        ("review.example.org", "sign.review.example.org", "http://sign.review.example.org/keys/"),
        ("sign.review.example.org", "sign.review.example.org", ""),
        ("evilsign.review.example.org", "sign.review.example.org", "http://sign.review.example.org/keys/"),
    ],
)
def test_passkeys_are_used_under_their_name(host: str, rp_id: str, where: str, settings: Settings) -> None:
    settings.KFM_RP_ID, settings.ALLOWED_HOSTS = rp_id, [host.partition(":")[0]]
    request = RequestFactory().get("/keys/", headers={"host": host})
    assert relying.elsewhere(request) == where
    assert relying.rp_id(request) == rp_id or host.startswith(relying.rp_id(request))
