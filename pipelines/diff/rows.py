"""The rows of a large diff: which features differ, in the order of the list, and their cells in batches."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipelines.diff import texts

# What a change is shown as, in the order of the list; what differs in decimals only is a kind of its own.
SHOWN = ("moved", "added", "removed", "changed", "precision")
IN_BATCH = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Some features in the order of the list: what is known of each, and its cells as texts on both sides."""

    about: pa.Table
    old: pa.Table
    new: pa.Table
    title: str

    def differs(self, name: str) -> pa.ChunkedArray:
        """Say of each feature whether that column is among those that it lists."""
        return self.about[flag(name)]

    def titles(self) -> pa.Array:
        """Return what each feature is called: its title on the newer side that it has, or else its key."""
        key = self.about["key"]
        old, new = (
            side[self.title] if self.title in side.column_names else key for side in (self.old, self.new)
        )
        said = pc.if_else(pc.is_valid(self.about["new"]), new, old)
        return pc.if_else(pc.fill_null(pc.equal(said, ""), fill_value=True), key, said).combine_chunks()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """All features that differ.

    `about` has a row for each: `shown` (a place in SHOWN), `key`, `old` and `new` (numbers of rows),
    `x0`, `y0`, `x1`, `y1`, `distance_m`, and for each column whether it differs.
    """

    old: pa.Table = field(repr=False)
    new: pa.Table = field(repr=False)
    key: str
    title: str
    moved_over_m: float
    columns: tuple[str, ...]
    about: pa.Table = field(repr=False)

    @property
    def counts(self) -> Mapping[str, int]:
        """Return how many features are shown as each kind."""
        found = np.bincount(self.about["shown"].to_numpy(), minlength=len(SHOWN))
        return dict(zip(SHOWN, found.tolist(), strict=True))

    def moved_over(self, metres: float, *, changing: str) -> NDArray[np.int64]:
        """Return which features went farther than that and differ in the column `changing` too, by place."""
        if changing not in self.columns:
            return np.array([], dtype=np.int64)
        far = pc.fill_null(pc.greater(self.about["distance_m"], metres), fill_value=False)
        return np.flatnonzero(pc.and_(far, self.about[flag(changing)]).to_numpy())

    def batches(
        self, *, order: pa.Array | None = None, columns: Sequence[str] | None = None
    ) -> Iterator[Batch]:
        """Yield the features batch by batch, in the order of the list or another, all columns or some."""
        for start in range(0, self.about.num_rows, IN_BATCH):
            some = slice(start, start + IN_BATCH)
            about = self.about[some] if order is None else self.about.take(order[some])
            old, new = (
                texts.columns(_selected(side, columns).take(about[name].combine_chunks()))
                for side, name in ((self.old, "old"), (self.new, "new"))
            )
            yield Batch(about=about, old=old, new=new, title=self.title)


def _selected(table: pa.Table, columns: Sequence[str] | None) -> pa.Table:
    return (
        table if columns is None else table.select([name for name in table.column_names if name in columns])
    )


def flag(name: str) -> str:
    """Return what the column is called that says whether the column `name` differs."""
    return f"differs {name}"


def words(shown: pa.Array, *, kinds: tuple[str, ...] = SHOWN) -> pa.Array:
    """Return the words of what features are shown as."""
    return pc.take(pa.array(kinds), shown)
