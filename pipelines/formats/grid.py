"""What a raster file holds: its cells, where they lie, and what could not be read."""

from dataclasses import dataclass

from pipelines.formats.table import Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A raster as it was read."""

    size: int
    crs: str | None
    faults: tuple[Fault, ...] = ()
