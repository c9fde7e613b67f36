"""What somebody sends to break a reader: every one of it is refused with a sentence, none of it crashes."""

import base64
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pipelines import digest
from pipelines.errors import NotProved
from pipelines.model import Json
from pipelines.proof import envelope, keys, note, roster, sshsig, webauthn, wire
from tests.pipelines.proof.test_roster import SECOND

ROSTER = roster.document(SECOND, id_="r", nonce="0" * 32)
SIGNED = sshsig.sign(b"x", namespace="n", private=Ed25519PrivateKey.from_private_bytes(b"k" * 32))
HOSTILE: list[object] = [None, 0, -1, 1.5, "", "x" * 9, [], [[]], {}, {"at": 1}, [1], True, {"sha256": 1}]
ROOT = base64.b64encode(b"r" * 32).decode()


@pytest.mark.parametrize("field", [name for name in ROSTER if name != "keys"])
@pytest.mark.parametrize("value", HOSTILE, ids=str)
def test_no_field_of_a_roster_takes_anything(field: str, value: object) -> None:
    content = roster.statement(ROSTER | {field: value})
    if field in ("id", "nonce") or roster_is_plain(field, value):
        roster.parse(content)
        return
    with pytest.raises(NotProved):
        roster.parse(content)


def roster_is_plain(field: str, value: object) -> bool:
    return field in ("origins", "rp_ids") and value == []


@pytest.mark.parametrize(
    "field", ["fingerprint", "line", "holder", "kind", "roles", "from", "until", "retired"]
)
@pytest.mark.parametrize("value", HOSTILE, ids=str)
def test_no_field_of_a_key_takes_anything(field: str, value: object) -> None:
    told: Json = ROSTER | {"keys": [ROSTER["keys"][0] | {field: value}]}
    if (field, value) in (("roles", []), ("until", None), ("retired", None)):
        roster.parse(roster.statement(told))
        return
    with pytest.raises(NotProved):
        roster.parse(roster.statement(told))


@pytest.mark.parametrize(
    "holder", ["person:a b", "person:a\n*", 'person:"a', "person:", "machine:ann", "ann"]
)
def test_a_holder_is_one_word_of_allowed_signers(holder: str) -> None:
    told: Json = ROSTER | {"keys": [ROSTER["keys"][0] | {"holder": holder}]}
    with pytest.raises(NotProved):
        roster.parse(roster.statement(told))


@pytest.mark.parametrize("value", HOSTILE, ids=str)
def test_no_subject_takes_anything(value: object) -> None:
    said = {"_type": envelope.STATEMENT, "predicateType": "urn:x", "predicate": {}}
    named = [] if isinstance(value, str) else [[{"name": value, "digest": {"sha256": "a" * 64}}]]
    for subject in (value, [value], [{"name": "a", "digest": value}], *named):
        with pytest.raises(NotProved):
            envelope.parse_statement(digest.canonical(said | {"subject": subject}))


@pytest.mark.parametrize("change", [
    lambda told: told | {"payloadType": "text/plain"},
    lambda told: told | {"payload": told["payload"] + "="},
    lambda told: told | {"payload": "QQ==", "signatures": [{"keyid": "k", "sig": "QR=="}]},
    lambda told: told | {"signatures": told["signatures"] * 2},
    lambda told: told | {"signatures": [{"keyid": 1, "sig": "QQ=="}]},
])  # fmt: skip
def test_an_envelope_has_one_form(change: Callable[[Json], Json]) -> None:
    told = {
        "payloadType": envelope.PAYLOAD_TYPE,
        "payload": "QUE=",
        "signatures": [{"keyid": "k", "sig": "QQ=="}],
    }
    assert envelope.read(digest.canonical(told)).payload == b"AA"
    with pytest.raises(NotProved):
        envelope.read(digest.canonical(change(told)))
    with pytest.raises(NotProved, match="canonical"):
        envelope.read(digest.canonical(told).replace(b":", b": "))


@pytest.mark.parametrize("size", ["9" * 5000, "1" * 20, "01", "+1", " 1", "\u0661", ""])
def test_a_size_or_number_is_bounded(size: str) -> None:
    with pytest.raises(NotProved):
        note.checkpoint(f"log\n{size}\n{ROOT}\n")
    with pytest.raises(NotProved):
        note.read_proof(f"{note.PROOF}\nindex {size}\n\nx")


@pytest.mark.parametrize("content", [b"\x81" * 16_000, b"", b"\xff", b"\xa0", b"\x9f", b"\xbf\x61a"])
def test_no_attestation_breaks_its_reader(content: bytes) -> None:
    said = digest.canonical({"type": webauthn.CREATE, "challenge": "eA", "origin": "o", "crossOrigin": False})
    with pytest.raises(NotProved):
        webauthn.enrolled(attestation_object=content, client_data=said, challenge=b"x", origin="o", rp_id="r")


@pytest.mark.parametrize("cut", range(0, len(SIGNED), 5))
def test_a_signature_that_ends_early_is_refused(cut: int) -> None:
    with pytest.raises(NotProved):
        sshsig.read(SIGNED[:cut])
    with pytest.raises(NotProved):
        sshsig.verify(SIGNED[:cut] + b"\xff\xff\xff\xff" + SIGNED[cut + 4 :], b"x", namespace="n")


def test_a_key_of_another_length_or_off_its_curve_is_refused() -> None:
    for material in (b"", b"k" * 31, b"k" * 33):
        with pytest.raises(NotProved):
            keys.read_blob(wire.string(keys.ED25519.encode()) + wire.string(material))
    for point in (b"\x04" + b"x" * 64, b"\x02" + b"x" * 32, b"\x00", b""):
        blob = b"".join(map(wire.string, (keys.ECDSA.encode(), keys.CURVE.encode(), point)))
        with pytest.raises(NotProved):
            keys.read_blob(blob)


def test_nothing_follows_a_signature_or_a_key() -> None:
    key = sshsig.read(SIGNED).key
    for more in (b"\x00", b"more", SIGNED):
        with pytest.raises(NotProved, match="after its end"):
            sshsig.read(SIGNED + more)
        with pytest.raises(NotProved, match="after its end"):
            keys.read_blob(key.blob + more)
