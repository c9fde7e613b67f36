"""The roster: whose keys count, in which roles, from when until when; a chain of signed versions."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from pipelines import digest
from pipelines.errors import NotADigest, NotProved
from pipelines.model import Json
from pipelines.proof import envelope, keys
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
OF_MACHINES = "machine@"  # how the namespaces begin in which machines sign, and nobody else
FINGERPRINT = re.compile(r"SHA256:[A-Za-z0-9+/]{43}")
HOLDER = re.compile(r"(?:person|machine):[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?")  # as accounts are named
POOL, VERIFY, PROMOTER, SEQUENCER, WITNESS = "pool:", "verify", "promoter", "sequencer", "witness"
OF_MACHINE = re.compile(rf"{POOL}[a-z0-9-]{{1,40}}|{VERIFY}|{PROMOTER}|{SEQUENCER}|{WITNESS}")  # no person's
MOST_KEYS = 1000


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
    kept_at: datetime | None = field(default=None, compare=False)  # when it was adopted, if that is known

    @property
    def counts_from(self) -> datetime:
        """Return from when on it counted: its adoption, where that is known, not its own word."""
        return self.kept_at or self.issued_at

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
    """Return the roster that a statement states; whether it counts, the chain says.

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
        previous=_digest(told["previous"]),
        root=_fingerprint(told["root"]),
        issued_at=moment(told["issued_at"]),
        origins=_texts(told["origins"]),
        rp_ids=_texts(told["rp_ids"]),
        keys=listed,
        digest=digest.of(content),
    )


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


def allowed_signers(roster: Roster, *, namespaces: Sequence[str]) -> str:
    """Return the file by which `ssh-keygen -Y verify` knows each key, in the namespaces of its kind alone."""
    machines = tuple(one for one in namespaces if one.startswith(OF_MACHINES))
    people = tuple(one for one in namespaces if one not in machines)
    return "".join(_allowed(roster, {"machine": machines, "": people}))


def moment(said: object) -> datetime:
    """Return a moment of a document; refuse one without its offset from UTC."""
    try:
        at = datetime.fromisoformat(str(said))
    except ValueError as cause:
        raise NotProved(f"{str(said)[:40]!r} is no moment.") from cause
    if at.tzinfo is None:
        raise NotProved(f"{said} does not say its offset from UTC.")
    return at


def _key(told: object) -> Key:
    if not isinstance(told, dict) or set(told) != OF_KEY:
        raise NotProved("A key of the roster says less or more than it should.")
    public = keys.read_line(str(told["line"]))
    holder, kind = str(told["holder"]), str(told["kind"])
    if public.fingerprint != told["fingerprint"]:
        raise NotProved(f"The roster calls a key {told['fingerprint']} that is {public.fingerprint}.")
    if kind not in KINDS or not HOLDER.fullmatch(holder) or holder.startswith(MACHINE) != (kind == "machine"):
        raise NotProved(f"A key of kind {kind[:20]!r} is not held by {holder[:80]!r}.")
    roles = _texts(told["roles"])
    if any((OF_MACHINE.fullmatch(one) is not None) != (kind == "machine") for one in roles):
        raise NotProved(
            f"The roles {', '.join(roles)[:80]} are not for {holder}: machines have theirs, people others."
        )
    retired = told["retired"]
    if retired is not None and (not isinstance(retired, dict) or set(retired) != {"at", "why"}):
        raise NotProved("A key is retired at a moment and with a reason.")
    return Key(
        public=public,
        holder=holder,
        name=str(told["name"]),
        kind=kind,
        roles=roles,
        since=moment(told["from"]),
        until=None if told["until"] is None else moment(told["until"]),
        retired_at=None if retired is None else moment(retired["at"]),
        retired_why="" if retired is None else str(retired["why"]),
    )


def _allowed(roster: Roster, namespaces: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for one in sorted(roster.keys, key=lambda key: (key.holder, key.fingerprint)):
        spaces = namespaces.get(one.kind, namespaces[""])
        if not spaces:
            continue
        ends = [end for end in (one.until, one.retired_at) if end is not None]
        words = [f'namespaces="{",".join(spaces)}"', f'valid-after="{_stamp(one.since)}"']
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


def _digest(said: object) -> str | None:
    try:
        return None if said is None else digest.check(str(said))
    except NotADigest as cause:
        raise NotProved(f"The roster before is not named by its digest: {cause}") from cause


def _texts(said: object) -> tuple[str, ...]:
    if not isinstance(said, list) or not all(isinstance(one, str) for one in said):
        raise NotProved("A list of texts is expected in the roster.")
    return tuple(said)
