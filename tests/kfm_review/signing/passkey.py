"""A passkey in software: it answers as a browser's would, and as one that was tampered with."""

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2 import cbor

from pipelines.proof import keys, sshsig, webauthn
from pipelines.proof.keys import PublicKey
from pipelines.proof.webauthn import Assertion

ORIGIN, RP_ID = "http://localhost", "localhost"
PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


@dataclass(frozen=True, slots=True, kw_only=True)
class Passkey:
    """One credential for one rpId, whose browser says that it stands at one origin."""

    origin: str = ORIGIN
    rp_id: str = RP_ID
    private: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(16))

    @property
    def public(self) -> PublicKey:
        """Return the key as OpenSSH knows it."""
        numbers = self.private.public_key().public_numbers()
        x, y = (number.to_bytes(32, "big") for number in (numbers.x, numbers.y))
        return keys.passkey(x=x, y=y, rp_id=self.rp_id)

    def create(
        self,
        challenge: bytes,
        /,
        *,
        flags: int = PRESENT | VERIFIED,
        kind: str = "webauthn.create",
        **said: Any,
    ) -> tuple[bytes, bytes]:
        """Return attestation object and client data, with the passkey's own attestation."""
        client_data = self._client_data(kind, challenge, said)
        numbers = self.private.public_key().public_numbers()
        x, y = (number.to_bytes(32, "big") for number in (numbers.x, numbers.y))
        cose = cbor.encode({1: 2, 3: -7, -1: 1, -2: x, -3: y})  # an EC2 key, ES256, on P-256
        credential = b"\0" * 16 + len(self.credential_id).to_bytes(2, "big") + self.credential_id + cose
        data = self._data(flags | ATTESTED) + credential
        signed = self.private.sign(data + hashlib.sha256(client_data).digest(), ec.ECDSA(SHA256()))
        statement = {"alg": -7, "sig": signed}
        return cbor.encode({"fmt": "packed", "attStmt": statement, "authData": data}), client_data

    def get(
        self, challenge: bytes, /, *, flags: int = PRESENT | VERIFIED, kind: str = "webauthn.get", **said: Any
    ) -> Assertion:
        """Return the answer to a challenge."""
        client_data = self._client_data(kind, challenge, said)
        data = self._data(flags)
        signed = self.private.sign(data + hashlib.sha256(client_data).digest(), ec.ECDSA(SHA256()))
        return webauthn.assertion(authenticator_data=data, client_data=client_data, signature=signed)

    def sign(self, challenge: bytes, /, *, namespace: str, **how: Any) -> bytes:
        """Return the answer as an SSH signature in a namespace."""
        return sshsig.of_assertion(self.get(challenge, **how), key=self.public, namespace=namespace)

    def _data(self, flags: int) -> bytes:
        return hashlib.sha256(self.rp_id.encode()).digest() + bytes([flags]) + (7).to_bytes(4, "big")

    def _client_data(self, kind: str, challenge: bytes, said: dict[str, Any]) -> bytes:
        told = {"type": kind, "challenge": webauthn.base64url(challenge), "origin": self.origin}
        return json.dumps(told | {"crossOrigin": False} | said, separators=(",", ":")).encode()
