"""A house in which people hold keys: a root outside, a roster, and statements to sign."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from typing import Any
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kfm_review.accounts.models import User
from kfm_review.signing import rosters, rules, statements
from kfm_review.signing.models import Key as Enrolled
from kfm_review.signing.models import Statement
from pipelines.proof import envelope, keys, roster, sshsig, webauthn
from pipelines.proof.keys import PublicKey
from pipelines.proof.roster import Key, Roster
from tests.kfm_review.signing.passkey import ORIGIN, RP_ID, Passkey
from tests.kfm_review.world import person

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)
END = NOON + timedelta(days=365)


class Governed:
    """Ann and Ben are of governance and have passkeys on roster 1; Cleo is, and has none there."""

    def __init__(self, *, since: datetime = NOON - timedelta(days=1)) -> None:
        self.since = since
        self.root = Ed25519PrivateKey.generate()
        self.people = {name: person(name, "governance") for name in ("ann", "ben", "cleo")}
        self.passkeys = {name: Passkey() for name in self.people}
        listed = [self.listed(name, self.passkeys[name].public) for name in ("ann", "ben")]
        self.adopt(self.version(None, *listed))
        for name in ("ann", "ben"):
            self.enrol(name)

    @property
    def root_key(self) -> str:
        return keys.ed25519(self.root.public_key()).fingerprint

    def listed(self, name: str, public: PublicKey, /, **more: Any) -> Key:
        """Return a person's key as a roster lists it."""
        told: dict[str, Any] = {"name": "Laptop", "kind": "passkey", "roles": ("governance",)}
        told |= {"since": self.since, "until": self.since + timedelta(days=365)} | more
        return Key(public=public, holder=f"person:{name}", **told)

    def enrol(self, name: str) -> Enrolled:
        """Keep somebody's passkey as it is after he enrolled it."""
        made = self.passkeys[name]
        return Enrolled.objects.create(
            holder=self.people[name],
            kind="passkey",
            name="Laptop",
            fingerprint=made.public.fingerprint,
            line=made.public.line,
            roles=["governance"],
            credential_id=webauthn.base64url(made.credential_id),
            since=self.since,
            until=self.since + timedelta(days=365),
            enrolled_at=self.since,
        )

    def version(self, before: Roster | None, *listed: Key, **more: Any) -> Roster:
        """Return a roster that follows `before` and lists these keys."""
        told: dict[str, Any] = {
            "version": before.version + 1 if before else 1,
            "previous": before.digest if before else None,
            "root": self.root_key,
            "issued_at": self.since,
            "origins": (ORIGIN,),
            "rp_ids": (RP_ID,),
        }
        return Roster(keys=listed, **(told | more))

    def signed(self, made: Roster, *, by: Ed25519PrivateKey | None = None) -> bytes:
        """Return a roster in its envelope, signed by the root or another."""
        private = by or self.root
        content = roster.statement(roster.document(made, id_=str(uuid4()), nonce=token_hex(16)))
        whole = envelope.Envelope(payload=content, signatures=())
        one = envelope.Signature(
            keyid=keys.ed25519(private.public_key()).fingerprint,
            sig=sshsig.sign(whole.signed, namespace=roster.NAMESPACE, private=private),
        )
        return envelope.write(replace(whole, signatures=(one,)))

    def adopt(self, made: Roster) -> Roster:
        """Let a roster count that the root signed."""
        return rosters.adopt(self.signed(made), now=self.since)

    def relist(self, name: str, /, **more: Any) -> Roster:
        """Let the next roster tell one person's key differently."""
        before = rosters.current()
        assert before is not None
        changed = self.listed(name, self.passkeys[name].public, **more)
        others = [one for one in before.keys if one.holder != changed.holder]
        return self.adopt(self.version(before, *others, changed))

    def statement(self, *, by: str = "ann", now: datetime = NOON, **predicate: Any) -> Statement:
        """Return an exception that waits to be signed."""
        return statements.prepare(
            kind="exception", subjects={}, predicate=predicate or {"why": "x"}, by=self.people[by], now=now
        )

    def sign(self, statement: Statement, name: str, *, namespace: str = "", **how: Any) -> bytes:
        """Return somebody's signature of a statement, made as he was asked."""
        space = namespace or rules.NAMESPACES[statement.kind]
        challenge = sshsig.to_be_signed(statements.pae(statement), namespace=space)
        return self.passkeys[name].sign(challenge, namespace=space, **how)

    def user(self, name: str) -> User:
        return self.people[name]
