"""Statements and envelopes: the bytes that the standard's vector names, and nothing loose about them."""

import base64
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicNumbers
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from pipelines import digest
from pipelines.errors import NotProved
from pipelines.proof import envelope

VECTORS = Path(__file__).parents[4] / "shared" / "vectors"
STATEMENT = envelope.statement(
    subjects={"b": "b" * 64, "a": "a" * 64}, predicate_type="urn:x", predicate={"y": 1}
)
ENVELOPE = envelope.write(
    envelope.Envelope(payload=STATEMENT, signatures=(envelope.Signature(keyid="k", sig=b"s"),))
)
needs_vectors = pytest.mark.skipif(not VECTORS.is_dir(), reason="the published vectors are not beside us")


@needs_vectors
def test_the_vector_of_the_standard_is_encoded_and_verifies() -> None:
    (file,) = (VECTORS / "dsse").glob("*.json")
    told = json.loads(file.read_text())
    encoded = envelope.pae(told["payloadType"], told["payload"].encode())
    assert encoded == told["pae"].encode()
    sig = base64.b64decode(told["envelope"]["signatures"][0]["sig"])
    key = EllipticCurvePublicNumbers(int(told["key"]["X"]), int(told["key"]["Y"]), SECP256R1()).public_key()
    r, s = int.from_bytes(sig[:32], "big"), int.from_bytes(sig[32:], "big")
    key.verify(encode_dss_signature(r, s), encoded, ECDSA(SHA256()))


@needs_vectors
@pytest.mark.parametrize("name", ["arrays", "french", "structures", "unicode", "values", "weird"])
def test_canonical_json_is_the_published(name: str) -> None:
    folder = VECTORS / "jcs-rfc8785"
    value = json.loads((folder / "input" / f"{name}.json").read_text(encoding="utf-8"))
    assert digest.canonical(value) == (folder / "output" / f"{name}.json").read_bytes()


def test_statement_and_envelope_come_back() -> None:
    read = envelope.read(ENVELOPE)
    assert read.signed == envelope.pae(envelope.PAYLOAD_TYPE, STATEMENT)
    said = envelope.parse_statement(read.payload)
    assert (dict(said.subjects), said.predicate) == ({"a": "a" * 64, "b": "b" * 64}, {"y": 1})


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"_type"', b'"_typo"'),
        (b"/v1", b"/v2"),
        (b'"predicate":{"y":1}', b'"predicate":1'),
        (b'"predicate":{"y":1}', b'"predicate": {"y":1}'),
        (b'{"sha256":"' + b"a" * 64, b'{"sha256":"' + b"a" * 63),
        (b'{"sha256"', b'{"sha512"'),
        (b'"name":"b"', b'"name":"a"'),
    ],
)
def test_a_loose_statement_is_refused(old: bytes, new: bytes) -> None:
    assert old in STATEMENT
    with pytest.raises(NotProved):
        envelope.parse_statement(STATEMENT.replace(old, new))


def test_a_statement_about_nothing_is_refused() -> None:
    with pytest.raises(NotProved, match="no subject"):
        envelope.statement(subjects={}, predicate_type="urn:x", predicate={})


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"payloadType"', b'"payloadTyp"'),
        (b'"signatures":[', b'"signatures":[{"keyid":"k","sig":"cw=="},'),
        (b'[{"keyid":"k","sig":"cw=="}]', b"[]"),
        (b'"cw=="', b'"c%=="'),
        (b'"cw=="', b"1"),
        (b'"keyid":"k"', b'"key":"k"'),
    ],
)
def test_a_loose_envelope_is_refused(old: bytes, new: bytes) -> None:
    assert old in ENVELOPE
    with pytest.raises(NotProved):
        envelope.read(ENVELOPE.replace(old, new))
