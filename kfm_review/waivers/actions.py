"""What happens to exceptions: asked for, prepared, signed or denied, ended; reported on by runs."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from kfm_review.accounts.models import User
from kfm_review.audit.reasons import check_why
from kfm_review.audit.record import record
from kfm_review.errors import NotPossible
from kfm_review.people import rules as people
from kfm_review.people.rules import Deed
from kfm_review.runs import withheld
from kfm_review.runs.models import Asset, Manifest
from kfm_review.signing import rosters, statements
from kfm_review.signing.models import Statement
from kfm_review.signing.rules import LONGEST_WHY
from kfm_review.signing.statements import Signed
from kfm_review.waivers import areas, queries, rules
from kfm_review.waivers.models import Denial, Ending, Need, Request, Waiver
from kfm_review.waivers.rules import Asked
from pipelines import digest, policy
from pipelines.catalog import prov_exception
from pipelines.errors import NotProved
from pipelines.proof import exception

WITHHELD = "What it finds is withheld."
SETTLED = "Somebody has answered this already."


def request(*, manifest: Manifest, author: User | None, asked: Asked, actor: User, now: datetime) -> Request:
    """Ask that failing gates of a manifest may stand."""
    people.check_may(Deed.ASK_EXCEPTION, actor.roles(), manifest.family)
    gates = manifest.body.get("gates", ())
    if asked.reach == exception.ASSET:
        _check_open_to_all(manifest)
    asked = areas.placed(asked, manifest)
    chosen = rules.check_asked(asked, gates=gates, policy=policy.numbers(queries.TOPIC), now=now)
    if {one["gate"] for one in chosen} & queries.asked_gates(manifest):
        raise NotPossible(
            "An exception for this is asked for already.", next_step="Wait until governance has answered."
        )
    body = {
        "class": asked.kind,
        "reason_code": asked.reason_code,
        "justification": asked.justification.strip(),
        "asset": manifest.asset.name,
        "edition": manifest.edition,
        "excuses": [_excused(one) for one in chosen],
        "requester": actor.username,
        "author": author.username if author else "",
        "scope": rules.scope(asked, chosen),
        "not_before": now.isoformat(),
        "expires_at": asked.expires_at.isoformat(),
        "obligations": [one.strip() for one in asked.obligations if one.strip()],
        "displayed": digest.of_json(list(chosen)),
    }
    with transaction.atomic():
        made = Request.objects.create(
            manifest=manifest,
            asset=manifest.asset,
            kind=asked.kind,
            body=body,
            requested_by=actor,
            author=author,
            at=now,
        )
        _note("exception.requested", made, actor=actor, now=now, why=asked.justification.strip())
    return made


def prepare(
    *, request_id: int, decision: str, deciders: Collection[int], actor: User, now: datetime
) -> Statement:
    """Prepare what a signer reads: the request's own words, his name, and what he decides."""
    found = queries.find(request_id)
    people.check_may(Deed.SIGN_EXCEPTION, actor.roles(), found.asset.family)
    _check_open(found)
    _check_signer(found, actor=actor, deciders=deciders)
    chosen = {one["gate"] for one in found.body["excuses"]}
    gates = [one for one in found.manifest.body.get("gates", ()) if one["gate"] in chosen]
    signers = queries.terms()[found.kind].signers
    return statements.prepare(
        kind="exception",
        subjects=exception.subjects(found.manifest_id, gates),
        predicate={
            **found.body,
            "decision": decision,
            "approver": {"name": actor.username, "role": "governance", "signers": signers},
        },
        by=actor,
        now=now,
        about=str(found.pk),
    )


def accept(
    *, statement: Statement, signed: Signed, deciders: Collection[int], actor: User, now: datetime
) -> Request:
    """Take a signature: deny, wait for a second one, or let the exception live."""
    with transaction.atomic():
        found = queries.find(int(statement.about))
        Asset.objects.select_for_update(no_key=True).get(pk=found.asset_id)
        _check_open(found)
        _check_signer(found, actor=actor, deciders=deciders)
        told = statements.read(statement).predicate
        given = queries.given(statement)
        rules.check_named(told, actor=actor.username, given=given)
        statements.keep(signed, by=actor, now=now)
        if told["decision"] == exception.DENY:
            Denial.objects.create(request=found, statement=statement, by=actor, at=now)
            _note("exception.denied", found, actor=actor, now=now, statement=statement.digest)
            return queries.find(found.pk)
        if len(given) + 1 < told["approver"]["signers"]:
            _note("exception.signed", found, actor=actor, now=now, statement=statement.digest)
            return queries.find(found.pk)
        _let_live(found, statement, actor=actor, now=now)
    return queries.find(found.pk)


def prepare_revocation(*, waiver_id: int, why: str, actor: User, now: datetime) -> Statement:
    """Prepare what ends an exception early."""
    waiver = _waiver(waiver_id)
    people.check_may(Deed.SIGN_EXCEPTION, actor.roles(), waiver.asset.family)
    said = check_why(why, most=LONGEST_WHY)
    return statements.prepare(
        kind="revocation",
        subjects={"exception": waiver.statement_id},
        predicate={"exception": waiver.statement_id, "why": said, "by": actor.username},
        by=actor,
        now=now,
        about=str(waiver.pk),
    )


def revoke(*, statement: Statement, signed: Signed, actor: User, now: datetime) -> Waiver:
    """End an exception early; what relied on it is asked for anew."""
    with transaction.atomic():
        waiver = _waiver(int(statement.about))
        told = statements.read(statement).predicate
        statements.keep(signed, by=actor, now=now)
        end(waiver, how="revoked", why=told["why"], by=actor, statement=statement, now=now)
    return waiver


def end(
    waiver: Waiver,
    *,
    how: str,
    why: str,
    now: datetime,
    by: User | None = None,
    statement: Statement | None = None,
) -> Ending | None:
    """Write down how an exception ended, once."""
    Asset.objects.select_for_update(no_key=True).get(pk=waiver.asset_id)  # a flip under way comes first
    if Ending.objects.filter(waiver=waiver).exists():
        return None
    made = Ending.objects.create(waiver=waiver, how=how, why=why, by=by, statement=statement, at=now)
    _note(f"exception.{how}", waiver.request, actor=by, now=now, why=why, statement=waiver.statement_id)
    return made


def over(*, now: datetime) -> tuple[Waiver, ...]:
    """Return the exceptions whose time is over and of which nobody has said so yet."""
    found = Waiver.objects.filter(ending=None, expires_at__lte=now).select_related("request", "asset")
    return tuple(found.order_by("pk")[:100])


def report(manifest: Manifest, *, now: datetime) -> tuple[Waiver, ...]:
    """Let a later manifest say whether each exception is still needed; return those it exceeds."""
    exceeded = []
    for waiver in queries.live(asset=manifest.asset, at=now).exclude(manifest=manifest).filter(reach="asset"):
        told = statements.read(waiver.statement).predicate
        excused = [one["gate"] for one in told["excuses"]]
        gates = manifest.body.get("gates", ())
        uncovered = {one["gate"]: exception.uncovered(told, one) for one in gates if one["gate"] in excused}
        said = rules.need(gates, uncovered, excused=excused)
        why = _why(uncovered, manifest) if said == "exceeded" else ""
        made, fresh = Need.objects.get_or_create(
            waiver=waiver, manifest=manifest, defaults={"said": said, "why": why, "at": now}
        )
        if fresh:
            _note("exception.reported", waiver.request, actor=None, now=now, why=why, said=made.said)
        if fresh and said == "exceeded":
            end(waiver, how="voided", why=f"A later run exceeds it: {why}", now=now)
            exceeded.append(waiver)
    return tuple(exceeded)


def _why(uncovered: Mapping[str, Sequence[str]], manifest: Manifest) -> str:
    """Say by what a run exceeds an exception; it is recorded where others read who may not see the run."""
    if withheld.marked(manifest).guarded:
        return WITHHELD
    return "; ".join(word for words in uncovered.values() for word in words)


def _let_live(found: Request, statement: Statement, *, actor: User, now: datetime) -> Waiver:
    told = statements.read(statement).predicate
    whole = statements.whole(statement)
    try:
        exception.check(whole, rosters=rosters.kept(), terms=queries.terms(), at=now)
    except NotProved as cause:
        raise NotPossible(
            "This exception does not count.", cause=str(cause), next_step="Ask anew."
        ) from cause
    signed_by = [one.holder.username for one in statements.signatures(statement) if one.holder]
    made = Waiver.objects.create(
        request=found,
        statement=statement,
        manifest=found.manifest,
        asset=found.asset,
        kind=found.kind,
        reach=told["scope"]["reach"],
        envelope=whole,
        prov=prov_exception.document(
            statements.read(statement), digest=statement.digest, by=signed_by, at=now
        ),
        signed_by=signed_by,
        at=now,
        not_before=datetime.fromisoformat(told["not_before"]),
        expires_at=datetime.fromisoformat(told["expires_at"]),
    )
    _note("exception.granted", found, actor=actor, now=now, statement=statement.digest, signed_by=signed_by)
    return made


def _excused(gate: dict[str, Any]) -> dict[str, Any]:
    numbers = {name: None if gate[name] is None else repr(float(gate[name])) for name in ("value", "bound")}
    found = sorted({one["rule"] for one in gate["findings"]})
    return {
        "gate": gate["gate"],
        "outcome": gate["outcome"],
        "rules": found or [f"{gate['gate']}.outcome"],
        "measured": gate["measured"],
        "limit": gate["limit"],
        **numbers,
    }


def _check_open(found: Request) -> None:
    if getattr(found, "waiver", None) is not None or getattr(found, "denial", None) is not None:
        raise NotPossible(SETTLED, next_step="Reload its page to see the answer.")


def _check_open_to_all(manifest: Manifest) -> None:
    """Refuse an exception for whatever comes, asked in words about what is not for everybody."""
    if withheld.marked(manifest).guarded:
        raise NotPossible(
            "What is asked about a guarded run covers that run alone.",
            cause="Later runs may be public, and what lets them stand is published with them.",
            next_step="Choose this manifest.",
        )


def _check_signer(found: Request, *, actor: User, deciders: Collection[int]) -> None:
    rules.check_signer(
        actor=actor.pk, requester=found.requested_by_id, author=found.author_id, deciders=deciders
    )


def _waiver(waiver_id: int) -> Waiver:
    waiver = Waiver.objects.select_related("request", "asset", "statement").filter(pk=waiver_id).first()
    if waiver is None or Ending.objects.filter(waiver=waiver).exists():
        raise NotPossible("This exception is not live.", next_step="Reload the page of exceptions.")
    return waiver


def _note(
    action: str, found: Request, *, actor: User | None, now: datetime, why: str = "", **details: Any
) -> None:
    record(
        action,
        f"exception:{found.pk}",
        actor=actor,
        at=now,
        why=why,
        family=found.asset.family,
        asset=found.asset.name,
        manifest=found.manifest_id,
        **details,
    )
