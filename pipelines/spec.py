"""What a family declares: its folder read, judged and hashed, without any geodata library."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pipelines import declaration, digest
from pipelines.errors import FamilyUnknown
from pipelines.model import Column, Json, Labels, Licence, ReviewTerms

FAMILIES = Path(__file__).parent / "families"
NOT_HASHED = ("samples", "README.md")


@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    """Which columns of a table hold the coordinates, and in which system."""

    x: str
    y: str
    crs: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One input: what it must be before anything is read from it."""

    name: str
    uri: str
    media_type: str
    max_bytes: int
    key: str
    title: str
    points: Points
    schema: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """One edition that comes with the family; `synthetic` says it was made by rule, to be found faulty."""

    edition: str
    sample: str
    title: str
    as_of: str
    synthetic: bool
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Partitions:
    kind: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    memory_mb: int
    timeout_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """One layer the family makes."""

    layer: str
    kind: str
    key: str
    title: str
    formats: tuple[str, ...]
    moved_over_m: float
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
    review: ReviewTerms
    digest: str
    folder: Path

    def edition(self, name: str) -> Edition | None:
        """Return the edition of that name, if it comes with the family."""
        return next((edition for edition in self.editions if edition.edition == name), None)


def names(root: Path = FAMILIES) -> tuple[str, ...]:
    """Return the name of every folder that declares a family."""
    return tuple(sorted(file.parent.name for file in root.glob(f"*/{declaration.FILE}")))


def families() -> tuple[Family, ...]:
    """Return every family, by name."""
    return tuple(family(name) for name in names())


def family(name: str, root: Path = FAMILIES) -> Family:
    """Return one family, read again only when a file of its folder changed.

    Raises:
        FamilyUnknown: there is no such folder.
        FamilyInvalid: its files have mistakes: file, path, what is wrong, what is allowed.
    """
    if name not in names(root):
        raise FamilyUnknown(f"There is no family {name[:80]!r}: choose one of {', '.join(names(root))}.")
    folder = root / name
    return _family(folder, digest.of_folder(folder, leave_out=NOT_HASHED))


@lru_cache(maxsize=64)
def _family(folder: Path, hashed: str) -> Family:
    declared = declaration.read(folder)
    read = declared.pipeline
    return Family(
        name=read["family"],
        title=read["title"],
        description=" ".join(read["description"].split()),
        owner=read["owner"],
        contact=read["contact"],
        keywords=tuple(read["keywords"]),
        licence=Licence(**read["licence"]),
        inputs=tuple(_source(source, declared.tables) for source in read["inputs"]),
        editions=tuple(
            Edition(**{"synthetic": False, "note": "", **edition}) for edition in read["editions"]
        ),
        partitions=Partitions(
            kind=read["partitions"]["kind"], values=tuple(read["partitions"].get("values", ()))
        ),
        pool=read["pool"],
        resources=Resources(**read["resources"]),
        outputs=tuple(_output(output, declared.tables) for output in read["outputs"]),
        gates=Gates(**{phase: tuple(listed) for phase, listed in read["gates"].items()}),
        expectations=declared.expectations,
        quality=Quality(**read["quality"]),
        labels=_labels(read["labels"]),
        review=ReviewTerms(**{**read["review"], "roles": tuple(read["review"]["roles"])}),
        digest=hashed,
        folder=folder,
    )


def _labels(read: Json) -> Labels:
    said = read.get("sovereignty")
    return Labels(
        sensitivity=read["sensitivity"],
        sovereignty=None if said is None else tuple(said),
        rights=read["rights"],
    )


def _source(read: Json, tables: Mapping[str, Json]) -> Source:
    schema = tables[declaration.input_schema(read["name"])]
    return Source(**{**read, "points": Points(**read["points"]), "schema": schema})


def _output(read: Json, tables: Mapping[str, Json]) -> Output:
    properties: Json = tables[declaration.layer_schema(read["layer"])]["properties"]
    columns = tuple(
        Column(name=name, type=_plain(column["type"]), description=column["description"])
        for name, column in properties.items()
    )
    return Output(**{**read, "formats": tuple(read["formats"]), "columns": columns})


def _plain(kind: str | list[str]) -> str:
    return kind if isinstance(kind, str) else next(one for one in kind if one != "null")
