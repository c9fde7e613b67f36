"""The roster: whose keys count, in which roles, from when until when; a chain of signed versions."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from pipelines import digest
from pipelines.errors import NotProved
from pipelines.model import Json
from pipelines.proof import envelope, keys, sshsig
from pipelines.proof.keys import PublicKey

SCHEMA = "kfm/roster/1"
PREDICATE = "urn:kfm:predicate:roster:1"
NAMESPACE = "roster@kfm-review"
SUBJECT = "roster"
GOVERNANCE = "governance"
PERSON, MACHINE = "person:", "machine:"
KINDS = ("passkey", "ssh", "machine")
FIELDS = frozenset(
    ("schema", "version", "previous", "root", "issued_at", "origins", "rp_ids", "keys", "id", "nonce")
)
OF_KEY = frozenset(("fingerprint", "line", "holder", "name", "kind", "roles", "from", "until", "retired"))
FINGERPRINT = re.compile(r"SHA256:[A-Za-z0-9+/]{43}")
MOST_KEYS = 1000
MOST_VERSIONS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One key on the roster; times are aware, `retired` is when it was and why, or nothing."""

    public: PublicKey
    holder: str
    name: str
    kind: str
    roles: tuple[str, ...]
    since: datetime
    until: datetime | None
    retired_at: datetime | None = None
    retired_why: str = ""

    @property
    def fingerprint(self) -> str:
        return self.public.fingerprint

    def live(self, at: datetime) -> bool:
        """Answer whether the key counts at a moment."""
        ends = [end for end in (self.until, self.retired_at) if end is not None]
        return self.since <= at and all(at < end for end in ends)

    def to_json(self) -> Json:
        """Return the key as the document has it."""
        retired = {"at": self.retired_at.isoformat(), "why": self.retired_why} if self.retired_at else None
        return {
            "fingerprint": self.fingerprint,
            "line": self.public.line,
            "holder": self.holder,
            "name": self.name,
            "kind": self.kind,
            "roles": list(self.roles),
            "from": self.since.isoformat(),
            "until": self.until.isoformat() if self.until else None,
            "retired": retired,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """One version; `digest` names its statement, and is what the next one calls its previous."""

    version: int
    previous: str | None
    root: str
    issued_at: datetime
    origins: tuple[str, ...]
    rp_ids: tuple[str, ...]
    keys: tuple[Key, ...]
    digest: str = ""
    signed_by: str = field(default="", compare=False)

    def find(self, fingerprint: str) -> Key | None:
        """Return the key of that fingerprint, whatever its state."""
        return next((one for one in self.keys if one.fingerprint == fingerprint), None)


def document(roster: Roster, *, id_: str, nonce: str) -> Json:
    """Return the predicate that states a roster."""
    return {
        "schema": SCHEMA,
        "id": id_,
        "nonce": nonce,
        "version": roster.version,
        "previous": roster.previous,
        "root": roster.root,
        "issued_at": roster.issued_at.isoformat(),
        "origins": list(roster.origins),
        "rp_ids": list(roster.rp_ids),
        "keys": [one.to_json() for one in sorted(roster.keys, key=lambda key: key.fingerprint)],
    }


def statement(predicate: Json) -> bytes:
    """Return the statement whose only subject is the roster itself, by digest."""
    return envelope.statement(
        subjects={SUBJECT: digest.of_json(predicate)}, predicate_type=PREDICATE, predicate=predicate
    )


def parse(content: bytes) -> Roster:
    """Return the roster that a statement states; whether it counts, `follow` says.

    Raises:
        NotProved: it says less, more, or something else than a roster says.
    """
    said = envelope.parse_statement(content)
    told = said.predicate
    if said.predicate_type != PREDICATE or set(told) != FIELDS or told["schema"] != SCHEMA:
        raise NotProved("This statement is no roster.")
    if dict(said.subjects) != {SUBJECT: digest.of_json(told)}:
        raise NotProved("The roster's statement is about another roster.")
    if not isinstance(told["keys"], list) or len(told["keys"]) > MOST_KEYS:
        raise NotProved(f"A roster lists at most {MOST_KEYS} keys.")
    version = told["version"]
    if type(version) is not int or version < 1 or (version == 1) != (told["previous"] is None):
        raise NotProved("A roster's version counts from 1, and every one but the first names the one before.")
    listed = tuple(map(_key, told["keys"]))
    if len({one.fingerprint for one in listed}) != len(listed):
        raise NotProved("The roster lists a key twice.")
    return Roster(
        version=version,
        previous=None if told["previous"] is None else digest.check(str(told["previous"])),
        root=_fingerprint(told["root"]),
        issued_at=moment(told["issued_at"]),
        origins=_texts(told["origins"]),
        rp_ids=_texts(told["rp_ids"]),
        keys=listed,
        digest=digest.of(content),
    )


def follow(before: Roster | None, signed: bytes, *, root: str) -> Roster:
    """Return the roster of a signed envelope if it may follow `before`; the first is signed by the root.

    Any later one is signed by the root, or by a live governance key of the roster before, whose holder
    holds none of the keys that come, go or change: nobody brings himself into power.

    Raises:
        NotProved: with the rule that is broken.
    """
    outer = envelope.read(signed)
    found = parse(outer.payload)
    _check_place(before, found, root=root)
    if len(outer.signatures) != 1:
        raise NotProved("A roster has exactly one signature.")
    (one,) = outer.signatures
    made = sshsig.verify(one.sig, outer.signed, namespace=NAMESPACE)
    by = made.key.fingerprint
    if by != one.keyid:
        raise NotProved("The roster's envelope names another key than the one that signed.")
    if by != root:
        if before is None:
            raise NotProved("The first roster is signed by the root key alone.")
        check_signer(before, found, made)
    return Roster(**{**{name: getattr(found, name) for name in Roster.__slots__}, "signed_by": by})


def check_signer(before: Roster, found: Roster, made: sshsig.Signature) -> None:
    """Refuse whoever may not sign this roster after that one."""
    signer = key_at(before, made.key.fingerprint, at=found.issued_at, role=GOVERNANCE)
    if not signer.holder.startswith(PERSON):
        raise NotProved("Only a person's key signs a roster.")
    if signer.holder in {one.holder for one in changed(before, found)}:
        raise NotProved(
            f"{signer.holder} signed a roster in which a key of {signer.holder} changes: another must sign it."
        )
    check_device(before, made)


def verify_chain(signed: Sequence[bytes], *, root: str) -> tuple[Roster, ...]:
    """Return every version, the first to the last, each verified to follow the one before."""
    if not 1 <= len(signed) <= MOST_VERSIONS:
        raise NotProved("There is no roster: nobody's key counts.")
    chain: list[Roster] = []
    for content in signed:
        chain.append(follow(chain[-1] if chain else None, content, root=root))
    return tuple(chain)


def key_at(roster: Roster, fingerprint: str, *, at: datetime, role: str) -> Key:
    """Return the key if it counted in a role at a moment; refuse an unknown, early, ended or other one."""
    key = roster.find(fingerprint)
    if key is None:
        raise NotProved(f"The key {fingerprint} is not on roster {roster.version}: it counts for nothing.")
    if not key.live(at):
        why = (
            f"was retired ({key.retired_why})" if key.retired_at and at >= key.retired_at else "is not valid"
        )
        raise NotProved(f"The key {fingerprint} of {key.holder} {why} at {at.isoformat()}.")
    if role not in key.roles:
        raise NotProved(f"The key {fingerprint} of {key.holder} has not the role {role}.")
    return key


def check_device(roster: Roster, made: sshsig.Signature) -> None:
    """Refuse a security key's or passkey's signature without a person verified, or from another place."""
    if made.key.type not in keys.ON_DEVICE:
        return
    if not made.present or not made.verified:
        raise NotProved("The key did not verify the person: a PIN, fingerprint or face is needed.")
    if made.type == sshsig.WEBAUTHN:
        if made.origin not in roster.origins:
            raise NotProved(f"The passkey signed at {made.origin[:80]}, which is not on the roster.")
        if made.key.application not in roster.rp_ids:
            raise NotProved(f"The passkey is for {made.key.application[:80]}, which is not on the roster.")


def changed(before: Roster | None, after: Roster) -> tuple[Key, ...]:
    """Return every key that came, went or is told differently, as it was and as it is."""
    old = {one.fingerprint: one for one in (before.keys if before else ())}
    new = {one.fingerprint: one for one in after.keys}
    names = sorted(old.keys() | new.keys())
    return tuple(
        key
        for name in names
        if old.get(name) != new.get(name)
        for key in (old.get(name), new.get(name))
        if key is not None
    )


def allowed_signers(roster: Roster, *, namespaces: Sequence[str]) -> str:
    """Return the file by which `ssh-keygen -Y verify` knows people's and machines' keys."""
    return "".join(_allowed(roster, ",".join(namespaces)))


def moment(said: object) -> datetime:
    """Return a moment of a document; refuse one without its offset from UTC."""
    try:
        at = datetime.fromisoformat(str(said))
    except ValueError as cause:
        raise NotProved(f"{str(said)[:40]!r} is no moment.") from cause
    if at.tzinfo is None:
        raise NotProved(f"{said} does not say its offset from UTC.")
    return at


def _check_place(before: Roster | None, found: Roster, *, root: str) -> None:
    if found.root != root:
        raise NotProved(f"Roster {found.version} names another root than {root}.")
    wanted = 1 if before is None else before.version + 1
    if found.version != wanted or found.previous != (before.digest if before else None):
        raise NotProved(
            f"Roster {found.version} does not follow: version {wanted} of this chain is expected."
        )
    if before is not None and found.issued_at < before.issued_at:
        raise NotProved(f"Roster {found.version} is older than the one before it.")
    if before is not None and not {one.fingerprint for one in before.keys} <= {
        one.fingerprint for one in found.keys
    }:
        raise NotProved("A key left the roster: it is retired there, never taken out.")


def _key(told: object) -> Key:
    if not isinstance(told, dict) or set(told) != OF_KEY:
        raise NotProved("A key of the roster says less or more than it should.")
    public = keys.read_line(str(told["line"]))
    holder, kind = str(told["holder"]), str(told["kind"])
    if public.fingerprint != told["fingerprint"]:
        raise NotProved(f"The roster calls a key {told['fingerprint']} that is {public.fingerprint}.")
    if kind not in KINDS or not holder.startswith(MACHINE if kind == "machine" else PERSON):
        raise NotProved(f"A key of kind {kind[:20]!r} is not held by {holder[:80]!r}.")
    retired = told["retired"]
    return Key(
        public=public,
        holder=holder,
        name=str(told["name"]),
        kind=kind,
        roles=_texts(told["roles"]),
        since=moment(told["from"]),
        until=None if told["until"] is None else moment(told["until"]),
        retired_at=None if retired is None else moment(retired["at"]),
        retired_why="" if retired is None else str(retired["why"]),
    )


def _allowed(roster: Roster, namespaces: str) -> Iterator[str]:
    for one in sorted(roster.keys, key=lambda key: (key.holder, key.fingerprint)):
        ends = [end for end in (one.until, one.retired_at) if end is not None]
        words = [f'namespaces="{namespaces}"', f'valid-after="{_stamp(one.since)}"']
        words += [f'valid-before="{_stamp(min(ends))}"'] if ends else []
        yield f"{one.holder} {','.join(words)} {one.public.line} {one.kind}\n"


def _stamp(at: datetime) -> str:
    """Return a moment as `allowed_signers` has it, in UTC."""
    from_utc = at.utcoffset()
    return f"{(at - from_utc).replace(tzinfo=None) if from_utc else at:%Y%m%d%H%M%S}Z"


def _fingerprint(said: object) -> str:
    if not isinstance(said, str) or not FINGERPRINT.fullmatch(said):
        raise NotProved("The roster's root is no fingerprint of a key.")
    return said


def _texts(said: object) -> tuple[str, ...]:
    if not isinstance(said, list) or not all(isinstance(one, str) for one in said):
        raise NotProved("A list of texts is expected in the roster.")
    return tuple(said)
