"""How a roster comes to be: proposed from what was enrolled and retired, signed by another, adopted."""

from collections.abc import Collection
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection, transaction

from kfm_review.accounts.models import User
from kfm_review.audit.models import Event
from kfm_review.audit.record import record
from kfm_review.errors import NotPossible
from kfm_review.outbox.post import post
from kfm_review.people import rules as people
from kfm_review.people.rules import Deed
from kfm_review.signing import rosters, rules, statements
from kfm_review.signing.models import Key, Statement
from kfm_review.signing.statements import Signed
from pipelines.proof import chain, keys, roster, sshsig
from pipelines.proof.roster import Roster

ONE_AT_A_TIME = 0x4B46_52  # the advisory lock of whoever adopts a roster
DEMO_ROOT = "demo-root"


def hold_still() -> None:
    """Let no roster be adopted until the transaction ends: what was adopted before counts in it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [ONE_AT_A_TIME])


def pending(current: Roster) -> tuple[Key, ...]:
    """Return the enrolled keys that wait for a roster: not listed yet, or retired since."""
    listed = {one.fingerprint: one for one in current.keys}
    found = Key.objects.select_related("holder", "retirement__by").order_by("enrolled_at", "pk")
    return tuple(key for key in found if _differs(key, listed.get(key.fingerprint)))


def propose(*, actor: User, now: datetime) -> Statement:
    """Prepare the next version, with every key that waits, for somebody else to sign."""
    people.check_may(Deed.SIGN_EXCEPTION, actor.roles())
    current = _current()
    changes = {key.fingerprint: _listed(key, current) for key in pending(current)}
    if not changes:
        raise NotPossible("No key waits for a roster.", next_step="Enrol or retire one first.")
    kept = {one.fingerprint: one for one in current.keys}
    new = Roster(
        version=current.version + 1,
        previous=current.digest,
        root=current.root,
        issued_at=now,
        origins=current.origins,
        rp_ids=current.rp_ids,
        keys=tuple((kept | changes).values()),
    )
    told = roster.document(new, id_="", nonce="")
    predicate = {name: value for name, value in told.items() if name not in ("id", "nonce", "issued_at")}
    with transaction.atomic():
        made = statements.prepare(kind="roster", subjects={}, predicate=predicate, by=actor, now=now)
        record("roster.proposed", f"roster:{new.version}", actor=actor, at=now, statement=made.digest)
    return made


def adopt(statement: Statement, signed: Signed, *, actor: User | None, now: datetime) -> Roster:
    """Let a signed version take its place, if it follows the current one; the record says who signed."""
    if actor is not None:
        people.check_may(Deed.SIGN_EXCEPTION, actor.roles())
    with transaction.atomic():
        _lock()
        found = rosters.adopt(signed.envelope, now=now)
        statements.keep(signed, by=actor, now=now)
        record(
            "roster.adopted",
            f"roster:{found.version}",
            actor=actor,
            at=now,
            statement=statement.digest,
            signed_by=signed.fingerprint,
        )
    return found


def bring(signed: bytes, *, now: datetime) -> Roster:
    """Adopt a version that was signed elsewhere and is brought by whoever runs this server."""
    with transaction.atomic():
        _lock()
        found = rosters.adopt(signed, now=now)
        record(
            "roster.adopted",
            f"roster:{found.version}",
            actor=None,
            at=now,
            statement=found.digest,
            signed_by=found.signed_by,
        )
    return found


def ask_demo_root(*, statement: Statement, actor: User, now: datetime) -> None:
    """Ask the demo's root to sign the first keys of people; a second person signs all later ones."""
    people.check_may(Deed.SIGN_EXCEPTION, actor.roles())
    check_first(_current(), now=now)
    with transaction.atomic():
        post(DEMO_ROOT, {"statement": statement.digest}, at=now)
        record("roster.root-asked", f"statement:{statement.digest}", actor=actor, at=now)


def root_asked(statement: Statement, *, since: datetime) -> datetime | None:
    """Return when a demo's root was last asked to sign a version, if that was not long ago."""
    asked = Event.objects.filter(
        action="roster.root-asked", target=f"statement:{statement.digest}", at__gte=since
    )
    return asked.order_by("-pk").values_list("at", flat=True).first()


def sign_as_root(*, statement: Statement, private: Ed25519PrivateKey, now: datetime) -> Roster:
    """Sign a version with a demo's root: the first keys of people, and no others."""
    check_first(_current(), now=now)
    rules.check_fresh(prepared_at=statement.prepared_at, now=now)
    sig = sshsig.sign(statements.pae(statement), namespace=roster.NAMESPACE, private=private)
    holder = f"root {keys.ed25519(private.public_key()).fingerprint}"
    return adopt(statement, statements.signed(statement, sig, holder=holder), actor=None, now=now)


def check_first(current: Roster, *, now: datetime) -> None:
    """Refuse the root where people can sign by themselves."""
    if any(one.holder.startswith(roster.PERSON) and one.live(now) for one in current.keys):
        raise NotPossible(
            "The root signs only the first keys.",
            cause="Somebody of governance has a key that counts.",
            next_step="Ask somebody of governance, other than the key's holder, to sign the roster.",
        )


def _lock() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])


def changing(statement: Statement) -> frozenset[str]:
    """Return whose keys change in a proposed version: those who may not sign it."""
    current = _current()
    found = chain.changed(current, roster.parse(bytes(statement.body)))
    return frozenset(one.holder.removeprefix(roster.PERSON) for one in found)


def changed(statement: Statement, current: Roster) -> frozenset[str]:
    """Return the fingerprints of the keys that a proposed version changes, where it can follow at all."""
    found = roster.parse(bytes(statement.body))
    follows = found.previous == current.digest
    return frozenset(one.fingerprint for one in chain.changed(current, found) if follows)


def changes(statement: Statement) -> tuple[str, ...]:
    """Say what a proposed version would change, key by key, while it can follow the current one."""
    current, found = _current(), roster.parse(bytes(statement.body))
    if found.previous != current.digest:
        return ()
    old = {one.fingerprint: one for one in current.keys}
    return tuple(
        _change(old.get(one.fingerprint), one) for one in found.keys if old.get(one.fingerprint) != one
    )


def _change(before: roster.Key | None, after: roster.Key) -> str:
    named = f"{after.name} of {after.holder}, {after.fingerprint}"
    if before is None:
        return f"New: {named}, as {', '.join(after.roles)}"
    if after.retired_at and not before.retired_at:
        return f"Retired: {named}: {after.retired_why}"
    return f"Told differently: {named}"


def signers(*, now: datetime, changing: Collection[str]) -> tuple[str, ...]:
    """Return the account names of those whose key could sign a version in which others' keys change."""
    listed = {
        one.holder.removeprefix(roster.PERSON)
        for one in _current().keys
        if one.holder.startswith(roster.PERSON) and one.live(now) and roster.GOVERNANCE in one.roles
    }
    holders = User.objects.filter(username__in=listed - set(changing), is_active=True).order_by("username")
    return tuple(one.username for one in holders if people.may(Deed.SIGN_EXCEPTION, one.roles()))


def _current() -> Roster:
    current = rosters.current()
    if current is None:
        raise NotPossible(
            "There is no roster yet.",
            cause="Version 1 is signed by a root key, outside the server.",
            next_step="Run `manage.py roster init`, then `manage.py roster adopt`.",
        )
    return current


def _differs(key: Key, listed: roster.Key | None) -> bool:
    retired = getattr(key, "retirement", None) is not None
    return not retired if listed is None else retired and listed.retired_at is None


def _listed(key: Key, current: Roster) -> roster.Key:
    before = current.find(key.fingerprint)
    ended = getattr(key, "retirement", None)
    return roster.Key(
        public=keys.read_line(key.line),
        holder=f"{roster.PERSON}{key.holder.username}",
        name=key.name,
        kind=key.kind,
        roles=before.roles if before else tuple(key.roles),
        since=before.since if before else key.since,
        until=before.until if before else key.until,
        retired_at=ended.at if ended else None,
        retired_why=ended.why if ended else "",
    )
