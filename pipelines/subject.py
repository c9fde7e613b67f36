"""What every gate sees: the input as read, what was made of it, and what it is compared with."""

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd

from pipelines.diff.changes import Diff
from pipelines.errors import NotMade
from pipelines.formats.table import Table
from pipelines.manifest import Manifest
from pipelines.model import Artifact, Content, Input
from pipelines.spec import Family, Output
from pipelines.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """The current release: its manifest, and its data read back from the store."""

    manifest: Manifest
    frame: gpd.GeoDataFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What the steps made, read back from the store; `frame` is sorted by key, geometry in WGS 84.

    `diff` is None for a first edition; `diff_failed` says why a comparison was not possible.
    """

    frame: gpd.GeoDataFrame
    artifacts: tuple[Artifact, ...]
    content: Content
    catalogs: Mapping[str, str]
    base: Base | None
    diff: Diff | None
    diff_failed: str

    def artifact(self, role: str) -> Artifact:
        """Return the artifact of that role."""
        for artifact in self.artifacts:
            if artifact.role == role:
                return artifact
        raise NotMade(f"The run made no artifact {role!r}: the family's outputs do not ask for it.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The same for every gate; before-gates find `tables` only, after-gates `product` too."""

    family: Family
    output: Output
    asset: str
    partition: str | None
    edition: str
    channel: str
    store: Store
    inputs: tuple[Input, ...]
    tables: Mapping[str, Table]
    made: Made | None = None

    @property
    def table(self) -> Table:
        """Return the input that becomes the layer, as it was read."""
        return self.tables[self.family.inputs[0].name]

    @property
    def product(self) -> Made:
        """Return what the steps made."""
        if self.made is None:
            raise NotMade("Nothing has been made yet: this gate belongs after the steps.")
        return self.made
