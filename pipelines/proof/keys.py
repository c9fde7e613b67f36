"""Public keys in OpenSSH's form: Ed25519, ECDSA on P-256, and both on a security key or passkey."""

import base64
import binascii
import hashlib
from dataclasses import dataclass

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from pipelines.errors import NotProved
from pipelines.proof import wire

ED25519 = "ssh-ed25519"
ECDSA = "ecdsa-sha2-nistp256"
SK_ED25519 = "sk-ssh-ed25519@openssh.com"
SK_ECDSA = "sk-ecdsa-sha2-nistp256@openssh.com"
TYPES = (ED25519, ECDSA, SK_ED25519, SK_ECDSA)
ON_DEVICE = (SK_ED25519, SK_ECDSA)
CURVE = "nistp256"
LONGEST_LINE = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicKey:
    """One key: `blob` is RFC 4253's encoding, `application` a security key's or the passkey's rpId."""

    type: str
    blob: bytes
    material: bytes  # Ed25519: 32 bytes; P-256: the uncompressed point, 65 bytes
    application: str = ""

    @property
    def fingerprint(self) -> str:
        """Return `SHA256:` and the unpadded base64 of the blob's SHA-256, as `ssh-keygen -l` prints it."""
        return "SHA256:" + base64.b64encode(hashlib.sha256(self.blob).digest()).decode().rstrip("=")

    @property
    def line(self) -> str:
        """Return the key as a line of `authorized_keys`, without a comment."""
        return f"{self.type} {base64.b64encode(self.blob).decode()}"

    def ed25519(self) -> Ed25519PublicKey:
        return Ed25519PublicKey.from_public_bytes(self.material)

    def ecdsa(self) -> EllipticCurvePublicKey:
        return EllipticCurvePublicKey.from_encoded_point(SECP256R1(), self.material)


def read_line(line: str) -> PublicKey:
    """Return the key of a line `type base64 [comment]`.

    Raises:
        NotProved: it is no such line, or a key of a kind that may not sign here.
    """
    words = line.strip().split()
    if len(line) > LONGEST_LINE or len(words) < 2 or "\n" in line.strip():  # noqa: PLR2004  # type and key
        raise NotProved("This is not one public key: a line `ssh-ed25519 AAAA…` is expected.")
    if words[0] not in TYPES:
        raise NotProved(f"A key of type {words[0][:60]} may not sign here: use one of {', '.join(TYPES)}.")
    try:
        blob = base64.b64decode(words[1], validate=True)
    except binascii.Error as cause:
        raise NotProved("The key's base64 is damaged: copy the whole line again.") from cause
    key = read_blob(blob)
    if key.type != words[0]:
        raise NotProved(f"The line says {words[0]}, the key inside is {key.type}.")
    return key


def read_blob(blob: bytes) -> PublicKey:
    """Return the key of RFC 4253's encoding, or refuse it: unknown type, point off the curve, more bytes."""
    read = wire.Reader(blob, of="The public key")
    kind = read.text()
    if kind not in TYPES:
        raise NotProved(f"A key of type {kind[:60]} may not sign here: use one of {', '.join(TYPES)}.")
    if kind in (ECDSA, SK_ECDSA) and read.text() != CURVE:
        raise NotProved(f"The key is not on the curve {CURVE}.")
    material = read.string()
    application = read.text() if kind in ON_DEVICE else ""
    read.end()
    key = PublicKey(type=kind, blob=blob, material=material, application=application)
    try:
        key.ecdsa() if kind in (ECDSA, SK_ECDSA) else key.ed25519()
    except (ValueError, UnsupportedAlgorithm) as cause:
        raise NotProved("The key is no point of its curve.") from cause
    if kind in (ECDSA, SK_ECDSA) and (len(material) != 65 or material[0] != 4):  # noqa: PLR2004  # x and y
        raise NotProved("The key's point is not in its long form.")
    return key


def ed25519(public: Ed25519PublicKey) -> PublicKey:
    """Return a machine's key."""
    material = public.public_bytes_raw()
    return read_blob(wire.string(ED25519.encode()) + wire.string(material))


def passkey(*, x: bytes, y: bytes, rp_id: str) -> PublicKey:
    """Return a passkey's P-256 key, of 32 bytes x and 32 bytes y, under the rpId it was made for."""
    blob = b"".join(
        wire.string(part) for part in (SK_ECDSA.encode(), CURVE.encode(), b"\x04" + x + y, rp_id.encode())
    )
    return read_blob(blob)
