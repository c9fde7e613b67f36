"""Standing approvals: signed in advance for clean runs of one asset, used on record, ended at any time."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from django.db import transaction

from kfm_review.accounts.models import User
from kfm_review.audit.reasons import check_why
from kfm_review.audit.record import record
from kfm_review.errors import Invalid, NotAllowed, NotPossible
from kfm_review.outbox.post import post
from kfm_review.people import rules as people
from kfm_review.people.rules import Deed
from kfm_review.releases.models import StandingApproval, StandingEnd, StandingUse
from kfm_review.reviews import routing
from kfm_review.reviews.models import Review
from kfm_review.reviews.states import Status
from kfm_review.runs.asking import lock_asset
from kfm_review.runs.models import Asset, Current
from kfm_review.signing import machines, statements
from kfm_review.signing.models import Statement
from kfm_review.signing.statements import Signed
from pipelines import digest, policy
from pipelines.errors import NotProved
from pipelines.model import NO_BASE, Json
from pipelines.proof import envelope, roster, signers
from pipelines.proof.standing import FIELDS, NAMESPACE

KIND = "standing-approval"
CLEAN = "PASS"


def request(*, asset: str, until: date, why: str, actor: User, now: datetime) -> Statement:
    """Prepare a standing approval for somebody of governance to sign."""
    with transaction.atomic():
        found = lock_asset(asset)
        if not people.may(Deed.SIGN_EXCEPTION, actor.roles(), found.family):
            people.check_may(Deed.ASK_EXCEPTION, actor.roles(), found.family)
        said, ends = check_why(why), datetime.combine(until, time.max, tzinfo=UTC)
        _check_term(ends, now=now)
        if not Current.objects.filter(asset=found, manifest__label__in=_covered()).exists():
            raise NotPossible(
                f"{asset} has no public release yet.",
                cause="A first edition, and what is not public, is looked at by people.",
                next_step="Have an edition published first.",
            )
        predicate = {
            "asset": asset,
            "family": found.family,
            "labels": _covered(),
            "outcome": CLEAN,
            "expires_at": ends.isoformat(),
            "reason": said,
            "requested_by": actor.username,
        }
        made = statements.prepare(kind=KIND, subjects={}, predicate=predicate, by=actor, now=now)
        _record("standing-approval.requested", found, by=actor, why=said, now=now, statement=made.digest)
        return made


def grant(statement: Statement, signed: Signed, actor: User, now: datetime) -> StandingApproval:
    """Let clean runs of an asset be approved by what somebody of governance has just signed."""
    said = _terms(statements.read(statement).predicate)
    with transaction.atomic():
        found = lock_asset(said["asset"])
        ends = roster.moment(said["expires_at"])
        _check_term(ends, now=now)
        check_signer(actor, found, requested_by=said["requested_by"])
        statements.keep(signed, by=actor, now=now)
        made = StandingApproval.objects.create(
            asset=found,
            statement=statement,
            envelope=signed.envelope,
            digest=digest.of(signed.envelope),
            by=actor,
            at=now,
            until=ends,
            why=said["reason"],
        )
        _record(
            "standing-approval.signed", found, by=actor, why=made.why, now=now, statement=statement.digest
        )
        return made


def end(*, approval_id: int, actor: User, why: str, now: datetime) -> StandingEnd:
    """End a standing approval; from then on people look at every run again."""
    with transaction.atomic():
        approval = StandingApproval.objects.select_related("asset").filter(pk=approval_id).first()
        if approval is None:
            raise NotPossible("There is no such standing approval.", next_step="Reload the page.")
        found = lock_asset(approval.asset.name)
        if not people.may(Deed.PUBLISH, actor.roles(), found.family):
            people.check_may(Deed.SIGN_EXCEPTION, actor.roles(), found.family)
        said = check_why(why)
        if StandingEnd.objects.filter(approval=approval).exists():
            raise NotPossible("This standing approval was ended already.", next_step="Reload the page.")
        made = StandingEnd.objects.create(approval=approval, by=actor, why=said, at=now)
        _record(
            "standing-approval.ended", found, by=actor, why=said, now=now, statement=approval.statement_id
        )
        return made


def consider(review: Review | None, *, now: datetime) -> StandingUse | None:
    """Approve a clean run of an asset whose standing approval covers it; say so for each."""
    if review is None or not clean(review) or review.status != Status.OPEN or review.stale_at is not None:
        return None
    for approval in live(review.asset, now=now):
        made = StandingUse.objects.create(approval=approval, review=review, at=now)
        routing.move(review, Status.APPROVED, now=now)
        _record(
            "standing-approval.used",
            review.asset,
            by=None,
            why=approval.why,
            now=now,
            review=review.pk,
            manifest=review.manifest_id,
            statement=approval.statement_id,
            signed_by=approval.by.username,
        )
        post("review-approved", {"review": review.pk}, at=now)
        return made
    return None


def clean(review: Review) -> bool:
    """Answer whether a run needs nobody's look: all passed, public, and compared with something."""
    made = review.manifest
    said = set(made.gates.values_list("outcome", flat=True))
    passed = said == {CLEAN} and made.outcome == review.outcome == CLEAN
    return passed and made.label in _covered() and made.base != NO_BASE


def live(asset: Asset, *, now: datetime) -> Iterator[StandingApproval]:
    """Yield the approvals that count for an asset now."""
    waiting = StandingApproval.objects.filter(asset=asset, until__gt=now, end=None)
    for approval in waiting.select_related("by", "asset", "statement").order_by("-pk"):
        try:
            check(approval, at=now)
        except machines.Forged:
            continue
        yield approval


def check(approval: StandingApproval, *, at: datetime) -> Json:
    """Return the terms of a standing approval if its signature counts at a moment, and nobody ended it.

    Raises:
        Forged: with the reason.
    """
    ended = StandingEnd.objects.filter(approval=approval).first()
    if ended is not None and ended.at <= at:
        raise machines.Forged(f"The standing approval was ended: {ended.why}")
    content = machines.unchanged(approval.envelope, name=approval.digest)
    known = machines.current()
    if known is None:
        raise machines.Forged("Nobody's key counts: there is no roster.")
    try:
        read = envelope.read(content)
        said = _terms(envelope.parse_statement(read.payload).predicate)
        _check_signature(read, known, holder=f"{roster.PERSON}{approval.by.username}", at=at)
        ends = roster.moment(said["expires_at"])
    except (NotProved, Invalid) as cause:
        raise machines.Forged(str(cause)) from cause
    if said["asset"] != approval.asset.name or not at < ends == approval.until:
        raise machines.Forged("The standing approval is of another asset, or has expired.")
    try:
        check_signer(approval.by, approval.asset, requested_by=said["requested_by"])
    except NotAllowed as cause:
        raise machines.Forged(str(cause)) from cause
    return said


def check_signer(by: User, asset: Asset, *, requested_by: str) -> None:
    """Refuse whoever may not sign for an asset: without the role, its requester, or the family's owner."""
    people.check_may(Deed.SIGN_EXCEPTION, by.roles(), asset.family)
    if by.username == requested_by or people.may(Deed.REQUEST, by.roles(), asset.family):
        raise NotAllowed(
            "You may not sign this standing approval.",
            cause="Whoever asked for it, or requests runs of the family himself, does not sign for it.",
            next_step="Ask somebody else of governance.",
        )


def _check_signature(read: envelope.Envelope, known: roster.Roster, *, holder: str, at: datetime) -> None:
    if len(read.signatures) != 1:
        raise NotProved("A standing approval has exactly one signature.")
    key = signers.person(read, read.signatures[0], namespace=NAMESPACE, known=known, at=at)
    if key.holder != holder:
        raise NotProved(f"The key is {key.holder}'s, not {holder}'s.")


def _terms(predicate: Json) -> Json:
    if set(predicate) != FIELDS or predicate["outcome"] != CLEAN:
        raise Invalid("This is no standing approval.", next_step="Have it prepared anew.")
    if predicate["labels"] != _covered():
        raise Invalid("It covers other labels than policy lets it.", next_step="Have it prepared anew.")
    return predicate


def _check_term(ends: datetime, *, now: datetime) -> None:
    longest = int(policy.numbers("standing")["longest_days"])
    if not now < ends <= now + timedelta(days=longest + 1):
        raise Invalid(
            "A standing approval ends on a day to come.",
            cause=f"{ends:%Y-%m-%d} is past, or more than {longest} days away.",
            next_step="Choose a nearer day; it can be signed again then.",
        )


def _covered() -> list[str]:
    return list(policy.numbers("standing")["labels"])


def _record(
    action: str, asset: Asset, *, by: User | None, why: str, now: datetime, **details: str | int
) -> None:
    record(action, f"asset:{asset.name}", actor=by, at=now, why=why, family=asset.family, **details)
