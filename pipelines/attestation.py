"""What machines sign: statements about bytes by digest, in envelopes that name the key."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass

from pipelines import digest
from pipelines.errors import NotStrict, Stopped
from pipelines.model import Job, Json

STATEMENT = "https://in-toto.io/Statement/v1"
PAYLOAD_TYPE = "application/vnd.in-toto+json"
ATTEMPT = "urn:kfm:predicate:attempt:1"
VERIFICATION = "urn:kfm:predicate:verification:1"
TOMBSTONE = "urn:kfm:predicate:tombstone:1"
NAMESPACE = "machine@kfm-review"
VERIFICATION_FIELDS = (
    *("promotion", "nonce", "reproduced", "replayed", "code_differs"),
    *("differences", "gates", "code_digest"),
)
ATTEMPT_FIELDS = ("run", "attempt", "pool", "family", "code_digest")
ENVELOPE_AT_MOST = 64 * 1024


Key = object


def own_key() -> Key | None:
    """Return this process's own key, if it was given one."""
    return None


class NotAttested(Stopped):
    """What a machine is said to have signed is not an envelope around a statement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """An envelope's statement as it was read; nothing is proved by reading it."""

    statement: Json
    payload: bytes
    signed_by: tuple[str, ...]


def statement(predicate_type: str, *, subjects: Mapping[str, str], predicate: Json) -> bytes:
    """Return the canonical bytes of a statement about bytes by name and digest."""
    named = [{"name": name, "digest": {"sha256": digest.check(sha256)}} for name, sha256 in subjects.items()]
    return digest.canonical(
        {"_type": STATEMENT, "subject": named, "predicateType": predicate_type, "predicate": predicate}
    )


def attempt(job: Job, *, manifest: str, prov: str, key: Key | None) -> bytes:
    """Return the envelope of a worker: these are manifest and PROV of an attempt of mine."""
    said = {
        "run": job.run,
        "attempt": job.attempt,
        "pool": job.pool,
        "family": job.family,
        "code_digest": digest.code(),
    }
    return sealed(statement(ATTEMPT, subjects={"manifest": manifest, "prov": prov}, predicate=said), key=key)


def sealed(payload: bytes, *, key: Key | None) -> bytes:  # noqa: ARG001  # what signs is not there yet
    """Return the envelope around a statement, signed where this process has a key."""
    signatures: list[Json] = []
    return digest.canonical(
        {
            "payloadType": PAYLOAD_TYPE,
            "payload": base64.b64encode(payload).decode(),
            "signatures": signatures,
        }
    )


def opened(envelope: bytes) -> Opened:
    """Return what an envelope holds, whoever signed it.

    Raises:
        NotAttested: it is no envelope, or what it holds is no statement in canonical form.
    """
    if len(envelope) > ENVELOPE_AT_MOST:
        raise NotAttested(f"An envelope has {len(envelope):,} bytes; at most {ENVELOPE_AT_MOST:,} are read.")
    try:
        read = digest.read_json(envelope)
        payload = base64.b64decode(read["payload"], validate=True)
        told = digest.read_json(payload)
        signed_by = tuple(str(one["keyid"]) for one in read["signatures"])
        whole = (read["payloadType"], told["_type"]) == (PAYLOAD_TYPE, STATEMENT)
        parts = isinstance(told["predicate"], dict) and all(
            isinstance(one["name"], str) and isinstance(one["digest"]["sha256"], str)
            for one in told["subject"]
        )
    except (NotStrict, KeyError, TypeError, ValueError, binascii.Error) as cause:
        raise NotAttested("What should be signed is no envelope around a statement.") from cause
    if not whole or not parts or digest.canonical(told) != payload:
        raise NotAttested("What should be signed is no statement in canonical form.")
    return Opened(statement=told, payload=payload, signed_by=signed_by)
