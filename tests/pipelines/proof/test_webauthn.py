"""Passkeys: the standard's own vector is read, and stock OpenSSH verifies what we wrap of an assertion."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, Hash
from fido2.webauthn import AttestationObject

from pipelines.errors import NotProved
from pipelines.proof import chain, envelope, keys, roster, sshsig, webauthn
from tests.pipelines.bundle import signers

VECTOR = Path(__file__).parents[4] / "shared" / "vectors" / "webauthn-l3" / "none.ES256.json"
NAMESPACE = "exception@kfm-review"
STATEMENT = envelope.statement(subjects={"a": "a" * 64}, predicate_type="urn:x", predicate={})
needs_vector = pytest.mark.skipif(not VECTOR.is_file(), reason="the published vectors are not beside us")


def told() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(VECTOR.read_text())
    return read


def key_of(attested: bytes) -> keys.PublicKey:
    credential = AttestationObject(attested).auth_data.credential_data
    assert credential is not None
    return keys.passkey(x=credential.public_key[-2], y=credential.public_key[-3], rp_id="example.org")


@needs_vector
def test_the_assertion_of_the_standard_is_read_and_verifies() -> None:
    said = told()["authentication"]
    client, data = bytes.fromhex(said["clientDataJSON"]), bytes.fromhex(said["authenticatorData"])
    made = webauthn.assertion(
        authenticator_data=data, client_data=client, signature=bytes.fromhex(said["signature"])
    )
    challenge = bytes.fromhex(said["challenge"])
    webauthn.check_client_data(client, challenge=challenge, origin="https://example.org")
    hashed = Hash(SHA256())
    hashed.update(client)
    key = key_of(bytes.fromhex(told()["registration"]["attestationObject"]))
    key.ecdsa().verify(encode_dss_signature(*made.r_and_s()), data + hashed.finalize(), ECDSA(SHA256()))
    for other in (b"x" * 32, challenge[:-1]):
        with pytest.raises(NotProved, match="another challenge"):
            webauthn.check_client_data(client, challenge=other, origin="https://example.org")


@needs_vector
def test_the_passkey_of_the_standard_is_refused_because_nobody_was_verified() -> None:
    said = told()["registration"]
    with pytest.raises(NotProved, match="did not verify you"):
        webauthn.enrolled(
            attestation_object=bytes.fromhex(said["attestationObject"]),
            client_data=bytes.fromhex(said["clientDataJSON"]),
            challenge=bytes.fromhex(said["challenge"]),
            origin="https://example.org",
            rp_id="example.org",
        )


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="ssh-keygen is not here")
@pytest.mark.parametrize(
    ("message", "namespace", "ended"),
    [(STATEMENT, NAMESPACE, 0), (STATEMENT + b" ", NAMESPACE, 255), (STATEMENT, "release@kfm-review", 255)],
)
def test_openssh_verifies_what_a_browser_made(
    message: bytes, namespace: str, ended: int, tmp_path: Path
) -> None:
    versions = chain.verify_chain(signers.rosters(), root=signers.ROOT_FINGERPRINT)
    allowed = roster.allowed_signers(versions[-1], namespaces=(NAMESPACE,))
    (tmp_path / "allowed").write_text(allowed)
    signed = envelope.read(signers.by_passkey(STATEMENT, namespace=NAMESPACE))
    (tmp_path / "sig").write_text(sshsig.armored(signed.signatures[0].sig))
    command = ["ssh-keygen", "-Y", "verify", "-f", "allowed", "-I", "person:gia", "-s", "sig"]
    command += ["-n", namespace, "-Overify-time=20261125"]
    said = envelope.pae(envelope.PAYLOAD_TYPE, message)
    ran = subprocess.run(command, cwd=tmp_path, input=said, capture_output=True, check=False)
    assert ran.returncode == ended, ran.stderr
