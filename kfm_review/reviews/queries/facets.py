"""Counts of items for every facet of the queue, from one grouped query."""

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import Count, Func, JSONField, QuerySet, Value

from kfm_review.reviews.models import Review

FACETS = ("outcome", "turn", "family", "gate", "edition")
WORST_FIRST = ("ERROR", "FAIL", "REVIEW", "PASS")
LONGEST = 12


class Turn(StrEnum):
    """Whose turn an open review is, for one viewer."""

    MINE = "mine"
    OTHERS = "others"
    BARRED = "barred"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What the queue is narrowed to; an empty set narrows nothing."""

    outcome: frozenset[str] = frozenset()
    turn: frozenset[str] = frozenset()
    family: frozenset[str] = frozenset()
    gate: frozenset[str] = frozenset()
    edition: frozenset[str] = frozenset()
    text: str = ""

    @property
    def active(self) -> bool:
        return bool(self.text) or any(getattr(self, facet) for facet in FACETS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One line of a facet: how many items it would show."""

    value: str
    count: int
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """How many open reviews are alike in everything a facet asks for."""

    values: dict[str, frozenset[str]]
    count: int

    def passes(self, filters: Filters, *, besides: str) -> bool:
        """Answer whether the filters of all facets but one leave it in."""
        return all(
            not getattr(filters, facet) or getattr(filters, facet) & self.values[facet]
            for facet in FACETS
            if facet != besides
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """All open reviews, counted once."""

    entries: tuple[Entry, ...]

    @property
    def total(self) -> int:
        return sum(entry.count for entry in self.entries)

    def by_turn(self, filters: Filters) -> dict[Turn, int]:
        """Count what the filters show, by whose turn it is."""
        counts = dict.fromkeys(Turn, 0)
        for entry in self.entries:
            if entry.passes(filters, besides=""):
                (turn,) = entry.values["turn"]
                counts[Turn(turn)] += entry.count
        return counts


def tallied(reviews: QuerySet[Review]) -> Tally:
    """Count `reviews` (annotated with their turn) by everything a facet asks for."""
    gates = Func("reasons", Value("$[*].gate"), function="jsonb_path_query_array", output_field=JSONField())
    rows = (
        reviews.annotate(gates=gates)
        .order_by()
        .values_list("outcome", "turn", "family", "gates", "edition")
        .annotate(count=Count("pk"))
    )
    return Tally(
        entries=tuple(
            Entry(
                values={
                    "outcome": frozenset({outcome}),
                    "turn": frozenset({turn}),
                    "family": frozenset({family}),
                    "gate": frozenset(gates),
                    "edition": frozenset({edition}),
                },
                count=count,
            )
            for outcome, turn, family, gates, edition, count in rows
        )
    )


def choices(tally: Tally, filters: Filters) -> dict[str, tuple[Choice, ...]]:
    """Return the lines of every facet: what each would show beside the other facets' filters."""
    return {facet: _lines(tally, filters, facet=facet) for facet in FACETS}


def _lines(tally: Tally, filters: Filters, *, facet: str) -> tuple[Choice, ...]:
    chosen: frozenset[str] = getattr(filters, facet)
    counts = Counter[str](dict.fromkeys(chosen, 0))
    for entry in tally.entries:
        if entry.passes(filters, besides=facet):
            for value in entry.values[facet]:
                counts[value] += entry.count
    return tuple(
        Choice(value=value, count=counts[value], chosen=value in chosen)
        for value in _ordered(counts, facet=facet)[: LONGEST + len(chosen)]
    )


def _ordered(counts: Counter[str], *, facet: str) -> list[str]:
    if facet == "outcome":
        return [value for value in WORST_FIRST if value in counts]
    if facet == "turn":
        return [str(turn) for turn in Turn]
    return sorted(counts, key=lambda value: (-counts[value], value))
