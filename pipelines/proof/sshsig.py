"""SSHSIG: signatures over any message in a named namespace, as `ssh-keygen -Y` makes and checks them.

Format: OpenSSH's PROTOCOL.sshsig; signatures of security keys: PROTOCOL.u2f, with its WebAuthn form.
"""

import base64
import binascii
import hashlib
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_ssh_private_key,
)

from pipelines.errors import NotProved
from pipelines.proof import keys, webauthn, wire
from pipelines.proof.keys import PublicKey

MAGIC = b"SSHSIG"
VERSION = 1
HASH = "sha512"
BEGIN, END = "-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----"
WEBAUTHN = "webauthn-sk-ecdsa-sha2-nistp256@openssh.com"
PRESENT, VERIFIED = 0x01, 0x04
LONGEST = 16 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """One SSHSIG as it was read; what a security key adds is empty for plain keys."""

    key: PublicKey
    namespace: str
    type: str
    blob: bytes
    flags: int = 0
    counter: int = 0
    origin: str = ""
    client_data: bytes = b""

    @property
    def present(self) -> bool:
        return bool(self.flags & PRESENT)

    @property
    def verified(self) -> bool:
        return bool(self.flags & VERIFIED)


def to_be_signed(message: bytes, *, namespace: str) -> bytes:
    """Return the bytes that a key really signs for `message`; for a passkey they are the challenge."""
    parts = (namespace.encode(), b"", HASH.encode(), hashlib.sha512(message).digest())
    return MAGIC + b"".join(map(wire.string, parts))


def read(content: bytes) -> Signature:
    """Return the parts of a binary SSHSIG; nothing is verified yet.

    Raises:
        NotProved: it is not one, is of a kind we do not take, or goes on after its end.
    """
    if len(content) > LONGEST:
        raise NotProved(f"A signature of {len(content):,} bytes is not read; at most {LONGEST:,} are.")
    outer = wire.Reader(content, of="The signature")
    if outer.take(len(MAGIC)) != MAGIC or outer.number() != VERSION:
        raise NotProved("This is no SSH signature: sign with `ssh-keygen -Y sign`.")
    key = keys.read_blob(outer.string())
    namespace = outer.text()
    if outer.string() != b"":
        raise NotProved("The signature has a reserved field that must be empty.")
    if (hashed := outer.text()) != HASH:
        raise NotProved(f"The signature hashes with {hashed[:20]}; {HASH} is expected.")
    inner = wire.Reader(outer.string(), of="The signature")
    outer.end()
    return _inner(inner, key=key, namespace=namespace)


def verify(content: bytes, message: bytes, *, namespace: str) -> Signature:
    """Return the signature of `message` in `namespace`, verified; whose key it is, a roster says.

    Raises:
        NotProved: another namespace, another message, or a signature that does not fit its key.
    """
    found = read(content)
    if found.namespace != namespace:
        raise NotProved(f"The signature is for {found.namespace[:60]!r}, not for {namespace!r}.")
    signed = to_be_signed(message, namespace=namespace)
    try:
        _verify(found, _by_device(found, signed) if found.key.type in keys.ON_DEVICE else signed)
    except InvalidSignature as cause:
        raise NotProved("The signature is not of this message by this key.") from cause
    return found


def sign(message: bytes, *, namespace: str, private: Ed25519PrivateKey) -> bytes:
    """Return the binary SSHSIG of a machine."""
    blob = private.sign(to_be_signed(message, namespace=namespace))
    inner = wire.string(keys.ED25519.encode()) + wire.string(blob)
    return _written(keys.ed25519(private.public_key()), namespace, inner)


def of_assertion(assertion: webauthn.Assertion, *, key: PublicKey, namespace: str) -> bytes:
    """Return a passkey's assertion as the binary SSHSIG that stock `ssh-keygen` verifies."""
    r, s = assertion.r_and_s()
    inner = (
        wire.string(WEBAUTHN.encode())
        + wire.string(wire.mpint(r) + wire.mpint(s))
        + bytes([assertion.flags])
        + wire.number(assertion.counter)
        + wire.string(assertion.origin.encode())
        + wire.string(assertion.client_data)
        + wire.string(b"")
    )
    return _written(key, namespace, inner)


def armored(content: bytes) -> str:
    """Return the text form, in lines of 70 signs."""
    text = base64.b64encode(content).decode()
    lines = [text[at : at + 70] for at in range(0, len(text), 70)]
    return "\n".join((BEGIN, *lines, END, ""))


def dearmored(text: str) -> bytes:
    """Return the binary form of a text that `ssh-keygen -Y sign` wrote."""
    lines = text.strip().splitlines()
    if len(text) > 2 * LONGEST or len(lines) < 3 or (lines[0].strip(), lines[-1].strip()) != (BEGIN, END):  # noqa: PLR2004
        raise NotProved("This is no SSH signature: upload the .sig file that `ssh-keygen -Y sign` wrote.")
    try:
        return base64.b64decode("".join(line.strip() for line in lines[1:-1]), validate=True)
    except binascii.Error as cause:
        raise NotProved("The signature's base64 is damaged: upload the .sig file again.") from cause


def load(content: bytes) -> Ed25519PrivateKey:
    """Return a machine's private key from an OpenSSH file without a passphrase."""
    try:
        found = load_ssh_private_key(content, password=None)
    except ValueError as cause:
        raise NotProved("This is no OpenSSH private key without a passphrase.") from cause
    if not isinstance(found, Ed25519PrivateKey):
        raise NotProved("A machine signs with an Ed25519 key, and this is another.")
    return found


def saved(private: Ed25519PrivateKey) -> bytes:
    """Return a private key as the OpenSSH file that `load` and `ssh-keygen` read."""
    return private.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())


def _inner(read_: wire.Reader, *, key: PublicKey, namespace: str) -> Signature:
    kind, blob = read_.text(), read_.string()
    flags = counter = 0
    origin, client_data = "", b""
    if key.type in keys.ON_DEVICE:
        flags, counter = read_.byte(), read_.number()
    if kind == WEBAUTHN and key.type == keys.SK_ECDSA:
        origin, client_data = read_.text(), read_.string()
        if read_.string():
            raise NotProved("The passkey adds extensions, which are not taken.")
    read_.end()
    wanted = (key.type, WEBAUTHN) if key.type == keys.SK_ECDSA else (key.type,)
    if kind not in wanted:
        raise NotProved(f"The signature is of type {kind[:60]}, its key of type {key.type}.")
    return Signature(
        key=key,
        namespace=namespace,
        type=kind,
        blob=blob,
        flags=flags,
        counter=counter,
        origin=origin,
        client_data=client_data,
    )


def _written(key: PublicKey, namespace: str, inner: bytes) -> bytes:
    parts = (key.blob, namespace.encode(), b"", HASH.encode(), inner)
    return MAGIC + wire.number(VERSION) + b"".join(map(wire.string, parts))


def _by_device(found: Signature, signed: bytes) -> bytes:
    """Return what a security key signs: application, flags, counter, and the digest of what it was shown."""
    shown = signed
    if found.type == WEBAUTHN:
        webauthn.check_client_data(found.client_data, challenge=signed, origin=found.origin)
        shown = found.client_data
    application = hashlib.sha256(found.key.application.encode()).digest()
    return application + bytes([found.flags]) + wire.number(found.counter) + hashlib.sha256(shown).digest()


def _verify(found: Signature, signed: bytes) -> None:
    if found.key.type in (keys.ED25519, keys.SK_ED25519):
        found.key.ed25519().verify(found.blob, signed)
        return
    read_ = wire.Reader(found.blob, of="The signature")
    r, s = (wire.positive(read_.string(), of="The signature") for _ in range(2))
    read_.end()
    found.key.ecdsa().verify(encode_dss_signature(r, s), signed, ECDSA(SHA256()))
