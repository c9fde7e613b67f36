"""What people sign in made-up evidence: exceptions that let a gate stand, and approvals in advance."""

from collections.abc import Callable
from datetime import timedelta

from pipelines import digest
from pipelines.bundle import contents
from pipelines.catalog import prov_exception
from pipelines.proof import envelope
from pipelines.proof import exception as rules
from tests.pipelines.bundle import made
from tests.pipelines.bundle.made import Files, Json
from tests.pipelines.bundle.signers import NOON, by_passkey
from tests.pipelines.made import Whole

Sign = Callable[[bytes], bytes]


def signed_for_exceptions(said: bytes) -> bytes:
    return by_passkey(said, namespace=rules.NAMESPACE)


def exception(whole: Whole, **more: object) -> bytes:
    """Return the statement by which gia lets the made.failing gate pass."""
    gate = next(one for one in whole.manifest.json["gates"] if one["gate"] == "tiles")
    starts = NOON + timedelta(minutes=2)
    told: Json = {
        "id": "0198c0de-0000-7000-8000-00000000000e",
        "nonce": "2" * 32,
        "issued_at": (NOON + timedelta(minutes=2)).isoformat(),
        "decision": "approve",
        "class": "QUALITY_THRESHOLD",
        "reason_code": "MINOR_DEFECT",
        "justification": "It is small.",
        "asset": "ks_airports",
        "edition": "2026-09",
        "excuses": [
            {
                "gate": "tiles",
                "outcome": "FAIL",
                "rules": ["tiles.outcome"],
                "measured": "1",
                "limit": "1",
                "value": "1.0",
                "bound": None,
            }
        ],
        "requester": "stella",
        "author": "ben",
        "approver": {"name": "gia", "role": "governance", "signers": 1},
        "scope": {"reach": "manifest", "keys": None, "area": None, "findings_max": 0, "value_worst": None},
        "not_before": starts.isoformat(),
        "expires_at": (starts + timedelta(days=30)).isoformat(),
        "obligations": [],
        "displayed": "5" * 64,
    } | more
    return envelope.statement(
        subjects={"manifest": whole.manifest.digest, "gate:tiles": digest.of_json(gate)},
        predicate_type=rules.PREDICATE,
        predicate=told,
    )


def bounds(rule: str = "tiles.outcome", **scope: object) -> Json:
    """Return the words by which a gate may stand within other bounds."""
    gate = {"gate": "tiles", "outcome": "FAIL", "measured": "1", "limit": "1", "value": "1.0", "bound": None}
    whole = {"reach": "manifest", "keys": None, "area": None, "findings_max": 0, "value_worst": None}
    return {"excuses": [gate | {"rules": [rule]}], "scope": whole | scope}


def measured(bound: str, *, worst: str) -> Json:
    """Return the words by which a gate may stand that measured 1 against a bound."""
    told = bounds(value_worst=worst)
    return told | {"excuses": [told["excuses"][0] | {"bound": bound}]}


def granted(
    said: bytes, *, name: str, by: tuple[str, ...] = ("gia",), action: str = "exception.granted"
) -> Json:
    told: Json = {"manifest": name, "statement": digest.of(said), "signed_by": list(by)}
    return made.event(action, "exception:1", minute=3, actor="gia", **told)


def excusing(
    whole: Whole, *, sign: Sign = signed_for_exceptions, ended: str = "", said: Json | None = None
) -> Files:
    """Return the made.failing made.release with its exception signed, or worded, in one way or another."""
    payload = exception(whole, **(said or {}))
    named = digest.of(payload)
    files = made.release(of=whole, exceptions=[{"gates": ["tiles"], "statement": named}])
    told = made.lines(whole.manifest.digest, files)
    told.insert(1, granted(payload, name=whole.manifest.digest))
    if ended:
        told.insert(2, granted(payload, name=whole.manifest.digest, action=ended))
    files |= made.audited(told) | {contents.DECISIONS: made.decided(told)}
    parsed = envelope.parse_statement(payload)
    at = NOON + timedelta(minutes=3)
    prov_ = prov_exception.document(parsed, digest=named, by=["gia"], at=at)
    return files | {f"exceptions/{named}.json": sign(payload), f"prov/exception-{named}.jsonld": prov_}


def standing(*, signed: int = -90, ended: int | None = None, **more: object) -> Files:
    """Return the made.release of a clean made.run that nobody looked at: a passkey approved it in advance.

    The audit has it signed, and ended if it was, so many minutes from noon.
    """
    files, name = made.release(), made.run().manifest.digest
    terms: Json = {
        "id": "s-1",
        "nonce": "4" * 32,
        "issued_at": (NOON - timedelta(hours=2)).isoformat(),
        "asset": "ks_airports",
        "family": "ks_airports",
        "labels": ["public"],
        "outcome": "PASS",
        "expires_at": (NOON + timedelta(days=30)).isoformat(),
        "reason": "It never surprised us.",
        "requested_by": "stella",
    } | more
    kind = "urn:kfm:predicate:standing-approval:1"
    said = envelope.statement(
        subjects={"standing-approval": digest.of_json(terms)}, predicate_type=kind, predicate=terms
    )
    told = made.lines(name, files)
    told[1] = made.event(
        "standing-approval.used",
        "asset:ks_airports",
        minute=4,
        review=made.REVIEW,
        manifest=name,
        statement=digest.of(said),
        signed_by="gia",
    )
    done = {"signed": signed, "ended": ended}
    told += [
        made.event(f"standing-approval.{how}", "asset:ks_airports", minute=minute, statement=digest.of(said))
        for how, minute in done.items()
        if minute is not None
    ]
    files |= made.audited(told) | {contents.DECISIONS: made.decided(told)}
    return files | {f"exceptions/{digest.of(said)}.json": by_passkey(said, namespace="release@kfm-review")}
