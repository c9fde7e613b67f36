"""The words of a comparison: one change of one feature, and all of them with their counts."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What happened to a feature; one that moved is not also counted as changed."""

    MOVED = "moved"
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """A place in WGS 84 degrees; of anything but a point, its centroid."""

    lon: float
    lat: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnChange:
    """One column of one feature, before and after, as text; None where there is no value."""

    name: str
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One feature that is not what it was."""

    kind: Kind
    key: str
    title: str
    before: Position | None
    after: Position | None
    distance_m: float | None
    decimals_only: bool
    columns: tuple[ColumnChange, ...]
    same: tuple[tuple[str, str | None], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Diff:
    """Everything that changed between two editions, exactly; `key` and `title` name columns."""

    key: str
    title: str
    before_rows: int
    after_rows: int
    changes: tuple[Change, ...]

    def count(self, kind: Kind) -> int:
        """Return how many features changed in that way."""
        return sum(change.kind is kind for change in self.changes)

    @property
    def added(self) -> int:
        return self.count(Kind.ADDED)

    @property
    def removed(self) -> int:
        return self.count(Kind.REMOVED)

    @property
    def changed(self) -> int:
        return self.count(Kind.CHANGED)

    @property
    def moved(self) -> int:
        return self.count(Kind.MOVED)

    @property
    def decimals_only(self) -> int:
        """Return how many of the changed differ in nothing but the precision of their numbers."""
        return sum(change.decimals_only for change in self.changes)
