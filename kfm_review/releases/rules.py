"""What must be proved before anything is published: a closed list, each with the evidence it rests on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kfm_review.errors import NotPossible
from kfm_review.releases.states import Kind
from kfm_review.reviews.rules import STANDS
from pipelines.sensitivity import CHANNELS

TRIES = 10
PLACE = ("crs", "extent", "grid", "geometry", "adjacency", "cells", "tiles", "overviews")
RIGHTS = ("rights", "labels")
CATALOGS = ("catalogs", "links")
REQUIRED: dict[str, str] = {
    "manifest": "The manifest is the one that was approved, and its schema holds",
    "signature": "Manifest and PROV signed by a machine of the family's pool",
    "closing": "Closing check of manifest, STAC, DCAT and PROV",
    "artifacts": "Every artifact hashed again",
    "reproduced": "A second run by another machine came to the same",
    "place": "Every gate of geometry and coordinate systems stands",
    "period": "The days it speaks of are in order",
    "base": "Compared with what is current now",
    "label": "Labelled, sovereignty assessed, in the label's own channel",
    "rights": "The gates of rights and labels stand",
    "catalogs": "The gates of catalogs and links stand",
    "policy": "The promotion policy allows it",
    "audit": "The audit record is fresh, witnessed and consistent",
    "review": "Approved by people, for exactly this manifest",
    "recorded": "Who decided and excused might, and it stands in the audit record",
    "outcomes": "No gate failed, broke or was not reached, but by a live exception",
    "hold": "No hold on the asset",
    "back": "There is a way back",
}


class NothingRequired(ValueError):
    """An empty list of checks would let everything pass."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What one check found: whether it holds, and the evidence in words."""

    holds: bool
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the database knows of a promotion at one moment."""

    kind: Kind
    manifest: str
    review_status: str
    review_manifest: str
    approved_by: Sequence[str]
    needed: int
    outcome: str
    gates: Mapping[str, str]
    base: str
    current: str
    held_by: str
    label: str
    sovereignty_assessed: bool
    channel: str
    embargo: str  # until which day, or nothing
    today: str
    excused: Mapping[str, str]  # gate: the live exception that lets it stand
    older: int  # how many releases could become current instead
    withdrawn: bool
    published: bool  # it was current before


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One required check and what became of it."""

    id: str
    title: str
    proved: bool
    evidence: str


def recorded(facts: Facts) -> dict[str, Proof]:
    """Judge what the database holds; what the store holds is proved elsewhere."""
    return {
        "review": _review(facts),
        "outcomes": _outcomes(facts),
        "place": _gates(facts, PLACE, some=True),
        "rights": _gates(facts, RIGHTS),
        "catalogs": _gates(facts, CATALOGS),
        "back": _back(facts),
        "base": _base(facts),
        "hold": _hold(facts),
        "label": _label(facts),
    }


def checks(proofs: Mapping[str, Proof]) -> tuple[Check, ...]:
    """Return every required check in order; one that nobody made is not proved."""
    if not REQUIRED:
        raise NothingRequired("No check is required; nothing may be published so.")
    missing = Proof(holds=False, evidence="It was not checked.")
    found = {name: proofs.get(name, missing) for name in REQUIRED}
    return tuple(
        Check(id=name, title=title, proved=found[name].holds is True, evidence=found[name].evidence)
        for name, title in REQUIRED.items()
    )


def unproved(made: Sequence[Check]) -> tuple[Check, ...]:
    """Return what stands against publishing; anything but the whole list, proved, is something."""
    if tuple(check.id for check in made) != tuple(REQUIRED):
        raise NothingRequired("The checks made are not the checks required.")
    return tuple(check for check in made if not check.proved)


def check_goes_back(*, number: int, current: int | None, was_published: bool, withdrawn: bool) -> None:
    """Refuse to go back to what is current, was withdrawn, or was never published."""
    if withdrawn:
        raise NotPossible(
            f"Release {number} was withdrawn; it never comes back.", next_step="Choose another."
        )
    if number == current:
        raise NotPossible(f"Release {number} is current already.", next_step="Choose an older one.")
    if current is None or not was_published:
        raise NotPossible(
            f"Release {number} was never published.", next_step="Choose one that was current before."
        )


def _review(facts: Facts) -> Proof:
    if facts.review_status != "approved":
        return Proof(holds=False, evidence=f"The review is {facts.review_status}.")
    if facts.review_manifest != facts.manifest or not facts.approved_by:
        return Proof(holds=False, evidence="Nobody approved exactly this manifest.")
    by = " and ".join(facts.approved_by)
    if facts.needed < 1 or len(facts.approved_by) < facts.needed:
        return Proof(holds=False, evidence=f"It needs {facts.needed} approvals and has that of {by}.")
    return Proof(holds=True, evidence=f"sha256:{facts.manifest[:8]}, approved by {by}")


def _outcomes(facts: Facts) -> Proof:
    wrong = [f"{gate} is {said}" for gate, said in facts.gates.items() if not _stands(facts, gate)]
    failed = [gate for gate, said in facts.gates.items() if said == "FAIL"]
    excused = facts.outcome == "FAIL" and bool(failed) and all(gate in facts.excused for gate in failed)
    if facts.outcome not in STANDS and not excused:
        wrong.append(f"the run is {facts.outcome or 'without an outcome'}")
    if wrong or not facts.gates:
        return Proof(holds=False, evidence="; ".join(wrong) or "No gate has spoken.")
    looked = sum(outcome == "REVIEW" for outcome in facts.gates.values())
    said = f"{len(facts.gates)} gates, {looked} of them looked at by people"
    by = "".join(f"; {gate} passed by exception {facts.excused[gate]}" for gate in failed)
    return Proof(holds=True, evidence=said + by)


def _stands(facts: Facts, gate: str) -> bool:
    said = facts.gates.get(gate, "")
    return said in STANDS or (said == "FAIL" and gate in facts.excused)


def _gates(facts: Facts, names: Sequence[str], *, some: bool = False) -> Proof:
    """Judge one group of gates: each of them, or those of them that the family lists."""
    heard = [gate for gate in names if gate in facts.gates]
    silent = [] if some and heard else [gate for gate in names if gate not in heard]
    wrong = [f"{gate} has no word" for gate in silent]
    wrong += [f"{gate} is {facts.gates[gate]}" for gate in heard if not _stands(facts, gate)]
    if wrong:
        return Proof(holds=False, evidence=f"{'; '.join(wrong)}.")
    said = ", ".join(f"{gate} {facts.gates[gate]}" for gate in heard)
    return Proof(holds=True, evidence=f"{said} (manifest sha256:{facts.manifest[:8]})")


def _back(facts: Facts) -> Proof:
    if facts.withdrawn:
        return Proof(holds=False, evidence="This release was withdrawn; it never comes back.")
    if facts.kind is Kind.ROLLBACK:
        if not facts.published:
            return Proof(holds=False, evidence="This release was never published: nobody can go back to it.")
        return Proof(holds=True, evidence="This is the way back")
    said = f"{facts.older} releases can be made current again" if facts.older else "it can be withdrawn"
    return Proof(holds=True, evidence=said)


def _base(facts: Facts) -> Proof:
    if facts.kind is Kind.ROLLBACK:
        return Proof(holds=True, evidence="Rolling back: it was current before")
    if facts.base != facts.current:
        return Proof(holds=False, evidence="Another release overtook its base: it must be compared again.")
    said = "nothing was published before" if facts.base == "none" else f"base is sha256:{facts.base[:8]}"
    return Proof(holds=True, evidence=said)


def _hold(facts: Facts) -> Proof:
    if facts.kind is Kind.ROLLBACK:
        return Proof(holds=True, evidence="Rolling back: it sets a hold itself")
    if facts.held_by:
        return Proof(holds=False, evidence=f"Held by {facts.held_by}; a publisher lifts it.")
    return Proof(holds=True, evidence="none")


def _label(facts: Facts) -> Proof:
    if facts.label not in CHANNELS:
        return Proof(holds=False, evidence=f"It is labelled {facts.label or 'nothing'}.")
    if not facts.sovereignty_assessed:
        return Proof(holds=False, evidence="Sovereignty was not assessed.")
    if facts.channel != CHANNELS[facts.label]:
        wrong = f"What is {facts.label} is published in the channel {CHANNELS[facts.label]}"
        return Proof(holds=False, evidence=f"{wrong}, not in {facts.channel}.")
    if facts.embargo and facts.embargo > facts.today:
        return Proof(holds=False, evidence=f"It is under embargo until {facts.embargo}.")
    return Proof(holds=True, evidence=f"{facts.label}; sovereignty assessed; channel {facts.channel}")
