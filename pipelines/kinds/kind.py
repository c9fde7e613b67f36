"""What every kind of layer can do: be written and read back, cut into tiles, described, compared, drawn."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from pipelines.diff import raster
from pipelines.diff.changes import Diff
from pipelines.family import Family, Output
from pipelines.formats.pmtiles import Cutting
from pipelines.inputs import Inputs
from pipelines.model import Artifact, DiffSummary, Json, Labels, LayerContent, Role
from pipelines.store import Store
from pipelines.subject import Base, Layer

JSON_TYPE = "application/json"
SVG_TYPE = "image/svg+xml"
WGS84 = "EPSG:4326"
WHY_AT_MOST = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What a comparison said: a diff, or why there is none."""

    diff: Diff | raster.Diff | None
    changes: Json | None
    failed: str
    summary: DiffSummary
    artifacts: tuple[Artifact, ...]


class Compare(Protocol):
    """Compare with the base and keep what changed, as a list for people and one for tables."""

    def __call__(self, base: Base | None, after: Layer, *, family: Family, store: Store) -> Compared: ...


class Maps(Protocol):
    """Keep the map for the desk and the small one for the queue."""

    def __call__(
        self, compared: Compared, *, base: Base | None, after: Layer, family: Family, store: Store
    ) -> tuple[Artifact, ...]: ...


class InputMaps(Protocol):
    """Keep a map of a refused input as it was read, and where it belongs if its axes are exchanged."""

    def __call__(self, inputs: Inputs, *, swapped: bool, store: Store) -> tuple[Artifact, ...]: ...


class Write(Protocol):
    """Return the bytes of the data artifact."""

    def __call__(self, layer: Layer, output: Output, *, labels: Labels) -> bytes: ...


class Cut(Protocol):
    """Begin to cut the tiles."""

    def __call__(self, layer: Layer, output: Output, *, labels: Labels) -> Cutting: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of layer: a table of functions, so that nobody asks which kind it is."""

    media_type: str
    check: Callable[[Layer, Output], None]  # refuses what is not what its schema promises
    write: Write
    read: Callable[[bytes, Inputs], Layer]
    cut: Cut
    describe: Callable[[Layer, Output, Inputs], LayerContent]
    compare: Compare
    maps: Maps
    input_maps: InputMaps


def keep(store: Store, content: bytes, *, role: Role, media_type: str) -> Artifact:
    """Put bytes in the store and return how the manifest names them."""
    return Artifact(role=role, media_type=media_type, sha256=store.put(content), size=len(content))
