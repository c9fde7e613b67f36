"""What a passkey answers (WebAuthn level 3): new keys and assertions, read strictly."""

import base64
import binascii
import hashlib
import json
import struct
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from fido2.attestation.base import Attestation, InvalidAttestation, UnsupportedType
from fido2.cose import ES256
from fido2.webauthn import AttestationObject, AuthenticatorData

from pipelines import digest
from pipelines.errors import NotProved, NotStrict
from pipelines.model import Json
from pipelines.proof import keys
from pipelines.proof.keys import PublicKey

GET, CREATE = "webauthn.get", "webauthn.create"
PRESENT, VERIFIED = 0x01, 0x04
LONGEST = 16 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Assertion:
    """One answer of a passkey to a challenge: nothing of it is verified yet."""

    authenticator_data: bytes
    client_data: bytes
    signature: bytes  # ASN.1 DER

    @property
    def flags(self) -> int:
        return self.authenticator_data[32]

    @property
    def counter(self) -> int:
        return int.from_bytes(self.authenticator_data[33:37], "big")

    @property
    def rp_id_hash(self) -> bytes:
        return self.authenticator_data[:32]

    @property
    def origin(self) -> str:
        return str(client_data(self.client_data).get("origin", ""))

    def r_and_s(self) -> tuple[int, int]:
        """Return the two numbers of the ECDSA signature."""
        try:
            return decode_dss_signature(self.signature)
        except ValueError as cause:
            raise NotProved("The passkey's signature is not ASN.1.") from cause


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolled:
    """A new passkey: its key under its rpId, its id, and the kind of attestation that came with it."""

    key: PublicKey
    credential_id: bytes
    attestation: str
    flags: int


def assertion(*, authenticator_data: bytes, client_data: bytes, signature: bytes) -> Assertion:
    """Return an assertion's parts; refuse authenticator data that are not exactly hash, flags, counter."""
    if len(authenticator_data) != 37:  # noqa: PLR2004  # 32 + 1 + 4: no extensions, no new key
        raise NotProved("The passkey's answer has parts that were not asked for.")
    if max(len(client_data), len(signature)) > LONGEST:
        raise NotProved("The passkey's answer is too long.")
    return Assertion(authenticator_data=authenticator_data, client_data=client_data, signature=signature)


def check_client_data(content: bytes, *, challenge: bytes, origin: str) -> None:
    """Refuse client data of another deed, another challenge or another origin, or from within a frame."""
    said = client_data(content)
    wanted = {"type": GET, "challenge": base64url(challenge), "origin": origin}
    for name, value in wanted.items():
        if said.get(name) != value:
            raise NotProved(f"The passkey answered with another {name} than the one asked for.")
    if said.get("crossOrigin", False) is not False or "topOrigin" in said:
        raise NotProved("The passkey was asked from within another site's page.")
    start = json.dumps(wanted, separators=(",", ":"), ensure_ascii=False)[:-1].encode()
    if not content.startswith(start):  # the order that OpenSSH demands
        raise NotProved("The passkey's client data are not in the order that the standard gives.")


def client_data(content: bytes) -> Json:
    """Return clientDataJSON, read strictly."""
    if len(content) > LONGEST:
        raise NotProved("The passkey's client data are too long.")
    try:
        said = digest.read_json(content)
    except NotStrict as cause:
        raise NotProved(f"The passkey's client data are not strict JSON: {cause}") from cause
    if not isinstance(said, dict):
        raise NotProved("The passkey's client data are no object.")
    return said


def enrolled(
    *, attestation_object: bytes, client_data: bytes, challenge: bytes, origin: str, rp_id: str
) -> Enrolled:
    """Return a new passkey after checking that it answers this challenge, here, by a verified person.

    Raises:
        NotProved: another challenge, origin or rpId; nobody was present or verified; not an ES256 key;
            an attestation statement that is not one.
    """
    _check_created(client_data, challenge=challenge, origin=origin)
    if len(attestation_object) > LONGEST:
        raise NotProved("The passkey's attestation is too long.")
    try:
        attested = AttestationObject(attestation_object)
        data = AuthenticatorData(attested.auth_data)
        credential = data.credential_data
        public = None if credential is None else credential.public_key
    except (
        ValueError,
        TypeError,
        LookupError,
        AttributeError,
        ArithmeticError,
        RecursionError,
        struct.error,
    ) as cause:
        raise NotProved("The passkey's attestation cannot be read.") from cause
    if credential is None or not isinstance(public, ES256):
        raise NotProved("The passkey is not of the kind ES256, which alone can sign here: choose another.")
    if data.rp_id_hash != hashlib.sha256(rp_id.encode()).digest():
        raise NotProved(f"The passkey was made for another place than {rp_id}.")
    flags = int(data.flags)
    if not flags & PRESENT or not flags & VERIFIED:
        raise NotProved("The passkey did not verify you: use one with a PIN, fingerprint or face.")
    return Enrolled(
        key=keys.passkey(x=public[-2], y=public[-3], rp_id=rp_id),
        credential_id=bytes(credential.credential_id),
        attestation=_attestation(attested, data, client_data),
        flags=flags,
    )


def _attestation(attested: AttestationObject, data: AuthenticatorData, client_data: bytes) -> str:
    """Return the attestation's format, and whether it verifies; refuse one that is checked and does not."""
    known = Attestation.for_type(str(attested.fmt))()
    try:
        known.verify(attested.att_stmt, data, hashlib.sha256(client_data).digest())
    except UnsupportedType:
        return f"{attested.fmt}, not checked"
    except (InvalidAttestation, ValueError, TypeError, KeyError, IndexError, AttributeError) as cause:
        raise NotProved(f"The passkey's attestation of the format {attested.fmt} does not hold.") from cause
    return str(attested.fmt)


def base64url(content: bytes) -> str:
    """Return base64url without padding, as WebAuthn writes bytes in JSON."""
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def from_base64url(text: str) -> bytes:
    """Return the bytes of unpadded base64url; refuse anything else."""
    if len(text) > 2 * LONGEST:
        raise NotProved("The passkey's answer is too long.")
    try:
        content = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as cause:
        raise NotProved("The passkey's answer is not base64url.") from cause
    if base64url(content) != text:
        raise NotProved("The passkey's answer is not base64url in its one form.")
    return content


def _check_created(content: bytes, *, challenge: bytes, origin: str) -> None:
    said = client_data(content)
    wanted = {"type": CREATE, "challenge": base64url(challenge), "origin": origin}
    for name, value in wanted.items():
        if said.get(name) != value:
            raise NotProved(f"The passkey answered with another {name} than the one asked for.")
    if said.get("crossOrigin", False) is not False:
        raise NotProved("The passkey was asked from within another site's page.")
