"""Whose signature it is: a person's or a machine's, by a key that counted in its role at that moment."""

from collections.abc import Sequence
from datetime import datetime

from pipelines.errors import NotProved
from pipelines.proof import keys, roster, sshsig
from pipelines.proof.envelope import Envelope, Signature
from pipelines.proof.roster import Key, Roster


def verified(read: Envelope, one: Signature, *, namespace: str) -> sshsig.Signature:
    """Return a signature of an envelope if it is true, and by the key that the envelope names."""
    made = sshsig.verify(one.sig, read.signed, namespace=namespace)
    if made.key.fingerprint != one.keyid:
        raise NotProved("The envelope names another key than the one that signed it.")
    return made


def person(read: Envelope, one: Signature, *, namespace: str, known: Roster, at: datetime) -> Key:
    """Return the key by which somebody of governance signed; refuse one that did not count then."""
    made = verified(read, one, namespace=namespace)
    key = roster.key_at(known, one.keyid, at=at, role=roster.GOVERNANCE)
    if not key.holder.startswith(roster.PERSON):
        raise NotProved("Only people sign this.")
    check_device(known, made)
    return key


def machine(signed_by: Sequence[str], *, role: str, known: Roster | None, at: datetime) -> Key:
    """Return the key of the one machine that signed; refuse none, several and a person's.

    `signed_by` are the fingerprints of those whose signatures are true.
    """
    if known is None or len(signed_by) != 1:
        raise NotProved(f"It counts only with the signature of one machine whose role is {role}.")
    key = roster.key_at(known, signed_by[0], at=at, role=role)
    if not key.holder.startswith(roster.MACHINE):
        raise NotProved(f"{key.holder} is no machine.")
    return key


def check_device(known: Roster, made: sshsig.Signature) -> None:
    """Refuse a security key's or passkey's signature without a person verified, or from another place."""
    if made.key.type not in keys.ON_DEVICE:
        return
    if not made.present or not made.verified:
        raise NotProved("The key did not verify the person: a PIN, fingerprint or face is needed.")
    if made.type == sshsig.WEBAUTHN:
        if made.origin not in known.origins:
            raise NotProved(f"The passkey signed at {made.origin[:80]}, which is not on the roster.")
        if made.key.application not in known.rp_ids:
            raise NotProved(f"The passkey is for {made.key.application[:80]}, which is not on the roster.")
