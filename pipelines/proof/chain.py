"""The chain of rosters: each version signed by somebody who does not gain by it, the first by the root."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from pipelines import digest
from pipelines.errors import NotProved
from pipelines.proof import envelope, roster, signers, sshsig
from pipelines.proof.roster import GOVERNANCE, MACHINE, NAMESPACE, PERSON, Key, Roster, parse

MOST_VERSIONS = 10_000
AHEAD = timedelta(minutes=5)  # as far as clocks may differ
WITHIN = timedelta(days=7)  # so long a proposed version waits for another person, or for the root, to sign it


def follow(before: Roster | None, signed: bytes, *, root: str, kept_at: datetime | None = None) -> Roster:
    """Return the roster of a signed envelope if it may follow `before`; the first is signed by the root.

    Any later one is signed by the root, or by a live governance key of the roster before, whose holder
    holds none of the keys that come, go or change: nobody brings himself into power.

    Where it is known when it was adopted, it was issued shortly before and its signer's key still counted:
    whose key has ended can write an earlier day upon a roster, and gains nothing.

    Raises:
        NotProved: with the rule that is broken.
    """
    outer = envelope.read(signed)
    found = parse(outer.payload)
    _check_place(before, found, root=root)
    if kept_at is not None:
        _check_kept(before, found, at=kept_at)
    if len(outer.signatures) != 1:
        raise NotProved("A roster has exactly one signature.")
    (one,) = outer.signatures
    made = signers.verified(outer, one, namespace=NAMESPACE)
    by = made.key.fingerprint
    if by != root:
        if before is None:
            raise NotProved("The first roster is signed by the root key alone.")
        check_signer(before, found, made)
        if kept_at is not None:
            roster.key_at(before, by, at=kept_at, role=GOVERNANCE)
    return replace(found, signed_by=by, kept_at=kept_at)


def check_signer(before: Roster, found: Roster, made: sshsig.Signature) -> None:
    """Refuse whoever may not sign this roster after that one."""
    signer = roster.key_at(before, made.key.fingerprint, at=found.issued_at, role=GOVERNANCE)
    if not signer.holder.startswith(PERSON):
        raise NotProved("Only a person's key signs a roster.")
    if (before.origins, before.rp_ids) != (found.origins, found.rp_ids):
        raise NotProved("Only the root changes where passkeys may sign.")
    holders = {one.holder for one in changed(before, found)}
    if any(one.startswith(MACHINE) for one in holders):
        raise NotProved("Only the root brings, changes or retires a machine's key.")
    if signer.holder in holders:
        raise NotProved(
            f"{signer.holder} signed a roster in which a key of {signer.holder} changes: "
            "another must sign it."
        )
    signers.check_device(before, made)


def verify_chain(
    signed: Sequence[bytes], *, root: str, kept: Mapping[str, datetime] | None = None
) -> tuple[Roster, ...]:
    """Return every version, the first to the last, each verified to follow the one before.

    With `kept`, which says by digest when each was adopted, what a person signed counts only if it says so.
    """
    if not 1 <= len(signed) <= MOST_VERSIONS:
        raise NotProved("There is no roster: nobody's key counts.")
    chain: list[Roster] = []
    for content in signed:
        at = kept.get(digest.of(envelope.read(content).payload)) if kept is not None else None
        found = follow(chain[-1] if chain else None, content, root=root, kept_at=at)
        if kept is not None and at is None and found.signed_by != root:
            raise NotProved(f"No line of the audit says when roster {found.version} was adopted.")
        chain.append(found)
    return tuple(chain)


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


def _check_kept(before: Roster | None, found: Roster, *, at: datetime) -> None:
    """Refuse a version whose own word of when it was issued does not fit when it was adopted."""
    said = f"Roster {found.version} was issued at {found.issued_at.isoformat()}"
    if found.issued_at > at + AHEAD:
        raise NotProved(f"{said}, which was yet to come when it was adopted.")
    if before is None:
        return  # the root made it away from the server, however long ago
    if found.issued_at < at - WITHIN:
        raise NotProved(f"{said}, more than {WITHIN.days} days before it was adopted.")
    if before.kept_at is not None and not before.kept_at - AHEAD <= found.issued_at:
        raise NotProved(f"{said}, before the version that it follows was adopted.")
    if before.kept_at is not None and at < before.kept_at:
        raise NotProved(f"Roster {found.version} was adopted before the version that it follows.")
