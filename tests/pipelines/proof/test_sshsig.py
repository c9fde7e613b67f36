"""Signatures over messages: ours and OpenSSH's are the same, and what differs in a byte is refused."""

import base64
import json
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pipelines.errors import NotProved
from pipelines.proof import keys, sshsig, webauthn

VECTORS = Path(__file__).parents[4] / "shared" / "vectors" / "webauthn-sshsig-own"
SPACE = "exception-approval@kfm.example"
MACHINE = "machine@kfm-review"
needs_vectors = pytest.mark.skipif(not VECTORS.is_dir(), reason="the published vectors are not beside us")
needs_openssh = pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="ssh-keygen is not here")


def signature(name: str) -> bytes:
    return sshsig.dearmored((VECTORS / name).read_text())


def message() -> bytes:
    return (VECTORS / "payload.pae").read_bytes()


@needs_vectors
@pytest.mark.parametrize(
    ("name", "verified"),
    [("approval.sshsig", True), ("approval-no-uv.sshsig", False), ("payload.pae.sig", False)],
)
def test_a_published_signature_verifies(name: str, verified: bool) -> None:  # noqa: FBT001  # a column
    found = sshsig.verify(signature(name), message(), namespace=SPACE)
    assert found.verified is verified


@needs_vectors
@pytest.mark.parametrize("name", ["approval.sshsig", "payload.pae.sig"])
def test_another_message_or_namespace_is_refused(name: str) -> None:
    for other, space in ((message() + b" ", SPACE), (message(), "login@kfm.example")):
        with pytest.raises(NotProved):
            sshsig.verify(signature(name), other, namespace=space)


@needs_vectors
@pytest.mark.parametrize("name", ["approval.sshsig", "payload.pae.sig"])
def test_no_byte_of_a_signature_can_be_changed(name: str) -> None:
    sound = signature(name)
    for at in range(len(sound)):
        broken = sound[:at] + bytes([sound[at] ^ 1]) + sound[at + 1 :]
        with pytest.raises(NotProved):
            sshsig.verify(broken, message(), namespace=SPACE)


@needs_vectors
def test_an_assertion_is_wrapped_as_openssh_wants_it() -> None:
    told = json.loads((VECTORS / "wa.json").read_text())["assertions"]["sshsig"]["response"]
    parts = {
        name: webauthn.from_base64url(told[said])
        for name, said in (
            ("authenticator_data", "authenticatorData"),
            ("client_data", "clientDataJSON"),
            ("signature", "signature"),
        )
    }
    key = sshsig.read(signature("approval.sshsig")).key
    wrapped = sshsig.of_assertion(webauthn.assertion(**parts), key=key, namespace=SPACE)
    assert wrapped == signature("approval.sshsig")


@needs_vectors
def test_a_passkey_of_the_vectors_is_enrolled() -> None:
    told = json.loads((VECTORS / "wa.json").read_text())["reg"]["response"]
    said = webauthn.from_base64url(told["clientDataJSON"])
    challenge = webauthn.from_base64url(json.loads(said)["challenge"])
    attested = webauthn.from_base64url(told["attestationObject"])
    asked = {"challenge": challenge, "origin": "http://localhost:8931", "rp_id": "localhost"}
    found = webauthn.enrolled(attestation_object=attested, client_data=said, **asked)  # type: ignore[arg-type]  # one dict
    assert found.key == sshsig.read(signature("approval.sshsig")).key
    for other in ({"challenge": b"x" * 32}, {"origin": "http://evil"}, {"rp_id": "example.org"}):
        with pytest.raises(NotProved):
            webauthn.enrolled(attestation_object=attested, client_data=said, **(asked | other))  # type: ignore[arg-type]


def test_a_machine_signs_what_it_and_we_verify() -> None:
    private = Ed25519PrivateKey.generate()
    made = sshsig.sign(b"a manifest", namespace=MACHINE, private=private)
    assert sshsig.verify(made, b"a manifest", namespace=MACHINE).key == keys.ed25519(private.public_key())
    assert sshsig.dearmored(sshsig.armored(made)) == made
    with pytest.raises(NotProved, match="not of this message"):
        sshsig.verify(made, b"another", namespace=MACHINE)


@needs_openssh
def test_openssh_accepts_what_a_machine_signs(tmp_path: Path) -> None:
    private = sshsig.load(sshsig.saved(Ed25519PrivateKey.generate()))
    key = keys.ed25519(private.public_key())
    (tmp_path / "allowed").write_text(f'machine:worker namespaces="{MACHINE}" {key.line}\n')
    (tmp_path / "sig").write_text(sshsig.armored(sshsig.sign(b"x", namespace=MACHINE, private=private)))
    words = [
        "ssh-keygen",
        "-Y",
        "verify",
        "-f",
        "allowed",
        "-I",
        "machine:worker",
        "-n",
        MACHINE,
        "-s",
        "sig",
    ]
    assert subprocess.run(words, cwd=tmp_path, input=b"x", capture_output=True, check=False).returncode == 0
    assert subprocess.run(words, cwd=tmp_path, input=b"y", capture_output=True, check=False).returncode != 0


@needs_openssh
@pytest.mark.parametrize(("kind", "bits"), [("ed25519", None), ("ecdsa", "256")])
def test_we_accept_what_openssh_signs(kind: str, bits: str | None, tmp_path: Path) -> None:
    more = ["-b", bits] if bits else []
    subprocess.run(["ssh-keygen", "-q", "-t", kind, *more, "-N", "", "-f", "key"], cwd=tmp_path, check=True)
    (tmp_path / "m").write_bytes(b"a statement")
    subprocess.run(
        ["ssh-keygen", "-q", "-Y", "sign", "-f", "key", "-n", SPACE, "m"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
    )
    key = keys.read_line((tmp_path / "key.pub").read_text())
    found = sshsig.verify(sshsig.dearmored((tmp_path / "m.sig").read_text()), b"a statement", namespace=SPACE)
    assert found.key == key
    told = subprocess.run(
        ["ssh-keygen", "-l", "-f", "key.pub"], cwd=tmp_path, check=True, capture_output=True, text=True
    ).stdout
    assert key.fingerprint in told


@pytest.mark.parametrize("kind", ["rsa", "ecdsa"])
@needs_openssh
def test_weak_or_other_keys_are_refused(kind: str, tmp_path: Path) -> None:
    more = ["-b", "384"] if kind == "ecdsa" else ["-b", "2048"]
    subprocess.run(["ssh-keygen", "-q", "-t", kind, *more, "-N", "", "-f", "key"], cwd=tmp_path, check=True)
    with pytest.raises(NotProved, match="may not sign here"):
        keys.read_line((tmp_path / "key.pub").read_text())


@pytest.mark.parametrize(
    "line", ["", "ssh-ed25519", "ssh-ed25519 !!", "ssh-ed25519 " + base64.b64encode(b"x").decode()]
)
def test_what_is_no_key_is_refused(line: str) -> None:
    with pytest.raises(NotProved):
        keys.read_line(line)
