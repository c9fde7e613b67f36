"""The words of a comparison: one change of one feature, and all of them with their counts."""

from dataclasses import dataclass
from enum import StrEnum

from pipelines.diff.rows import Rows
from pipelines.errors import TooLarge
from pipelines.model import Json


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
    """Everything that changed between two editions, exactly; `key` and `title` name columns.

    A small one holds each change as an object in `listed`, a large one all of them as columns in `rows`.
    """

    key: str
    title: str
    before_rows: int
    after_rows: int
    listed: tuple[Change, ...] = ()
    rows: Rows | None = None

    @property
    def large(self) -> bool:
        """Say whether there are too many changes to hold each as an object."""
        return self.rows is not None

    @property
    def changes(self) -> tuple[Change, ...]:
        """Return every change of a small diff; a large one refuses, lest it seems to have none."""
        if self.rows is not None:
            raise TooLarge(
                f"{self.rows.about.num_rows:,} changes are too many to list: read `rows` in batches."
            )
        return self.listed

    def count(self, kind: Kind) -> int:
        """Return how many features changed in that way."""
        if self.rows is None:
            return sum(change.kind is kind for change in self.listed)
        counts = self.rows.counts
        return counts[kind] + (counts["precision"] if kind is Kind.CHANGED else 0)

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
        if self.rows is None:
            return sum(change.decimals_only for change in self.listed)
        return self.rows.counts["precision"]


def summed(diff: Diff) -> Json:
    """Return what the list that the desk shows says of a comparison before it names any change."""
    return {
        "schema": "kfm/changes/1",
        "key": diff.key,
        "title": diff.title,
        "counts": {
            "added": diff.added,
            "removed": diff.removed,
            "changed": diff.changed,
            "moved": diff.moved,
            "decimals_only": diff.decimals_only,
        },
        "rows": {"before": diff.before_rows, "after": diff.after_rows},
    }
