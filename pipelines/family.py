"""What a family is: its inputs, editions and partitions, the layer it makes, and how that is judged."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pipelines.model import Column, Json, Labels, Licence, ReviewTerms

WEEK = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    """Which columns of a table hold the coordinates, and in which system."""

    x: str
    y: str
    crs: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shapes:
    """The file holds geometry itself, in the system that is declared."""

    crs: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """A row lies where the row of another input does whose `to` is this one's `column`s put together."""

    input: str
    column: tuple[str, ...]
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """The file is a raster, in the system that is declared."""

    crs: str


Place = Points | Shapes | Joined | Cells


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """The sample of another family that an input always is, pinned by its digest."""

    family: str
    edition: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One input: what it must be before anything is read from it; rows are named by `key`, put together."""

    name: str
    uri: str
    media_type: str
    max_bytes: int
    key: tuple[str, ...]
    title: str
    place: Place
    schema: Json
    reference: Reference | None
    label: str | None  # None: as its family's, or as that of the family it refers to

    @property
    def crs(self) -> str | None:
        """Return the declared system of its places; None where they are another input's."""
        return None if isinstance(self.place, Joined) else self.place.crs


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """One edition that comes with the family; `synthetic` says it was made by rule, to be found faulty."""

    edition: str
    sample: str
    title: str
    as_of: str
    synthetic: bool
    note: str
    partition: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Partitions:
    """Into which assets a family is cut: `none`, a `static` list, or a `date` a week from `first` on."""

    kind: str
    values: tuple[str, ...]
    first: str

    def has(self, partition: str | None) -> bool:
        """Say whether the family makes an asset of that partition; None is the family whole."""
        if self.kind == "date":
            return partition is not None and _is_week(partition, first=self.first)
        return partition in (self.values if self.kind == "static" else (None,))

    @property
    def told(self) -> str:
        """Return in words which partitions there are."""
        if self.kind == "date":
            return f"a day of the week from {self.first} on, every seventh day: {self.first}"
        return ", ".join(self.values) if self.values else "none: leave it out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    memory_mb: int
    timeout_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """One layer the family makes; a raster has no key, and a key may be composed of columns by `/`.

    Maps shade areas by the column `shade`; lines and areas are cut into tiles down to `deepest_zoom`.
    """

    layer: str
    kind: str
    key: str
    title: str
    formats: tuple[str, ...]
    moved_over_m: float
    composed_of: tuple[str, ...]
    shade: str
    deepest_zoom: int
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gates:
    """The gates a family is judged by, in order."""

    before: tuple[str, ...]
    after: tuple[str, ...]
    policy: tuple[str, ...]

    @property
    def listed(self) -> tuple[str, ...]:
        """Return every gate's name."""
        return (*self.before, *self.after, *self.policy)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    threshold: float
    floor: float
    weights: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """A kind of dataset."""

    name: str
    title: str
    description: str
    owner: str
    contact: str
    keywords: tuple[str, ...]
    licence: Licence
    inputs: tuple[Source, ...]
    editions: tuple[Edition, ...]
    partitions: Partitions
    pool: str
    resources: Resources
    outputs: tuple[Output, ...]
    gates: Gates
    expectations: Mapping[str, Json]
    quality: Quality
    labels: Labels
    shown_by: str  # the input in whose areas everybody may see it counted; none where it is for everybody
    review: ReviewTerms
    digest: str
    folder: Path

    @property
    def delivered(self) -> tuple[Source, ...]:
        """Return the inputs that come with an edition, and not from a reference."""
        return tuple(source for source in self.inputs if source.reference is None)

    @property
    def main(self) -> Source:
        """Return the input that becomes the layer."""
        return self.inputs[0]

    @property
    def output(self) -> Output:
        """Return the layer."""
        return self.outputs[0]

    @property
    def may_be_empty(self) -> bool:
        """Say whether an edition without any row can be right."""
        return bool(self.expectations.get("size", {"rows_min": 1})["rows_min"] == 0)

    def edition(self, name: str) -> Edition | None:
        """Return the edition of that name, if it comes with the family."""
        return next((edition for edition in self.editions if edition.edition == name), None)


def _is_week(text: str, *, first: str) -> bool:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return False
    days = (day - date.fromisoformat(first)).days
    return day.isoformat() == text and days >= 0 and days % WEEK == 0
