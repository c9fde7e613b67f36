"""Statements (in-toto v1) in signed envelopes (DSSE v1), and the exact bytes that are signed."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass

from pipelines import digest
from pipelines.errors import NotADigest, NotProved, NotStrict
from pipelines.model import Json

PAYLOAD_TYPE = "application/vnd.in-toto+json"
STATEMENT = "https://in-toto.io/Statement/v1"
LONGEST = 1024 * 1024
MOST_SIGNATURES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """One signature of an envelope: the fingerprint of its key, and the binary SSHSIG."""

    keyid: str
    sig: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    payload: bytes
    signatures: tuple[Signature, ...]
    payload_type: str = PAYLOAD_TYPE

    @property
    def signed(self) -> bytes:
        """Return what every signature is made over."""
        return pae(self.payload_type, self.payload)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What an envelope states: of which things, by name and SHA-256, and what about them."""

    subjects: Mapping[str, str]
    predicate_type: str
    predicate: Json
    content: bytes


def pae(payload_type: str, payload: bytes) -> bytes:
    """Return DSSE's pre-authentication encoding."""
    kind = payload_type.encode()
    return b" ".join((b"DSSEv1", str(len(kind)).encode(), kind, str(len(payload)).encode(), payload))


def statement(*, subjects: Mapping[str, str], predicate_type: str, predicate: Json) -> bytes:
    """Return the canonical bytes of a statement about `subjects`, which maps names to SHA-256."""
    if not subjects:
        raise NotProved("A statement must be about something: it has no subject.")
    return digest.canonical(
        {
            "_type": STATEMENT,
            "subject": [
                {"name": name, "digest": {"sha256": digest.check(sha256)}}
                for name, sha256 in sorted(subjects.items())
            ],
            "predicateType": predicate_type,
            "predicate": predicate,
        }
    )


def parse_statement(content: bytes) -> Statement:
    """Return a statement's parts; refuse one that is not canonical, or says less or more.

    Raises:
        NotProved: with what is wrong.
    """
    said = _json(content, of="The statement")
    if set(said) != {"_type", "subject", "predicateType", "predicate"} or said["_type"] != STATEMENT:
        raise NotProved("This is no in-toto statement of version 1.")
    if digest.canonical(said) != content:
        raise NotProved("The statement is not in canonical form: its digest would name other bytes.")
    if not isinstance(said["predicate"], dict) or not isinstance(said["predicateType"], str):
        raise NotProved("The statement has no predicate.")
    return Statement(
        subjects=_subjects(said["subject"]),
        predicate_type=said["predicateType"],
        predicate=said["predicate"],
        content=content,
    )


def write(envelope: Envelope) -> bytes:
    """Return an envelope's canonical bytes."""
    return digest.canonical(
        {
            "payloadType": envelope.payload_type,
            "payload": base64.b64encode(envelope.payload).decode(),
            "signatures": [
                {"keyid": one.keyid, "sig": base64.b64encode(one.sig).decode()} for one in envelope.signatures
            ],
        }
    )


def read(content: bytes) -> Envelope:
    """Return an envelope's parts, unverified; refuse none, too many or twice the same key's signature."""
    said = _json(content, of="The envelope")
    signatures = said.get("signatures")
    if set(said) != {"payloadType", "payload", "signatures"} or not isinstance(signatures, list):
        raise NotProved("This is no DSSE envelope.")
    if said["payloadType"] != PAYLOAD_TYPE or digest.canonical(said) != content:
        raise NotProved("The envelope holds no statement, or is not in canonical form.")
    if not 1 <= len(signatures) <= MOST_SIGNATURES:
        raise NotProved(f"An envelope has 1 to {MOST_SIGNATURES} signatures, not {len(signatures)}.")
    read_ = tuple(_signature(one) for one in signatures)
    if len({one.keyid for one in read_}) != len(read_):
        raise NotProved("The envelope holds two signatures of one key.")
    return Envelope(
        payload=_bytes(said["payload"]), signatures=read_, payload_type=_text(said["payloadType"])
    )


def _signature(said: object) -> Signature:
    if not isinstance(said, dict) or set(said) != {"keyid", "sig"}:
        raise NotProved("A signature of the envelope does not name its key and its bytes.")
    return Signature(keyid=_text(said["keyid"]), sig=_bytes(said["sig"]))


def _subjects(said: object) -> dict[str, str]:
    if not isinstance(said, list) or not said:
        raise NotProved("The statement is about nothing: it has no subject.")
    found: dict[str, str] = {}
    for one in said:
        named = one.get("digest") if isinstance(one, dict) and set(one) == {"name", "digest"} else None
        if not isinstance(named, dict) or set(named) != {"sha256"}:
            raise NotProved("A subject of the statement is not named by its SHA-256 alone.")
        name = _text(one["name"])
        if name in found:
            raise NotProved(f"The statement names {name[:80]!r} twice.")
        try:
            found[name] = digest.check(_text(named["sha256"]))
        except NotADigest as cause:
            raise NotProved(str(cause)) from cause
    return found


def _json(content: bytes, *, of: str) -> Json:
    if len(content) > LONGEST:
        raise NotProved(f"{of} has {len(content):,} bytes; at most {LONGEST:,} are read.")
    try:
        said = digest.read_json(content)
    except NotStrict as cause:
        raise NotProved(f"{of} is not strict JSON: {cause}") from cause
    if not isinstance(said, dict):
        raise NotProved(f"{of} is no object.")
    return said


def _bytes(said: object) -> bytes:
    try:
        found = base64.b64decode(_text(said), validate=True)
    except (binascii.Error, ValueError) as cause:
        raise NotProved("The envelope's base64 is damaged.") from cause
    if base64.b64encode(found).decode() != said:
        raise NotProved("The envelope's base64 is not in its one form.")
    return found


def _text(said: object) -> str:
    if not isinstance(said, str):
        raise NotProved(f"A text is expected where {type(said).__name__} stands.")
    return said
