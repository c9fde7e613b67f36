"""What a raster file holds: its cells, where they lie, and what could not be read."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyproj import Transformer

from pipelines.formats.table import Fault
from pipelines.model import Extent

WGS84 = "EPSG:4326"
Cells = NDArray[Any]
Flags = NDArray[np.bool_]
Numbers = NDArray[np.float64]
_NEAR = 1e-6  # of a cell: further apart, two edges are not the same
_ALONG = 21  # points along each side: enough to follow its curve in another system


@dataclass(frozen=True, slots=True, kw_only=True)
class Lie:
    """Where cells lie, in their own system: the outer corner in the north-west, and how large each is."""

    west: float
    north: float
    across: float
    down: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Grid:
    """The first band of a raster as it was read, row by row from the north.

    `there` says which cells have a value; `crs` is the system that the file itself names, None where it names
    none; `unit` is of the values, as the file names it.
    """

    size: int
    crs: str | None
    faults: tuple[Fault, ...] = ()
    values: Cells = field(default_factory=lambda: np.zeros((0, 0), np.uint8), repr=False)
    there: Flags = field(default_factory=lambda: np.zeros((0, 0), np.bool_), repr=False)
    lie: Lie | None = None
    nodata: float | None = None
    bands: int = 0
    unit: str = ""

    @property
    def shape(self) -> tuple[int, int]:
        """Return how many rows and columns there are."""
        rows, columns = self.values.shape
        return rows, columns

    @property
    def count(self) -> int:
        """Return how many cells have a value."""
        return int(np.count_nonzero(self.there))

    @property
    def kind(self) -> str:
        """Return what type the values have, as STAC names it."""
        return str(self.values.dtype)


def box(grid: Grid) -> Extent:
    """Return the outer edges in the grid's own system; nothing of a grid without a place."""
    if grid.lie is None:
        return Extent(west=0.0, south=0.0, east=0.0, north=0.0)
    rows, columns = grid.shape
    lie = grid.lie
    return Extent(
        west=lie.west,
        south=lie.north - rows * lie.down,
        east=lie.west + columns * lie.across,
        north=lie.north,
    )


def extent(grid: Grid) -> Extent:
    """Return the box around the grid in WGS 84 degrees."""
    edges = box(grid)
    if grid.crs in {None, WGS84}:
        return edges
    to = Transformer.from_crs(grid.crs, WGS84, always_xy=True)
    west, south, east, north = to.transform_bounds(
        edges.west, edges.south, edges.east, edges.north, densify_pts=_ALONG
    )
    return Extent(west=west, south=south, east=east, north=north)


def middles(grid: Grid, rows: Numbers, columns: Numbers) -> tuple[Numbers, Numbers]:
    """Return where the middles of cells are in WGS 84 degrees; rows and columns may be fractions."""
    lie = grid.lie or Lie(west=0.0, north=0.0, across=0.0, down=0.0)
    x = lie.west + (columns + 0.5) * lie.across
    y = lie.north - (rows + 0.5) * lie.down
    if grid.crs in {None, WGS84}:
        return x, y
    lon, lat = Transformer.from_crs(grid.crs, WGS84, always_xy=True).transform(x, y)
    return lon, lat


def cells(grid: Grid, lon: Numbers, lat: Numbers) -> tuple[NDArray[np.int64], NDArray[np.int64], Flags]:
    """Return the row and the column of the cell around each place, and whether there is one."""
    lie = grid.lie or Lie(west=0.0, north=0.0, across=1.0, down=1.0)
    x, y = lon, lat
    if grid.crs not in {None, WGS84}:
        east, north = np.broadcast_arrays(lon, lat)
        x, y = Transformer.from_crs(WGS84, grid.crs, always_xy=True).transform(east, north)
    rows, columns = (lie.north - y) / lie.down, (x - lie.west) / lie.across
    high, wide = grid.shape
    inside = (rows >= 0) & (rows < high) & (columns >= 0) & (columns < wide)
    found = (np.where(inside, part, 0).astype(np.int64) for part in (rows, columns))
    return next(found), next(found), inside


def differences(one: Grid, other: Grid) -> tuple[str, ...]:
    """Return in words what makes that cells of two grids are not the same places; nothing if they are."""
    said = []
    if one.shape != other.shape:
        said.append(f"{_size(one)} became {_size(other)}")
    if one.crs != other.crs:
        said.append(f"the system {one.crs} became {other.crs}")
    if one.lie is None or other.lie is None:
        return (*said, "one of them does not say where its cells lie")
    for name, old, new, cell in (
        ("western edge", one.lie.west, other.lie.west, one.lie.across),
        ("northern edge", one.lie.north, other.lie.north, one.lie.down),
        ("width of a cell", one.lie.across, other.lie.across, one.lie.across),
        ("height of a cell", one.lie.down, other.lie.down, one.lie.down),
    ):
        if abs(old - new) > _NEAR * abs(cell):
            said.append(f"the {name} went from {old:.6g} to {new:.6g}")
    return tuple(said)


def _size(grid: Grid) -> str:
    return f"{grid.shape[0]:,} rows × {grid.shape[1]:,} columns"
