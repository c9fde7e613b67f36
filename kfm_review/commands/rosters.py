"""Rosters made outside the web: version 1 by a root key, and what a stack on one machine needs."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from secrets import token_hex
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pipelines import digest
from pipelines.errors import NotProved
from pipelines.proof import chain, envelope, keys, roster, sshsig
from pipelines.proof.keys import PublicKey
from pipelines.proof.roster import Key, Roster


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """One machine's public key, and what it may sign."""

    name: str
    key: PublicKey
    roles: tuple[str, ...]


def machine(words: str) -> Machine:
    """Return the machine that `NAME=PUBLIC-KEY-FILE=ROLE,ROLE` describes."""
    name, file, roles = (*words.split("=", 2), "", "")[:3]
    if not name or not roles or not Path(file).is_file():
        raise NotProved(f"{words[:80]!r} is not NAME=PUBLIC-KEY-FILE=ROLE,ROLE with a file that exists.")
    line = Path(file).read_text(encoding="utf-8")
    return Machine(name=name, key=keys.read_line(line), roles=tuple(sorted(roles.split(","))))


def first(
    machines: Sequence[Machine],
    *,
    root: Ed25519PrivateKey,
    origins: Sequence[str],
    rp_ids: Sequence[str],
    now: datetime,
) -> bytes:
    """Return version 1, signed by the root: the machines, and where passkeys may sign."""
    made = Roster(
        version=1,
        previous=None,
        root=keys.ed25519(root.public_key()).fingerprint,
        issued_at=now,
        origins=tuple(origins),
        rp_ids=tuple(rp_ids),
        keys=tuple(_listed(one, now) for one in machines),
    )
    return signed(made, root=root)


def followed(
    before: Roster, machines: Sequence[Machine], *, root: Ed25519PrivateKey, origin: str, now: datetime
) -> bytes | None:
    """Return the next version by the root if a machine or an origin is not listed yet; else nothing."""
    listed = {one.fingerprint for one in before.keys}
    new = [_listed(one, now) for one in machines if one.key.fingerprint not in listed]
    if not new and origin in before.origins:
        return None
    made = replace(
        before,
        version=before.version + 1,
        previous=before.digest,
        issued_at=now,
        origins=tuple(sorted({*before.origins, origin})),
        keys=(*before.keys, *new),
        digest="",
    )
    return signed(made, root=root)


def changed(
    before: Roster,
    *,
    machines: Sequence[Machine],
    retired: Sequence[str],
    why: str,
    root: Ed25519PrivateKey,
    now: datetime,
) -> bytes:
    """Return the next version by the root, in which machines come and keys are retired."""
    unknown = sorted(set(retired) - {one.fingerprint for one in before.keys if one.retired_at is None})
    if unknown:
        raise NotProved(
            f"{', '.join(unknown)[:200]} is no key of roster {before.version} that is not retired."
        )
    if not (machines or retired) or (retired and not why.strip()):
        raise NotProved("Say which machine comes, or which key is retired and why.")
    kept = tuple(
        replace(one, retired_at=now, retired_why=why.strip()) if one.fingerprint in retired else one
        for one in before.keys
    )
    made = replace(
        before,
        version=before.version + 1,
        previous=before.digest,
        issued_at=now,
        keys=(*kept, *(_listed(one, now) for one in machines)),
        digest="",
    )
    content = signed(made, root=root)
    chain.follow(before, content, root=before.root)
    return content


def read_chain(content: bytes, *, root: Ed25519PrivateKey) -> Roster:
    """Return the newest version of a downloaded chain, verified from this root on."""
    try:
        told = [base64.b64decode(str(one), validate=True) for one in digest.read_json(content)]
    except (ValueError, TypeError) as cause:
        raise NotProved("This is no chain of rosters: download it from the roster's page.") from cause
    return chain.verify_chain(told, root=keys.ed25519(root.public_key()).fingerprint)[-1]


def signed(made: Roster, *, root: Ed25519PrivateKey) -> bytes:
    """Return a roster in its envelope, signed by the root."""
    content = roster.statement(roster.document(made, id_=str(uuid4()), nonce=token_hex(16)))
    whole = envelope.Envelope(payload=content, signatures=())
    mine = envelope.Signature(
        keyid=keys.ed25519(root.public_key()).fingerprint,
        sig=sshsig.sign(whole.signed, namespace=roster.NAMESPACE, private=root),
    )
    return envelope.write(replace(whole, signatures=(mine,)))


def by_root(pae: bytes, *, root: Ed25519PrivateKey) -> bytes:
    """Return a proposed version, as its page gives the bytes to sign, in its envelope, signed by the root."""
    payload = pae[max(pae.find(b"{"), 0) :]
    whole = envelope.Envelope(payload=payload, signatures=())
    if whole.signed != pae:
        raise NotProved("This is not what a statement's page gives to sign: download it there.")
    fingerprint = keys.ed25519(root.public_key()).fingerprint
    if roster.parse(payload).root != fingerprint:
        raise NotProved(f"The roster names another root than this key, {fingerprint}.")
    mine = envelope.Signature(
        keyid=fingerprint, sig=sshsig.sign(pae, namespace=roster.NAMESPACE, private=root)
    )
    return envelope.write(replace(whole, signatures=(mine,)))


def roles(pools: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
    """Return what each machine of a stack may sign."""
    return {
        "worker": tuple(f"{roster.POOL}{pool}" for pool in pools),
        "verify": (roster.VERIFY,),
        "promoter": (roster.PROMOTER,),
        "control": (roster.SEQUENCER,),
        "witness": (roster.WITNESS,),
    }


def _listed(one: Machine, now: datetime) -> Key:
    return Key(
        public=one.key,
        holder=f"{roster.MACHINE}{one.name}",
        name=one.name,
        kind="machine",
        roles=one.roles,
        since=now,
        until=None,
    )
