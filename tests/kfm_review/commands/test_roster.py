"""Rosters at a terminal: made on a laptop, adopted on the server, and a demo's only in a demo."""

import json
import subprocess
from base64 import b64encode
from io import StringIO
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management import CommandError, call_command
from pytest_django import Settings

from kfm_review.audit.models import Event
from kfm_review.signing import rosters
from pipelines.proof import keys, sshsig

PLACE = ("--origin", "https://sign.example.org", "--rp-id", "sign.example.org")


@pytest.fixture
def laptop(tmp_path: Path) -> Path:
    """Return a folder with a root's key and a worker's."""
    for name in ("root", "worker"):
        private = Ed25519PrivateKey.generate()
        (tmp_path / name).write_bytes(sshsig.saved(private))
        (tmp_path / f"{name}.pub").write_text(f"{keys.ed25519(private.public_key()).line}\n")
    return tmp_path


def roster(*words: str) -> str:
    said = StringIO()
    call_command("roster", *words, stdout=said)
    return said.getvalue()


def init(laptop: Path, *more: str) -> str:
    machine = f"worker={laptop / 'worker.pub'}=pool:light"
    return roster(
        "init", "--root", str(laptop / "root"), "--machine", machine, *PLACE, "--out", str(laptop), *more
    )


def test_version_1_is_made_without_a_database(laptop: Path) -> None:
    root = keys.read_line((laptop / "root.pub").read_text()).fingerprint
    assert root in init(laptop)
    assert (laptop / "roster-1.json").is_file()
    assert 'machine:worker namespaces="machine@kfm-review"' in (laptop / "allowed_signers").read_text()


def test_what_is_no_key_of_a_machine_is_refused_in_a_sentence(laptop: Path) -> None:
    with pytest.raises(CommandError, match="NAME=PUBLIC-KEY-FILE=ROLE"):
        init(laptop, "--machine", "worker")
    rsa = ["ssh-keygen", "-q", "-t", "ecdsa", "-N", "", "-f", str(laptop / "other")]
    subprocess.run(rsa, check=True)
    (laptop / "root").write_bytes((laptop / "other").read_bytes())
    with pytest.raises(CommandError, match="Ed25519"):
        init(laptop)


@pytest.mark.django_db
def test_version_1_is_adopted_once_and_under_the_pinned_root(laptop: Path, settings: Settings) -> None:
    init(laptop)
    settings.KFM_ROOT = keys.read_line((laptop / "worker.pub").read_text()).fingerprint
    with pytest.raises(CommandError, match="another root"):
        roster("adopt", str(laptop / "roster-1.json"))
    settings.KFM_ROOT = keys.read_line((laptop / "root.pub").read_text()).fingerprint
    roster("adopt", str(laptop / "roster-1.json"))
    assert Event.objects.get(action="roster.adopted").details["signed_by"] == settings.KFM_ROOT
    with pytest.raises(CommandError, match="does not follow"):
        roster("adopt", str(laptop / "roster-1.json"))
    assert "machine:worker" in roster("show")
    assert roster("allowed-signers") == (laptop / "allowed_signers").read_text()


def later(laptop: Path, *more: str) -> str:
    """Make the next version from the chain as the roster's page gives it."""
    told = [b64encode(one).decode() for one in rosters.envelopes()]
    (laptop / "rosters.json").write_text(json.dumps(told))
    out = ("--out", str(laptop / "next.json"))
    return roster("next", "--root", str(laptop / "root"), *more, *out, str(laptop / "rosters.json"))


@pytest.mark.django_db
def test_a_stolen_key_of_a_machine_is_replaced_by_the_root(laptop: Path, settings: Settings) -> None:
    init(laptop)
    settings.KFM_ROOT = keys.read_line((laptop / "root.pub").read_text()).fingerprint
    roster("adopt", str(laptop / "roster-1.json"))
    stolen = keys.read_line((laptop / "worker.pub").read_text()).fingerprint
    fresh = keys.ed25519(Ed25519PrivateKey.generate().public_key())
    (laptop / "fresh.pub").write_text(fresh.line)
    comes = ("--machine", f"worker={laptop / 'fresh.pub'}=pool:light")
    for words, why in (
        ((), "Say which"),
        (("--retire", stolen), "and why"),
        (("--retire", fresh.fingerprint, "--why", "Stolen."), "is no key of roster 1"),
    ):
        with pytest.raises(CommandError, match=why):
            later(laptop, *words)
    later(laptop, "--retire", stolen, "--why", "Stolen.", *comes)
    roster("adopt", str(laptop / "next.json"))
    current = rosters.kept()[-1]
    assert {one.fingerprint: one.retired_why for one in current.keys} == {
        stolen: "Stolen.",
        fresh.fingerprint: "",
    }
    with pytest.raises(CommandError, match="is no key of roster 2 that is not retired"):
        later(laptop, "--retire", stolen, "--why", "Again.")


@pytest.mark.django_db
def test_the_root_goes_on_from_its_own_chain_alone(laptop: Path) -> None:
    init(laptop)
    for content in ("[]", "{}", '["x"]', "[1]", "", json.dumps([b64encode(b"{}").decode()])):
        (laptop / "bad.json").write_text(content)
        words = ("--root", str(laptop / "root"), "--out", str(laptop / "o"), str(laptop / "bad.json"))
        with pytest.raises(CommandError):
            roster("next", *words)
    assert not (laptop / "o").exists()


@pytest.mark.django_db
def test_a_demo_roster_is_made_in_a_demo_only(laptop: Path, settings: Settings) -> None:
    settings.KFM_ENV = "production"
    with pytest.raises(CommandError, match="refused with KFM_ENV=production"):
        roster("demo", "--keys", str(laptop), "--origin", "http://localhost")
    settings.KFM_ROOT = "SHA256:" + "A" * 43
    assert rosters.kept() == ()
