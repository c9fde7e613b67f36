"""What each label asks of who would see it: the order of labels, and what a clearance opens."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pipelines import sensitivity

ORDER, OPEN = (tuple(map(str, labels)) for labels in (sensitivity.ORDER, sensitivity.OPEN))
NOT_ASSESSED = ""  # no label, or nobody asked whose it is: as strict as the strictest
STRICTEST = ORDER[-1]
AUTHORITY = "authority:"
REVEALED_FOR = timedelta(minutes=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """How something is marked: its label, and the authorities it names; None where nobody asked."""

    label: str
    authorities: frozenset[str] | None
    reasons: tuple[str, ...] = ()

    @property
    def asks(self) -> tuple[str, ...]:
        """Return every clearance that it takes; nothing where everybody may see it."""
        label = self.label if self.authorities is not None else NOT_ASSESSED
        if label not in OPEN and label not in ORDER:
            label = STRICTEST
        own = () if label in OPEN else (label,)
        return (*own, *(f"{AUTHORITY}{name}" for name in sorted(self.authorities or ())))

    @property
    def guarded(self) -> bool:
        """Whether it takes any clearance at all."""
        return bool(self.asks)


NOTHING_KNOWN = Marked(label=NOT_ASSESSED, authorities=None)


def labels(held: Iterable[str]) -> frozenset[str]:
    """Return the labels that live clearances open: each opens what is less strict, too."""
    ranks = [ORDER.index(name) for name in held if name in ORDER]
    opened = ORDER[: max(ranks, default=-1) + 1]
    return frozenset({*OPEN, *opened, *((NOT_ASSESSED,) if STRICTEST in opened else ())})


def authorities(held: Iterable[str]) -> frozenset[str]:
    """Return the authorities that live clearances name."""
    return frozenset(name.removeprefix(AUTHORITY) for name in held if name.startswith(AUTHORITY))


def lacking(marked: Marked, *, labels: Collection[str], authorities: Collection[str]) -> tuple[str, ...]:
    """Return the clearances that are asked for and not held."""
    held = {*labels, *(f"{AUTHORITY}{name}" for name in authorities)}
    return tuple(asked for asked in marked.asks if asked not in held)


def marked(told: Mapping[str, Any] | None) -> Marked:
    """Read the labels of a manifest; whatever is not understood was not assessed."""
    read = told or {}
    label, named = read.get("sensitivity"), read.get("sovereignty")
    return Marked(
        label=label if isinstance(label, str) else NOT_ASSESSED,
        authorities=frozenset(map(_authority, named)) if isinstance(named, list | tuple) else None,
        reasons=tuple(map(str, read.get("sensitivity_reason") or ())),
    )


def _authority(told: object) -> str:
    """Return whose it is, by one entry of a list of sovereignty; an entry without a name opens to nobody."""
    name = told.get("authority") if isinstance(told, Mapping) else None
    return name if isinstance(name, str) else ""
