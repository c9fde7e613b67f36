"""The order of labels, what they join to, and where what is so labelled is published; all pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Sensitivity(StrEnum):
    """Who may see it, from everybody to nobody: compared by `rank`, not as texts."""

    PUBLIC = "public"
    GENERALIZED = "generalized"
    RESTRICTED = "restricted"
    QUARANTINE = "quarantine"

    @property
    def rank(self) -> int:
        """Return where it stands in the order."""
        return ORDER.index(self)


ORDER = tuple(Sensitivity)
OPEN = (Sensitivity.PUBLIC, Sensitivity.GENERALIZED)  # for everybody
CHANNELS: Mapping[str, str] = {
    Sensitivity.PUBLIC: "public",
    Sensitivity.GENERALIZED: "public",
    Sensitivity.RESTRICTED: "restricted",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a community or an institution says of data that concern it: an entry of sovereignty."""

    authority: str
    kind: str  # NOTICE, LABEL, AGREEMENT
    id: str
    obligations: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, read: Mapping[str, Any]) -> "Claim":
        """Return the claim that a document holds."""
        return cls(**{**read, "obligations": tuple(read.get("obligations", ()))})


@dataclass(frozen=True, slots=True, kw_only=True)
class Generalization:
    """How places were made coarser; `receipt` names the record of the step, once it is carried out."""

    method: str  # GRID, COUNTY, CENTROID, WITHHELD
    size_m: float
    uncertainty_m: float
    receipt: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """Who may see it: sovereignty None says *not assessed*, an empty tuple *assessed, none*."""

    sensitivity: str
    sovereignty: tuple[Claim, ...] | None
    rights: str
    sensitivity_reason: tuple[str, ...] = ()
    generalization: Generalization | None = None
    embargo_until: str | None = None

    @classmethod
    def from_json(cls, read: Mapping[str, Any]) -> "Labels":
        """Return the labels that a document holds."""
        said, coarser = read.get("sovereignty"), read.get("generalization")
        typed = {
            "sovereignty": None if said is None else tuple(Claim.from_json(one) for one in said),
            "sensitivity_reason": tuple(read.get("sensitivity_reason", ())),
            "generalization": None if coarser is None else Generalization(**coarser),
        }
        return cls(**{**read, **typed})


def rank(label: str | None) -> int:
    """Return where a label stands in the order; one that is not known stands before the first."""
    return ORDER.index(Sensitivity(label)) if label in ORDER else -1


def strictest(labels: Iterable[str]) -> str:
    """Return the join of labels: the strictest; nothing at all, or one that is not known, is quarantine."""
    held = list(labels)
    if not held or any(label not in ORDER for label in held):
        return Sensitivity.QUARANTINE
    return max(held, key=rank)


def channel(label: str) -> str:
    """Return where what is so labelled is published; what nobody may see would be as restricted as can be."""
    return CHANNELS.get(label, "restricted")


def lowers(label: str, *, inputs: Iterable[str]) -> bool:
    """Say whether what comes out is looser than the strictest that went in."""
    held = list(inputs)
    return bool(held) and rank(label) < rank(strictest(held))
