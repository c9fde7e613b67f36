"""What every gate sees: the input as read, what was made of it, and what it is compared with."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import geopandas as gpd

from pipelines.diff import raster
from pipelines.diff.changes import Diff
from pipelines.errors import NotMade
from pipelines.family import Family, Output
from pipelines.formats.grid import Grid
from pipelines.formats.table import Shapes, Table
from pipelines.inputs import Inputs
from pipelines.manifest import Manifest
from pipelines.model import Artifact, Content, Input
from pipelines.store import Store

Layer: TypeAlias = gpd.GeoDataFrame | Grid


def framed(layer: Layer) -> gpd.GeoDataFrame:
    """Return a layer of features; a raster is refused."""
    if isinstance(layer, Grid):
        raise NotMade("This layer is a raster and has no features: the gate is for another kind of layer.")
    return layer


def gridded(layer: Layer) -> Grid:
    """Return a raster; a layer of features is refused."""
    if isinstance(layer, Grid):
        return layer
    raise NotMade("This layer has features and no cells: the gate is for another kind of layer.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """The current release: its manifest, and its data read back from the store."""

    manifest: Manifest
    layer: Layer

    @property
    def frame(self) -> gpd.GeoDataFrame:
        """Return its features."""
        return framed(self.layer)

    @property
    def grid(self) -> Grid:
        """Return its cells."""
        return gridded(self.layer)


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What the steps made, read back from the store; features are sorted by key, geometry in WGS 84.

    `diff` is None for a first edition; `diff_failed` says why a comparison was not possible.
    """

    layer: Layer
    artifacts: tuple[Artifact, ...]
    content: Content
    catalogs: Mapping[str, str]
    base: Base | None
    diff: Diff | raster.Diff | None
    diff_failed: str

    @property
    def changes(self) -> Diff | None:
        """Return how features changed."""
        if isinstance(self.diff, raster.Diff):
            raise NotMade("Cells were compared, not features: the gate is for another kind of layer.")
        return self.diff

    @property
    def differences(self) -> raster.Diff | None:
        """Return how cells changed."""
        if isinstance(self.diff, Diff):
            raise NotMade("Features were compared, not cells: the gate is for another kind of layer.")
        return self.diff

    @property
    def frame(self) -> gpd.GeoDataFrame:
        """Return its features."""
        return framed(self.layer)

    @property
    def grid(self) -> Grid:
        """Return its cells."""
        return gridded(self.layer)

    def artifact(self, role: str) -> Artifact:
        """Return the artifact of that role."""
        for artifact in self.artifacts:
            if artifact.role == role:
                return artifact
        raise NotMade(f"The run made no artifact {role!r}: the family's outputs do not ask for it.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The same for every gate; before-gates find `inputs_read` only, after-gates `product` too."""

    family: Family
    output: Output
    asset: str
    partition: str | None
    edition: str
    channel: str
    store: Store
    inputs: tuple[Input, ...]
    inputs_read: Inputs
    made: Made | None = None

    @property
    def table(self) -> Table:
        """Return the input that becomes the layer, as rows."""
        return self.inputs_read.table()

    @property
    def grid(self) -> Grid:
        """Return the input that becomes the layer, as cells."""
        return self.inputs_read.grid()

    @property
    def shapes(self) -> Shapes:
        """Return the shape of each row of that input, in the declared system; None where there is none."""
        return self.inputs_read.shapes()

    @property
    def product(self) -> Made:
        """Return what the steps made."""
        if self.made is None:
            raise NotMade("Nothing has been made yet: this gate belongs after the steps.")
        return self.made
