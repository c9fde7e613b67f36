"""Who signs in made-up evidence: a root, machines, people with keys and a passkey, and their roster."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    derive_private_key,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256

from pipelines import digest
from pipelines.proof import envelope, keys, roster, sshsig, webauthn
from pipelines.proof.keys import PublicKey
from pipelines.proof.roster import Key, Roster

Json = dict[str, Any]
MORNING = datetime(2026, 11, 24, 8, tzinfo=UTC)
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
ROOT, ANN, WORKER, VERIFY, SEQUENCER, WITNESS = (
    Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in range(1, 7)
)
PASSKEY: EllipticCurvePrivateKey = derive_private_key(7, SECP256R1())
ORIGIN, RP_ID, LOG = "http://localhost:8000", "localhost", "kfm-review/audit"


def public(private: Ed25519PrivateKey) -> PublicKey:
    return keys.ed25519(private.public_key())


ROOT_FINGERPRINT = public(ROOT).fingerprint


def passkey() -> PublicKey:
    numbers = PASSKEY.public_key().public_numbers()
    return keys.passkey(x=numbers.x.to_bytes(32, "big"), y=numbers.y.to_bytes(32, "big"), rp_id=RP_ID)


def key(of: PublicKey, holder: str, *roles: str, kind: str = "machine", **more: Any) -> Key:
    told: Json = {"name": holder, "since": MORNING, "until": None} | more
    return Key(public=of, holder=holder, kind=kind, roles=roles, **told)


MACHINES = (
    key(public(WORKER), "machine:worker", "pool:light", "pool:geo"),
    key(public(VERIFY), "machine:verify", "verify"),
    key(public(SEQUENCER), "machine:control", "sequencer"),
    key(public(WITNESS), "machine:witness", "witness"),
)
PEOPLE = (
    key(public(ANN), "person:ann", "governance", kind="ssh"),
    key(passkey(), "person:gia", "governance", kind="passkey"),
)


def enveloped(payload: bytes, by: Ed25519PrivateKey, *, namespace: str) -> bytes:
    made_ = sshsig.sign(envelope.pae(envelope.PAYLOAD_TYPE, payload), namespace=namespace, private=by)
    one = envelope.Signature(keyid=public(by).fingerprint, sig=made_)
    return envelope.write(envelope.Envelope(payload=payload, signatures=(one,)))


def by_passkey(payload: bytes, *, namespace: str, flags: int = 5, **more: object) -> bytes:
    """Return an envelope that a passkey signed, as a browser would have made it."""
    message = envelope.pae(envelope.PAYLOAD_TYPE, payload)
    challenge = webauthn.base64url(sshsig.to_be_signed(message, namespace=namespace))
    said = {"type": webauthn.GET, "challenge": challenge, "origin": ORIGIN, "crossOrigin": False} | more
    client = json.dumps(said, separators=(",", ":")).encode()
    data = hashlib.sha256(RP_ID.encode()).digest() + bytes([flags]) + (9).to_bytes(4, "big")
    sig = PASSKEY.sign(data + hashlib.sha256(client).digest(), ECDSA(SHA256()))
    assertion = webauthn.assertion(authenticator_data=data, client_data=client, signature=sig)
    wrapped = sshsig.of_assertion(assertion, key=passkey(), namespace=namespace)
    one = envelope.Signature(keyid=passkey().fingerprint, sig=wrapped)
    return envelope.write(envelope.Envelope(payload=payload, signatures=(one,)))


def rosters() -> tuple[bytes, ...]:
    """Return two versions: the root's, and one that a person signed."""
    first = Roster(
        version=1,
        previous=None,
        root=ROOT_FINGERPRINT,
        issued_at=MORNING,
        origins=(ORIGIN,),
        rp_ids=(RP_ID,),
        keys=(*MACHINES, PEOPLE[0]),
    )
    one = roster.statement(roster.document(first, id_="r-1", nonce="0" * 32))
    second = replace(
        first,
        version=2,
        previous=digest.of(one),
        issued_at=MORNING + timedelta(hours=1),
        keys=(*MACHINES, *PEOPLE),
    )
    two = roster.statement(roster.document(second, id_="r-2", nonce="1" * 32))
    return (
        enveloped(one, ROOT, namespace=roster.NAMESPACE),
        enveloped(two, ANN, namespace=roster.NAMESPACE),
    )
