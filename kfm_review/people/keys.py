"""What people do about their keys: enrol one, by which they prove that they hold it, and retire it."""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from kfm_review.accounts.models import User
from kfm_review.accounts.roles import Role
from kfm_review.audit.reasons import check_why
from kfm_review.audit.record import record
from kfm_review.errors import Invalid, Missing, NotAllowed, NotPossible
from kfm_review.people import rules as people
from kfm_review.people.rules import Deed
from kfm_review.signing import rules
from kfm_review.signing.models import Key, Retirement
from pipelines.errors import NotProved
from pipelines.proof import keys, sshsig, webauthn
from pipelines.proof.keys import PublicKey

ADMITS = timedelta(minutes=15)  # a challenge to enrol is answered within


def enrol_passkey(  # noqa: PLR0913  # what a browser answers
    *,
    actor: User,
    name: str,
    until: datetime,
    attestation: bytes,
    client_data: bytes,
    challenge: bytes,
    origin: str,
    rp_id: str,
    now: datetime,
) -> Key:
    """Keep a new passkey, with its attestation, until a roster lists it."""
    try:
        made = webauthn.enrolled(
            attestation_object=attestation,
            client_data=client_data,
            challenge=challenge,
            origin=origin,
            rp_id=rp_id,
        )
    except NotProved as cause:
        raise _not_enrolled(cause) from cause
    return _enrol(
        made.key,
        actor=actor,
        kind="passkey",
        name=name,
        until=until,
        now=now,
        credential_id=webauthn.base64url(made.credential_id),
        attestation=attestation,
        attestation_format=made.attestation[:32],
    )


def enrol_ssh(  # noqa: PLR0913  # what a person sends
    *, actor: User, name: str, until: datetime, line: str, signature: str, challenge: str, now: datetime
) -> Key:
    """Keep a new SSH key whose holder has signed the challenge with it."""
    try:
        key = keys.read_line(line)
        _check_held(key, signature=signature, challenge=challenge)
    except NotProved as cause:
        raise _not_enrolled(cause) from cause
    return _enrol(key, actor=actor, kind="ssh", name=name, until=until, now=now)


def retire(*, key_id: int, actor: User, why: str, now: datetime) -> Retirement:
    """Let a key count no more: here at once, everywhere with the next roster."""
    with transaction.atomic():
        key = Key.objects.select_related("holder").filter(pk=key_id).first()
        if key is None:
            raise Missing("There is no such key.", next_step="Choose one from the list.")
        if key.holder_id != actor.pk:
            people.check_may(Deed.SIGN_EXCEPTION, actor.roles())
        said = check_why(why, most=rules.LONGEST_WHY)
        try:
            with transaction.atomic():
                made = Retirement.objects.create(key=key, by=actor, at=now, why=said)
        except IntegrityError as twice:
            raise NotPossible("This key is retired already.", next_step="Enrol a new one.") from twice
        record(
            "key.retired", f"key:{key.fingerprint}", actor=actor, at=now, why=said, holder=key.holder.username
        )
    return made


def _enrol(
    public: PublicKey, *, actor: User, kind: str, name: str, until: datetime, now: datetime, **more: object
) -> Key:
    roles = sorted({role for role, _ in actor.roles() if role in rules.SIGNERS})
    if not roles:
        raise NotAllowed(
            "You have nothing to sign here.",
            cause=f"Keys count in the roles {' and '.join(rules.SIGNERS)}; you hold neither.",
            next_step=f"Ask an administrator for the role of {Role.GOVERNANCE}.",
        )
    said = rules.check_name(name)
    rules.check_validity(until=until, now=now)
    with transaction.atomic():
        try:
            with transaction.atomic():
                made = Key.objects.create(
                    holder=actor,
                    kind=kind,
                    name=said,
                    fingerprint=public.fingerprint,
                    line=public.line,
                    roles=roles,
                    since=now,
                    until=until,
                    enrolled_at=now,
                    **more,
                )
        except IntegrityError as twice:
            raise NotPossible("This key is enrolled already.", next_step="Enrol another one.") from twice
        record(
            "key.enrolled",
            f"key:{public.fingerprint}",
            actor=actor,
            at=now,
            kind=kind,
            name=said,
            attestation=made.attestation_format,
        )
    return made


def _check_held(key: PublicKey, *, signature: str, challenge: str) -> None:
    made = sshsig.verify(sshsig.dearmored(signature), challenge.encode(), namespace=rules.ENROLMENT)
    if made.key != key:
        raise NotProved("The challenge was signed with another key than the one that is enrolled.")
    if key.type in keys.ON_DEVICE and not (made.present and made.verified):
        raise NotProved("The security key did not verify you: make it by `ssh-keygen -O verify-required`.")


def _not_enrolled(cause: NotProved) -> Invalid:
    return Invalid("The key was not enrolled.", cause=str(cause), next_step="Try again on this page.")
