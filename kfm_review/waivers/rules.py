"""What may be asked to be excused and how, and who may sign it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import isfinite
from typing import Any

from kfm_review.audit.reasons import is_text
from kfm_review.errors import Invalid, NotAllowed, NotPossible
from pipelines.model import FINDINGS_AT_MOST
from pipelines.proof import exception

Json = dict[str, Any]
Edges = tuple[float, float, float, float]  # west, south, east, north in degrees
LONGEST_TEXT = 4000
MOST_KEYS, LONGEST_KEY = 1000, 200
MOST_FINDINGS = 1_000_000
MOST_OBLIGATIONS = 20
LONGEST_OBLIGATION = 500
NEVER = frozenset({"ERROR", "NOT_RUN"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What somebody typed: nothing of it is checked yet; its keys may be those that lie in its area."""

    kind: str
    gates: Sequence[str]
    reason_code: str
    justification: str
    reach: str
    keys: Sequence[str]
    area: Sequence[float | None]
    findings_max: int | None
    value_worst: float | None
    expires_at: datetime
    obligations: Sequence[str]


def failing(gates: Sequence[Json]) -> tuple[Json, ...]:
    """Return the results that only an exception lets stand."""
    return tuple(one for one in gates if one["outcome"] == "FAIL")


def why_not(gates: Sequence[Json], *, never: Collection[str]) -> str:
    """Say why nothing of a manifest can be excused, or nothing when something can."""
    silent = sorted({one["gate"] for one in gates if one["outcome"] in NEVER})
    if silent:
        return f"these broke or were not reached, and only a new run mends that: {', '.join(silent)}"
    barred = sorted({one["gate"] for one in failing(gates)} & set(never))
    if barred:
        return f"{', '.join(barred)} can never be excused"
    return "" if failing(gates) else "no gate failed: there is nothing to excuse"


def check_asked(asked: Asked, *, gates: Sequence[Json], policy: Json, now: datetime) -> tuple[Json, ...]:
    """Return the gate results to be excused; refuse what policy does not allow."""
    if why := why_not(gates, never=policy["never_gates"]):
        raise NotPossible("This cannot be excused.", cause=f"{why.capitalize()}.", next_step="Mend it.")
    _check_class(asked, policy, now=now)
    barred = sorted(set(policy["classes"][asked.kind]["never"]) & set(asked.gates))
    if barred:
        raise NotPossible(
            f"{asked.kind} never excuses {', '.join(barred)}.",
            cause="What concerns labels, rights and policy takes a class that is about them.",
            next_step="Choose SENSITIVE_RELEASE or SOVEREIGNTY, or leave the gate out.",
        )
    chosen = tuple(one for one in failing(gates) if one["gate"] in asked.gates)
    if not chosen or len(chosen) != len(set(asked.gates)):
        raise Invalid("Choose the failing gates to be excused.", next_step="Tick one at least.")
    if asked.reason_code not in policy["reason_codes"]:
        raise Invalid("Choose the reason.", next_step=f"One of {', '.join(policy['reason_codes'])}.")
    said = asked.justification.strip()
    if not said or len(said) > LONGEST_TEXT or not is_text(said):
        raise Invalid("Say why.", next_step=f"Write what a signer must know, at most {LONGEST_TEXT:,} signs.")
    _check_scope(asked, chosen)
    return chosen


def scope(asked: Asked, chosen: Sequence[Json]) -> Json:
    """Return the bounds of an exception: keys, and the worst that is seen now unless less was typed."""
    most = max(exception.counted(one) or 0 for one in chosen)
    worst = asked.value_worst
    if worst is None and len(chosen) == 1 and _measured(chosen[0]):
        worst = chosen[0]["value"]
    return {
        "reach": asked.reach,
        "keys": sorted(set(asked.keys)) or None,
        "area": list(asked.area) or None,
        "findings_max": most if asked.findings_max is None else asked.findings_max,
        "value_worst": None if worst is None else repr(float(worst)),
    }


def check_signer(*, actor: int, requester: int, author: int | None, deciders: Collection[int]) -> None:
    """Refuse whoever asked for it, made the edition, or decides about it: each is another person."""
    barred: Mapping[int | None, str] = {
        **dict.fromkeys(deciders, "decided on the review"),
        author: "delivered the edition",
        requester: "asked for the exception",
    }
    if actor in barred:
        raise NotAllowed(
            "You may not sign this.",
            cause=f"You {barred[actor]}; somebody else of governance signs.",
            next_step="Leave it to another person of governance.",
        )


def check_named(told: Json, *, actor: str, given: Collection[str]) -> None:
    """Refuse the signature that would complete an answer without the person whose answer it is."""
    named = told["approver"]["name"]
    needed = 1 if told["decision"] == "deny" else told["approver"]["signers"]
    if named not in {actor, *given} and len(given) + 1 >= needed:
        raise NotAllowed(
            "You may not sign this.",
            cause=f"It is the answer of {named}, who has not signed it.",
            next_step="Answer the request on its own page: there a statement is made in your name.",
        )


def need(gates: Sequence[Json], uncovered: Mapping[str, Sequence[str]], *, excused: Collection[str]) -> str:
    """Return what a later manifest says of an exception: `uncovered` tells why by gate."""
    failed = {one["gate"] for one in failing(gates)} & set(excused)
    if not failed:
        return "not needed"
    return "exceeded" if any(uncovered.get(gate) for gate in failed) else "still needed"


def _check_class(asked: Asked, policy: Json, *, now: datetime) -> None:
    terms = policy["classes"].get(asked.kind)
    if terms is None:
        raise Invalid("Choose the class.", next_step=f"One of {', '.join(policy['classes'])}.")
    if asked.reach not in terms["reach"]:
        raise NotPossible(
            f"{asked.kind} covers one manifest only.",
            cause="Policy lets it reach no further.",
            next_step="Choose this manifest, or another class.",
        )
    if not now < asked.expires_at <= now + timedelta(days=terms["max_days"]):
        raise Invalid(
            "An exception does not end on that day.",
            cause=f"It ends on a day to come, and {asked.kind} holds {terms['max_days']} days at most.",
            next_step=f"Choose a day until {now + timedelta(days=terms['max_days']):%Y-%m-%d}.",
        )


def _check_scope(asked: Asked, chosen: Sequence[Json]) -> None:
    if len(asked.keys) > MOST_KEYS or any(len(one) > LONGEST_KEY for one in asked.keys):
        raise Invalid(
            f"At most {MOST_KEYS:,} features can be named, each in at most {LONGEST_KEY} signs.",
            next_step="Name fewer, or none.",
        )
    outside = {one["where"] or "what names none" for gate in chosen for one in gate["findings"]}
    outside -= set(asked.keys)
    if asked.keys and outside:
        raise Invalid(
            f"The {'area you draw does' if asked.area else 'features you name do'} not cover what failed.",
            cause=f"{', '.join(sorted(outside)[:5])} would still fail.",
            next_step="Draw it larger, or leave it out: then the exception covers all that is found."
            if asked.area
            else "Name them too, or none: then the exception covers all that is found.",
        )
    if asked.value_worst is not None and not isfinite(asked.value_worst):
        raise Invalid("The worst value is no number.", next_step="Write a number, or nothing.")
    silent = [one["gate"] for one in chosen if not _measured(one)]
    if asked.value_worst is not None and silent:
        raise Invalid(
            "A worst value takes a gate that measures one against a limit.",
            cause=f"{', '.join(silent)} has no such number.",
            next_step="Leave the worst value empty, or ask for each gate by itself.",
        )
    _check_listed(asked, chosen)
    if len(asked.obligations) > MOST_OBLIGATIONS or any(
        len(one) > LONGEST_OBLIGATION or not is_text(one) for one in asked.obligations
    ):
        raise Invalid(
            "There are too many obligations, or one is too long or no text.", next_step="Write fewer words."
        )


def _check_listed(asked: Asked, chosen: Sequence[Json]) -> None:
    """Refuse bounds that what stands now would break at once."""
    totals = {one["gate"]: exception.counted(one) for one in chosen}
    unknown = [gate for gate, total in totals.items() if total is None]
    cut = [one["gate"] for one in chosen if len(one["findings"]) > FINDINGS_AT_MOST]
    if unknown or (cut and asked.reach == exception.ASSET):
        raise NotPossible(
            "This cannot be excused so far." if unknown else "This covers one manifest only.",
            cause=f"{', '.join(unknown or cut)} lists only the first {FINDINGS_AT_MOST} of its findings.",
            next_step="Mend it, or run again." if unknown else "Choose this manifest.",
        )
    most = max(total or 0 for total in totals.values())
    if asked.findings_max is not None and asked.findings_max > MOST_FINDINGS:
        raise Invalid("So many findings are no bound.", next_step=f"Write {MOST_FINDINGS:,} at most.")
    if asked.findings_max is not None and asked.findings_max < most:
        raise Invalid(f"{most} findings stand now: fewer would not help.", next_step=f"Write {most} or more.")
    worst = None if asked.value_worst is None else repr(float(asked.value_worst))
    if worst and (short := [one for one in chosen if exception.worse(one, one, worst=worst)]):
        raise Invalid(
            f"{short[0]['gate']} stands at {short[0]['value']} now: that worst value would not cover it.",
            cause=f"Its limit is {short[0]['bound']}, and worse lies away from that.",
            next_step=f"Write {short[0]['value']}, or what is further away from the limit.",
        )


def _measured(gate: Json) -> bool:
    return gate["value"] is not None and gate["bound"] is not None
