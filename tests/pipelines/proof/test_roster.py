"""Whose keys count: a chain of versions from the root, in which nobody brings himself into power."""

import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pipelines.errors import NotProved
from pipelines.proof import chain, envelope, keys, roster, sshsig
from pipelines.proof.roster import Key, Roster

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
ROOT, ANN, BEN, EVE = (Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in range(1, 5))


def fingerprint(private: Ed25519PrivateKey) -> str:
    return keys.ed25519(private.public_key()).fingerprint


def key(private: Ed25519PrivateKey, holder: str, **more: object) -> Key:
    told = {"roles": ("governance",), "kind": "ssh", "since": NOON, "until": None, "name": "laptop"} | more
    return Key(public=keys.ed25519(private.public_key()), holder=f"person:{holder}", **told)  # type: ignore[arg-type]  # a dict of them


def version(before: Roster | None, *listed: Key, **more: object) -> Roster:
    made = Roster(
        version=before.version + 1 if before else 1,
        previous=before.digest if before else None,
        root=fingerprint(ROOT),
        issued_at=NOON + timedelta(days=before.version if before else 0),
        origins=("http://localhost:8000",),
        rp_ids=("localhost",),
        keys=tuple(listed),
    )
    return replace(made, **more)  # type: ignore[arg-type]  # a dict of fields


def signed(made: Roster, by: Ed25519PrivateKey, *, namespace: str = roster.NAMESPACE) -> bytes:
    content = roster.statement(roster.document(made, id_="r", nonce="0" * 32))
    signature = sshsig.sign(envelope.pae(envelope.PAYLOAD_TYPE, content), namespace=namespace, private=by)
    return envelope.write(
        envelope.Envelope(
            payload=content, signatures=(envelope.Signature(keyid=fingerprint(by), sig=signature),)
        )
    )


def followed(before: Roster | None, made: Roster, by: Ed25519PrivateKey) -> Roster:
    return chain.follow(before, signed(made, by), root=fingerprint(ROOT))


FIRST = followed(None, version(None, key(ANN, "ann")), ROOT)
SECOND = followed(FIRST, version(FIRST, key(ANN, "ann"), key(BEN, "ben")), ANN)


def test_a_chain_from_the_root_counts() -> None:
    versions = [
        signed(version(None, key(ANN, "ann")), ROOT),
        signed(version(FIRST, key(ANN, "ann"), key(BEN, "ben")), ANN),
    ]
    assert chain.verify_chain(versions, root=fingerprint(ROOT)) == (FIRST, SECOND)
    assert SECOND.signed_by == fingerprint(ANN)
    assert roster.key_at(SECOND, fingerprint(BEN), at=NOON, role="governance").holder == "person:ben"


def test_the_first_is_signed_by_the_pinned_root_alone() -> None:
    first = version(None, key(ANN, "ann"))
    with pytest.raises(NotProved, match="root key alone"):
        followed(None, first, ANN)
    with pytest.raises(NotProved, match="another root"):
        chain.follow(None, signed(first, ROOT), root=fingerprint(EVE))


def test_nobody_signs_his_own_key_into_power() -> None:
    with pytest.raises(NotProved, match="another must sign"):
        followed(FIRST, version(FIRST, key(ANN, "ann"), key(EVE, "ann")), ANN)
    with pytest.raises(NotProved, match="not on roster"):
        followed(FIRST, version(FIRST, key(ANN, "ann"), key(EVE, "eve")), EVE)
    with pytest.raises(NotProved, match="another must sign"):
        followed(
            SECOND,
            version(SECOND, replace(key(ANN, "ann"), retired_at=NOON, retired_why="x"), key(BEN, "ben")),
            ANN,
        )


def test_the_lost_key_path_leads_over_the_root() -> None:
    lost = replace(key(ANN, "ann"), retired_at=NOON, retired_why="lost")
    assert followed(FIRST, version(FIRST, lost, key(EVE, "ann")), ROOT).version == 2


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"version": 3}, "does not follow"),
        ({"version": 1, "previous": None}, "does not follow"),
        ({"previous": "0" * 64}, "does not follow"),
        ({"issued_at": NOON - timedelta(days=1)}, "older"),
        ({"keys": (key(BEN, "ben"),)}, "left the roster"),
        ({"root": fingerprint(EVE)}, "another root"),
    ],
)
def test_a_version_that_does_not_follow_is_refused(change: dict[str, object], why: str) -> None:
    with pytest.raises(NotProved, match=why):
        followed(FIRST, version(FIRST, key(ANN, "ann"), key(BEN, "ben"), **change), ANN)


def test_only_the_root_changes_where_passkeys_may_sign() -> None:
    elsewhere = version(FIRST, key(ANN, "ann"), key(BEN, "ben"), origins=("http://evil",))
    with pytest.raises(NotProved, match="Only the root"):
        followed(FIRST, elsewhere, ANN)
    assert followed(FIRST, elsewhere, ROOT).origins == ("http://evil",)


@pytest.mark.parametrize(
    "change",
    [
        {"retired_at": NOON + timedelta(hours=1), "retired_why": "left"},
        {"until": NOON + timedelta(hours=1)},
        {"since": NOON + timedelta(days=9)},
        {"roles": ("reviewer",)},
    ],
)
def test_a_key_that_does_not_count_signs_nothing(change: dict[str, object]) -> None:
    first = followed(None, version(None, key(ANN, "ann", **change), key(BEN, "ben")), ROOT)
    with pytest.raises(NotProved):
        followed(first, version(first, *first.keys, key(EVE, "eve")), ANN)


def test_a_signature_for_something_else_is_refused() -> None:
    made = version(FIRST, key(ANN, "ann"), key(BEN, "ben"))
    with pytest.raises(NotProved, match="not for"):
        chain.follow(FIRST, signed(made, ANN, namespace="exception@kfm-review"), root=fingerprint(ROOT))


def test_no_byte_of_a_signed_roster_can_be_changed() -> None:
    sound = signed(version(FIRST, key(ANN, "ann"), key(BEN, "ben")), ANN)
    for at in range(0, len(sound), 7):
        broken = sound[:at] + bytes([sound[at] ^ 1]) + sound[at + 1 :]
        with pytest.raises(NotProved):
            chain.follow(FIRST, broken, root=fingerprint(ROOT))


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="ssh-keygen is not here")
def test_openssh_knows_the_keys_by_the_derived_file(tmp_path: Path) -> None:
    ended = replace(SECOND, keys=(key(ANN, "ann"), key(BEN, "ben", until=NOON + timedelta(days=1))))
    told = roster.allowed_signers(ended, namespaces=("exception@kfm-review",))
    (tmp_path / "allowed").write_text(told)
    for name, private, at, good in (
        ("ann", ANN, "20270101", True),
        ("ben", BEN, "20270101", False),
        ("ben", BEN, "20261128Z", True),
        ("ann", BEN, "20270101", False),
    ):
        made = sshsig.sign(b"x", namespace="exception@kfm-review", private=private)
        (tmp_path / "sig").write_text(sshsig.armored(made))
        command = ["ssh-keygen", "-Y", "verify", "-f", "allowed", "-I", f"person:{name}", "-s", "sig"]
        command += ["-n", "exception@kfm-review", f"-Overify-time={at}"]
        ran = subprocess.run(command, cwd=tmp_path, input=b"x", capture_output=True, check=False)
        assert (ran.returncode == 0) is good, (name, at, ran.stderr)


def test_each_kind_of_key_has_its_own_namespaces() -> None:
    told = roster.allowed_signers(SECOND, namespaces=("exception@kfm-review", "machine@kfm-review"))
    spaces = {line.split('namespaces="')[1].split('"')[0] for line in told.splitlines() if "person:" in line}
    assert spaces == {"exception@kfm-review"}
    of_machines = [line for line in told.splitlines() if line.startswith("machine:")]
    assert all('namespaces="machine@kfm-review"' in line for line in of_machines)
    assert roster.allowed_signers(SECOND, namespaces=("machine@kfm-review",)) == "".join(
        f"{line}\n" for line in of_machines
    )


def machine(private: Ed25519PrivateKey, name: str, *roles: str) -> Key:
    return replace(key(private, name), holder=f"machine:{name}", kind="machine", roles=roles)


def test_only_the_root_brings_changes_or_retires_a_machines_key() -> None:
    ann, worker = key(ANN, "ann"), machine(BEN, "worker", "pool:light")
    first = followed(None, version(None, ann, worker), ROOT)
    for after in (
        (ann, worker, machine(EVE, "witness", "witness")),
        (ann, replace(worker, roles=("pool:light", "verify"))),
        (ann, replace(worker, name="Another")),
        (ann, replace(worker, retired_at=NOON, retired_why="x")),
        (ann, replace(worker, holder="person:ben", kind="ssh", roles=("governance",))),
    ):
        with pytest.raises(NotProved, match="Only the root"):
            followed(first, version(first, *after), ANN)
        assert followed(first, version(first, *after), ROOT).version == 2


@pytest.mark.parametrize(
    "more", [{"roles": ("governance", "publisher")}, {"until": NOON + timedelta(days=99)}]
)
def test_nobody_gives_an_own_key_more_roles_or_time(more: dict[str, object]) -> None:
    after = (replace(key(ANN, "ann"), **more), key(BEN, "ben"))  # type: ignore[arg-type]  # a dict of fields
    with pytest.raises(NotProved, match="another must sign"):
        followed(SECOND, version(SECOND, *after), ANN)
    assert followed(SECOND, version(SECOND, *after), BEN).version == 3


@pytest.mark.parametrize(
    "listed",
    [
        key(BEN, "ben", roles=("witness",)),
        key(BEN, "ben", roles=("governance", "sequencer")),
        key(BEN, "ben", roles=("pool:light",)),
        machine(BEN, "worker", "governance"),
        machine(BEN, "worker", "pool:light", "publisher"),
        key(BEN, "Ben"),
        key(BEN, "b\u0435n"),  # with a Cyrillic letter
        key(BEN, "ben" * 40),
        key(BEN, "ben."),
        machine(BEN, "worker one", "verify"),
    ],
)
def test_people_have_no_roles_of_machines_and_names_are_plain(listed: Key) -> None:
    with pytest.raises(NotProved):
        followed(None, version(None, listed), ROOT)


def test_where_its_adoption_is_known_a_version_counts_from_then() -> None:
    second = signed(version(FIRST, key(ANN, "ann"), key(BEN, "ben")), ANN)
    versions = [signed(version(None, key(ANN, "ann")), ROOT), second]
    adopted = NOON + timedelta(days=1, hours=3)
    found = chain.verify_chain(versions, root=fingerprint(ROOT), kept={SECOND.digest: adopted})
    assert [one.counts_from for one in found] == [NOON, adopted]
    with pytest.raises(NotProved, match="No line of the audit"):
        chain.verify_chain(versions, root=fingerprint(ROOT), kept={})
