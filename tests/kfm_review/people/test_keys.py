"""Enrolling a key: only one's own, that answers just now, verifies its holder, and counts for nothing yet."""

import shutil
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fido2 import cbor

from kfm_review.audit.models import Event
from kfm_review.errors import Invalid, NotAllowed, NotPossible, Refused
from kfm_review.people import keys as people
from kfm_review.signing import rosters, rules, standing
from kfm_review.signing.models import Key
from pipelines.proof import keys, sshsig
from tests.kfm_review.signing.governed import END, NOON, Governed
from tests.kfm_review.signing.passkey import ORIGIN, PRESENT, RP_ID, VERIFIED, Passkey
from tests.kfm_review.world import person

ASKED = b"0123456789abcdef0123456789abcdef"
needs_openssh = pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="ssh-keygen is not here")


def enrol(governed: Governed, made: tuple[bytes, bytes], *, who: str = "cleo", **more: Any) -> Key:
    attestation, client_data = made
    told: dict[str, Any] = {"name": "Laptop", "until": END, "challenge": ASKED, "origin": ORIGIN}
    told |= {"rp_id": RP_ID, "now": NOON, "attestation": attestation, "client_data": client_data}
    return people.enrol_passkey(actor=governed.user(who), **(told | more))


def test_a_passkey_is_enrolled_with_its_attestation_and_waits(governed: Governed) -> None:
    attestation, client_data = governed.passkeys["cleo"].create(ASKED)
    made = enrol(governed, (attestation, client_data))
    assert (bytes(made.attestation), made.attestation_format) == (attestation, "packed")
    assert (made.roles, made.kind, made.until) == (["governance"], "passkey", END)
    assert standing.of(governed.user("cleo"), now=NOON) == standing.Standing(counting=(), waiting=(made,))
    said = Event.objects.get(action="key.enrolled")
    assert (said.actor, said.target) == (governed.user("cleo"), f"key:{made.fingerprint}")


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ({"flags": PRESENT}, "did not verify you"),
        ({"flags": VERIFIED}, "did not verify you"),
        ({"kind": "webauthn.get"}, "another type"),
        ({"crossOrigin": True}, "another site"),
        ({"challenge": "AAAA"}, "another challenge"),
        ({"origin": "http://evil.example"}, "another origin"),
    ],
)
def test_a_passkey_that_was_made_otherwise_is_refused(
    how: dict[str, Any], why: str, governed: Governed
) -> None:
    with pytest.raises(Invalid) as refused:
        enrol(governed, governed.passkeys["cleo"].create(ASKED, **how))
    assert why in str(refused.value.cause)


def test_a_passkey_of_another_place_is_refused(governed: Governed) -> None:
    with pytest.raises(Invalid, match="another place"):
        enrol(governed, Passkey(rp_id="example.org").create(ASKED))


@pytest.mark.parametrize("fmt", ["packed", "none", "fido-u2f"])
def test_an_attestation_that_does_not_hold_is_refused(fmt: str, governed: Governed) -> None:
    attestation, client_data = governed.passkeys["cleo"].create(ASKED)
    told = cbor.decode(attestation)
    broken = cbor.encode(told | {"fmt": fmt, "attStmt": {"alg": -7, "sig": b"\0" * 70}})  # type: ignore[operator]  # a map
    with pytest.raises(Invalid, match="does not hold"):
        enrol(governed, (broken, client_data))


def test_an_attestation_of_a_format_nobody_checks_is_kept_as_such(governed: Governed) -> None:
    attestation, client_data = governed.passkeys["cleo"].create(ASKED)
    odd = cbor.encode(cbor.decode(attestation) | {"fmt": "odd"})  # type: ignore[operator]  # a map
    assert enrol(governed, (odd, client_data)).attestation_format == "odd, not checked"


@pytest.mark.parametrize(
    "more",
    [{"name": " "}, {"name": "x" * 81}, {"until": NOON}, {"until": NOON + timedelta(days=800)}],
)
def test_a_key_has_a_name_and_an_end(more: dict[str, Any], governed: Governed) -> None:
    with pytest.raises(Invalid):
        enrol(governed, governed.passkeys["cleo"].create(ASKED), **more)


def test_a_key_is_enrolled_once_and_by_those_who_sign(governed: Governed) -> None:
    made = governed.passkeys["cleo"].create(ASKED)
    governed.people["dora"] = person("dora", "reviewer", "steward", "admin")
    with pytest.raises(NotAllowed, match="nothing to sign"):
        enrol(governed, made, who="dora")
    enrol(governed, made)
    with pytest.raises(NotPossible, match="enrolled already"):
        enrol(governed, made, who="ben")


def ssh(governed: Governed, line: str, signature: str, *, challenge: str = "asked") -> Key:
    told: dict[str, Any] = {"name": "Terminal", "until": END, "challenge": challenge, "now": NOON}
    return people.enrol_ssh(actor=governed.user("cleo"), line=line, signature=signature, **told)


def held(private: Ed25519PrivateKey, words: bytes = b"asked", *, namespace: str = rules.ENROLMENT) -> str:
    return sshsig.armored(sshsig.sign(words, namespace=namespace, private=private))


def test_an_ssh_key_is_enrolled_by_whoever_holds_it(governed: Governed) -> None:
    private, other = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    line = f"{keys.ed25519(private.public_key()).line} cleo@laptop"
    for proof in (
        held(other),
        held(private, b"another"),
        held(private, namespace=rules.NAMESPACES["exception"]),
        held(private).replace("\n", "", 1),
        "",
    ):
        with pytest.raises(Invalid):
            ssh(governed, line, proof)
    assert ssh(governed, line, held(private)).line == keys.ed25519(private.public_key()).line


@pytest.mark.parametrize("words", ["ssh-rsa AAAAB3NzaC1yc2E=", "ssh-dss AAAA", "ssh-ed25519 AAAA", "x", ""])
def test_weak_and_odd_keys_are_refused_with_the_reason(words: str, governed: Governed) -> None:
    with pytest.raises(Invalid) as refused:
        ssh(governed, words, held(Ed25519PrivateKey.generate()))
    assert refused.value.cause


@needs_openssh
@pytest.mark.parametrize(
    ("kind", "taken"), [("ed25519", True), ("ecdsa", True), ("rsa", False), ("ecdsa-384", False)]
)
def test_what_openssh_makes_is_taken_or_refused(
    kind: str,
    taken: bool,  # noqa: FBT001  # a column
    governed: Governed,
    tmp_path: Path,
) -> None:
    name, bits = (*kind.split("-"), "")[:2]
    sized = ["-b", bits] if bits else []
    subprocess.run(["ssh-keygen", "-q", "-t", name, *sized, "-N", "", "-f", "key"], cwd=tmp_path, check=True)
    words = ["ssh-keygen", "-q", "-Y", "sign", "-f", "key", "-n", rules.ENROLMENT]
    signed = subprocess.run(words, cwd=tmp_path, input=b"asked", capture_output=True, check=True)
    line = (tmp_path / "key.pub").read_text()
    if taken:
        assert ssh(governed, line, signed.stdout.decode()).kind == "ssh"
    else:
        with pytest.raises(Invalid, match=r"may not sign|not on the curve"):
            ssh(governed, line, signed.stdout.decode())


def test_a_key_is_retired_by_its_holder_or_governance_once_and_with_a_reason(governed: Governed) -> None:
    key = governed.user("ben").keys.get()
    other = person("dora", "publisher")
    for actor, why, wrong in ((other, "x", NotAllowed), (governed.user("ben"), " ", Invalid)):
        with pytest.raises(wrong):
            people.retire(key_id=key.pk, actor=actor, why=why, now=NOON)
    people.retire(key_id=key.pk, actor=governed.user("ann"), why="Ben lost it.", now=NOON)
    said = Event.objects.get(action="key.retired")
    assert (said.actor, said.why) == (governed.user("ann"), "Ben lost it.")
    assert said.details["holder"] == "ben"
    with pytest.raises(Refused, match="retired already"):
        people.retire(key_id=key.pk, actor=governed.user("ben"), why="Again.", now=NOON)
    assert standing.states([key], rosters.current(), now=NOON)[0][1] == "retired"
