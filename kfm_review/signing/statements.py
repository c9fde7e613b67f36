"""Statements prepared for people, and what comes back checked: whose key, for what, and only once."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from django.db import IntegrityError, transaction

from kfm_review.accounts.models import User
from kfm_review.errors import Missing, NotAllowed, NotPossible
from kfm_review.signing import rosters, rules
from kfm_review.signing.models import Key, Signature, Statement
from pipelines import digest
from pipelines.errors import NotProved
from pipelines.model import Json
from pipelines.proof import envelope, roster, signers, sshsig


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A signature that counts: which key of which holder, and the envelope with it alone."""

    statement: Statement
    fingerprint: str
    holder: str
    envelope: bytes
    sig: bytes


def prepare(
    *,
    kind: str,
    subjects: Mapping[str, str],
    predicate: Json,
    by: User | None,
    now: datetime,
    about: str = "",
) -> Statement:
    """Keep a statement for somebody to sign; `id`, `nonce` and `issued_at` are added here.

    `subjects` maps names to SHA-256; with none the statement is about its own predicate, by digest.
    """
    own = {"id": str(uuid4()), "nonce": secrets.token_hex(16), "issued_at": now.isoformat()}
    whole = {**predicate, **own}
    named = dict(subjects) or {kind: digest.of_json(whole)}
    body = envelope.statement(subjects=named, predicate_type=rules.PREDICATE.format(kind), predicate=whole)
    return Statement.objects.create(
        digest=digest.of(body),
        kind=kind,
        body=body,
        nonce=own["nonce"],
        about=about,
        prepared_by=by,
        prepared_at=now,
    )


def find(name: str) -> Statement:
    """Return a statement by its digest."""
    found = Statement.objects.select_related("prepared_by").filter(pk=name).first()
    if found is None:
        raise Missing("There is no such statement.", next_step="Follow the link from where it is asked for.")
    return found


def read(statement: Statement) -> envelope.Statement:
    """Return what a kept statement says; refuse bytes that are not the ones its name says."""
    body = bytes(statement.body)
    if digest.of(body) != statement.digest:
        raise NotPossible(
            "This statement is not what its name says.",
            cause="Its bytes were changed in the database.",
            next_step="Tell an auditor; have it prepared anew.",
        )
    return envelope.parse_statement(body)


def pae(statement: Statement) -> bytes:
    """Return the bytes that a terminal signs."""
    return envelope.pae(envelope.PAYLOAD_TYPE, bytes(statement.body))


def challenge(statement: Statement) -> bytes:
    """Return the bytes that a passkey is asked to sign: what SSHSIG signs of the same."""
    return sshsig.to_be_signed(pae(statement), namespace=rules.NAMESPACES[statement.kind])


def check(*, statement: Statement, sig: bytes, actor: User, now: datetime) -> Signed:
    """Return the signature if it is this person's, over exactly this, by a key that counts now.

    Raises:
        NotAllowed: it is not, with the reason.
    """
    read(statement)
    rules.check_may_sign(actor.roles())
    rules.check_fresh(prepared_at=statement.prepared_at, now=now)
    known = rosters.current()
    if known is None:
        raise NotAllowed("Nobody's key counts yet.", cause="There is no roster.", next_step="Make one first.")
    try:
        made = sshsig.verify(sig, pae(statement), namespace=rules.NAMESPACES[statement.kind])
        key = roster.key_at(known, made.key.fingerprint, at=now, role=roster.GOVERNANCE)
        _check_holder(key, actor=actor)
        signers.check_device(known, made)
    except NotProved as cause:
        raise NotAllowed(
            "This signature does not count.",
            cause=str(cause),
            next_step="Sign again with a key of yours that the roster lists, on this page.",
        ) from cause
    if Key.objects.filter(fingerprint=made.key.fingerprint, retirement__isnull=False).exists():
        raise NotAllowed(
            "This signature does not count.",
            cause="The key is retired.",
            next_step="Use another key that the roster lists.",
        )
    return signed(statement, sig, holder=key.holder)


def signed(statement: Statement, sig: bytes, *, holder: str) -> Signed:
    """Return a verified signature with the envelope that carries it."""
    fingerprint = sshsig.read(sig).key.fingerprint
    whole = envelope.Envelope(
        payload=bytes(statement.body),
        signatures=(envelope.Signature(keyid=fingerprint, sig=sig),),
    )
    return Signed(
        statement=statement,
        fingerprint=fingerprint,
        holder=holder,
        envelope=envelope.write(whole),
        sig=sig,
    )


def _check_holder(key: roster.Key, *, actor: User) -> None:
    if key.holder != f"{roster.PERSON}{actor.username}":
        raise NotProved(f"The key is {key.holder}'s; you are {actor.username}.")


def keep(made: Signed, *, by: User | None, now: datetime) -> Signature:
    """Keep a signature, once: in the transaction of the deed it allows."""
    try:
        with transaction.atomic():
            return Signature.objects.create(
                statement=made.statement, holder=by, fingerprint=made.fingerprint, sig=made.sig, at=now
            )
    except IntegrityError as twice:
        raise NotPossible(
            "You have signed this already.",
            cause="A signature is taken once.",
            next_step="Reload the page to see how it stands.",
        ) from twice


def signatures(statement: Statement) -> tuple[Signature, ...]:
    """Return who has signed, the first to the last."""
    return tuple(statement.signatures.select_related("holder").order_by("at", "pk"))


def whole(statement: Statement) -> bytes:
    """Return the envelope with every signature that was given."""
    given = tuple(
        envelope.Signature(keyid=one.fingerprint, sig=bytes(one.sig)) for one in signatures(statement)
    )
    return envelope.write(envelope.Envelope(payload=bytes(statement.body), signatures=given))
