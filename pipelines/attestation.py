"""What machines sign: statements about bytes by digest, in envelopes that name the key."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pipelines import digest
from pipelines.errors import NotProved
from pipelines.model import Job, Json
from pipelines.proof import envelope, keys, signers, sshsig
from pipelines.proof.envelope import Envelope, Signature, Statement

ATTEMPT = "urn:kfm:predicate:attempt:1"
VERIFICATION = "urn:kfm:predicate:verification:1"
TOMBSTONE = "urn:kfm:predicate:tombstone:1"
NAMESPACE = "machine@kfm-review"
ATTEMPT_FIELDS = ("run", "attempt", "pool", "family", "code_digest")
VERIFICATION_FIELDS = (
    *("promotion", "nonce", "reproduced", "replayed", "code_differs"),
    *("differences", "gates", "code_digest"),
)
AT_MOST = 64 * 1024
OTHERS = 0o077

Key = Ed25519PrivateKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A statement, and the fingerprints of the keys whose signatures on it are true; none if it is bare."""

    statement: Statement
    signed_by: tuple[str, ...]


def own_key() -> Key | None:
    """Return this process's own key, if it was given one; one that others may read is none."""
    named = os.environ.get("KFM_KEY_FILE")
    return _key(Path(named)) if named else None


def statement(predicate_type: str, *, subjects: Mapping[str, str], predicate: Json) -> bytes:
    """Return the canonical bytes of a statement about bytes by name and digest."""
    return envelope.statement(subjects=subjects, predicate_type=predicate_type, predicate=predicate)


def attempt(job: Job, *, manifest: str, prov: str, key: Key | None) -> bytes:
    """Return what a worker signs: these are manifest and PROV of an attempt of mine."""
    said = {
        "run": job.run,
        "attempt": job.attempt,
        "pool": job.pool,
        "family": job.family,
        "code_digest": digest.code(),
    }
    return sealed(statement(ATTEMPT, subjects={"manifest": manifest, "prov": prov}, predicate=said), key=key)


def sealed(payload: bytes, *, key: Key | None) -> bytes:
    """Return a statement in an envelope that this process signed; without a key it stays bare."""
    if key is None:
        return payload
    signed = Envelope(payload=payload, signatures=()).signed
    mine = Signature(
        keyid=keys.ed25519(key.public_key()).fingerprint,
        sig=sshsig.sign(signed, namespace=NAMESPACE, private=key),
    )
    return envelope.write(Envelope(payload=payload, signatures=(mine,)))


def opened(content: bytes) -> Opened:
    """Return what an envelope, or a bare statement, says, and whose true signatures are on it.

    Raises:
        NotProved: it is neither, or a signature on it is false; whether a key counts, a roster says.
    """
    if len(content) > AT_MOST:
        raise NotProved(f"What a machine signs has at most {AT_MOST:,} bytes, not {len(content):,}.")
    if not content.startswith(b'{"payload"'):
        return Opened(statement=envelope.parse_statement(content), signed_by=())
    read = envelope.read(content)
    return Opened(
        statement=envelope.parse_statement(read.payload),
        signed_by=tuple(_signer(read, one) for one in read.signatures),
    )


def _signer(read: Envelope, one: Signature) -> str:
    return signers.verified(read, one, namespace=NAMESPACE).key.fingerprint


@lru_cache(maxsize=2)
def _key(file: Path) -> Key:
    if file.stat().st_mode & OTHERS:
        raise NotProved(f"{file.name} can be read by others: a machine's key needs mode 0600.")
    return sshsig.load(file.read_bytes())
