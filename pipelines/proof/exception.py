"""The signed exception: what it says, whether its signatures count, and which gate results it covers."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import isfinite

from pipelines import digest, documents
from pipelines.errors import NotProved
from pipelines.model import FINDINGS_AT_MOST, Json
from pipelines.proof import envelope, roster, signers
from pipelines.proof.roster import Roster, moment

PREDICATE = "urn:kfm:predicate:exception:1"
REVOCATION = "urn:kfm:predicate:revocation:1"
NAMESPACE = "exception@kfm-review"
MANIFEST, GATE = "manifest", "gate:"
APPROVE, DENY = "approve", "deny"
FAIL = "FAIL"
ASSET = "asset"
MORE = re.compile(r"([0-9][0-9,]*) more findings, ([0-9][0-9,]*) in all\.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The numbers of policy that an exception must keep to."""

    max_days: int
    reach: Collection[str]
    signers: int
    never: Collection[str]  # gates that no exception of this class excuses


def terms_of(numbers: Json) -> dict[str, Terms]:
    """Return the terms of every class, as policy's file on exceptions has them."""
    return {
        name: Terms(
            max_days=one["max_days"],
            reach=tuple(one["reach"]),
            signers=one["signers"],
            never=tuple(one["never"]),
        )
        for name, one in numbers["classes"].items()
    }


def subjects(manifest: str, gates: Sequence[Json]) -> dict[str, str]:
    """Return what an exception is about: one manifest, and each excused gate result of it, by digest."""
    return {MANIFEST: manifest, **{f"{GATE}{one['gate']}": digest.of_json(one) for one in gates}}


def check(
    signed: bytes, *, rosters: Sequence[Roster], terms: Mapping[str, Terms], at: datetime
) -> envelope.Statement:
    """Return an exception's statement if enough of the right people signed it, each while he could.

    `rosters` are the versions that were ever adopted; `at` is when it was signed.

    Raises:
        NotProved: with the rule that is broken.
    """
    said, holders = _signed(signed, rosters=rosters, at=at)
    _check_terms(said.predicate, terms.get(said.predicate["class"]), signers=len(holders))
    _check_subjects(said)
    return said


def told(signed: bytes, *, rosters: Sequence[Roster], at: datetime) -> envelope.Statement:
    """Return an exception's statement if those signed it who could, whatever policy says of its terms."""
    said, _ = _signed(signed, rosters=rosters, at=at)
    _check_subjects(said)
    return said


def _signed(
    signed: bytes, *, rosters: Sequence[Roster], at: datetime
) -> tuple[envelope.Statement, Sequence[str]]:
    outer = envelope.read(signed)
    said = envelope.parse_statement(outer.payload)
    terms = said.predicate
    if said.predicate_type != PREDICATE:
        raise NotProved("This statement is no exception.")
    if wrong := documents.mistakes(terms, schema="exception", file="exception"):
        raise NotProved(f"The exception does not say what one must: {wrong[0]}")
    holders = _holders(outer, rosters=rosters, at=at)
    _check_people(terms, holders)
    if moment(terms["issued_at"]) > at:
        raise NotProved("The exception was signed before it was issued.")
    return said, holders


def live(told: Json, *, at: datetime) -> bool:
    """Answer whether an exception's time has come and is not over."""
    return moment(told["not_before"]) <= at < moment(told["expires_at"])


def reaches(said: envelope.Statement, *, manifest: str, asset: str) -> bool:
    """Answer whether an exception is about this manifest, or about its asset whatever comes."""
    told = said.predicate
    if told["scope"]["reach"] == ASSET:
        return bool(told["asset"] == asset)
    return said.subjects.get(MANIFEST) == manifest


def counted(gate: Json) -> int | None:
    """Return how many findings a gate had, also those that its result leaves out; None if it does not say."""
    findings = gate["findings"]
    if len(findings) <= FINDINGS_AT_MOST:
        return len(findings)
    said = MORE.fullmatch(findings[-1]["message"])
    if said is None or len(findings) != FINDINGS_AT_MOST + 1:
        return None
    more, total = (int(one.replace(",", "")) for one in said.groups())
    return total if more > 0 and total == FINDINGS_AT_MOST + more else None


def uncovered(told: Json, gate: Json) -> tuple[str, ...]:
    """Say what of a gate result an exception does not cover; nothing, when it may stand."""
    return tuple(_uncovered(told, gate))


def _uncovered(told: Json, gate: Json) -> Iterator[str]:
    excused = next((one for one in told["excuses"] if one["gate"] == gate["gate"]), None)
    if excused is None or told["decision"] != APPROVE:
        yield f"{gate['gate']} is not excused"
        return
    if gate["outcome"] != FAIL:
        yield f"{gate['gate']} is {gate['outcome']}: only a failing gate can be excused"
        return
    findings, scope = gate["findings"], told["scope"]
    strange = sorted({one["rule"] for one in findings} - set(excused["rules"]))
    if strange:
        yield f"{', '.join(strange)} is not excused"
    yield from _outside(scope, findings)
    yield from _too_many(gate, scope)
    if worse(gate, excused, worst=scope["value_worst"]):
        yield f"{gate['measured']} is worse than what is excused"


def _too_many(gate: Json, scope: Json) -> Iterator[str]:
    total = counted(gate)
    if total is None:
        yield "nobody says how many findings there are"
    elif total > scope["findings_max"]:
        yield f"{total} findings, and {scope['findings_max']} are excused"
    if scope["reach"] == ASSET and len(gate["findings"]) > FINDINGS_AT_MOST:
        yield "not all findings are listed, and a wider exception covers only what can be read"


def _outside(scope: Json, findings: Sequence[Json]) -> Iterator[str]:
    """Say what lies outside the features excused; a drawn area counts by the keys that lay in it, alone."""
    if scope["area"] is not None and not (scope["keys"] and findings):
        yield "the area that is excused names no feature, or what failed names none"
    if scope["keys"] is not None:
        outside = sorted({one["where"] for one in findings} - set(scope["keys"]))
        if outside:
            yield f"{', '.join(outside[:3])} is outside what is excused"


def worse(gate: Json, excused: Json, *, worst: str | None) -> bool:
    """Answer whether a value lies beyond the worst one excused, away from the gate's bound.

    The worst one tells which way that is: what fails on the other side of its own bound is not excused.
    Where one is excused and there is nothing to hold against it, it is worse.
    """
    if worst is None:
        return False
    told = (worst, excused["bound"], gate["value"], gate["bound"])
    if None in told:
        return True
    most, bound, value, limit = map(float, told)
    side = _side(most, bound)
    if not isfinite(most) or _side(value, limit) == -side != 0:
        return True
    return side * value > side * most if side else value != most


def _side(value: float, bound: float) -> int:
    return (value > bound) - (value < bound)


def _holders(outer: envelope.Envelope, *, rosters: Sequence[Roster], at: datetime) -> tuple[str, ...]:
    """Return who signed, each by a key that counted then."""
    known = [one for one in rosters if one.counts_from <= at]
    if not known:
        raise NotProved("There was no roster when it was signed.")
    found = []
    for one in outer.signatures:
        key = signers.person(outer, one, namespace=NAMESPACE, known=known[-1], at=at)
        found.append(key.holder.removeprefix(roster.PERSON))
    if len(set(found)) != len(found):
        raise NotProved("One person signed twice, with two keys.")
    return tuple(found)


def _check_people(told: Json, holders: Sequence[str]) -> None:
    barred = {told["requester"], told["author"]} & set(holders)
    if barred:
        raise NotProved(f"{', '.join(sorted(barred))} asked for it or made the edition, and may not sign.")
    if told["approver"]["name"] not in holders:
        raise NotProved(f"{told['approver']['name']} is named as approver, and did not sign.")


def _check_terms(told: Json, terms: Terms | None, *, signers: int) -> None:
    if terms is None:
        raise NotProved(f"Policy knows no exception of class {told['class']}.")
    if told["scope"]["reach"] not in terms.reach:
        raise NotProved(f"An exception of class {told['class']} may not reach {told['scope']['reach']}.")
    starts, ends = moment(told["not_before"]), moment(told["expires_at"])
    if not starts < ends <= starts + timedelta(days=terms.max_days):
        raise NotProved(f"An exception of class {told['class']} holds {terms.max_days} days at most.")
    if barred := sorted({one["gate"] for one in told["excuses"]} & set(terms.never)):
        raise NotProved(f"An exception of class {told['class']} never excuses {', '.join(barred)}.")
    enough = signers >= terms.signers or told["decision"] == DENY
    if told["approver"]["signers"] != terms.signers or not enough:
        raise NotProved(f"An exception of class {told['class']} needs {terms.signers} signers.")


def _check_subjects(said: envelope.Statement) -> None:
    wanted = {MANIFEST, *(f"{GATE}{one['gate']}" for one in said.predicate["excuses"])}
    if set(said.subjects) != wanted:
        raise NotProved("The exception is about other gate results than those it excuses.")
