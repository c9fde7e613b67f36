"""The inputs of a run as they were read: rows as a table, cells as a grid, and the shape of every row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely

from pipelines.errors import NotMade
from pipelines.family import Cells, Joined, Points, Source
from pipelines.formats.grid import Grid
from pipelines.formats.table import Shapes, Table

Read = Table | Grid


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What was read, by the input's name, beside how it was declared; the first becomes the layer."""

    sources: tuple[Source, ...]
    all: Mapping[str, Read]
    _shapes: dict[str, Shapes] = field(default_factory=dict, repr=False)

    @property
    def main(self) -> Read:
        """Return the input that becomes the layer."""
        return self.all[self.sources[0].name]

    def table(self, name: str = "") -> Table:
        """Return an input that is a file of rows; the main one if none is named."""
        read = self.all[name or self.sources[0].name]
        if isinstance(read, Table):
            return read
        raise NotMade(f"The input {name or self.sources[0].name} is a raster and has no rows.")

    def grid(self, name: str = "") -> Grid:
        """Return an input that is a raster; the main one if none is named."""
        read = self.all[name or self.sources[0].name]
        if isinstance(read, Grid):
            return read
        raise NotMade(f"The input {name or self.sources[0].name} is a file of rows and no raster.")

    def shapes(self, name: str = "") -> Shapes:
        """Return the shape of each row in the declared system; None where a row has none."""
        source = next(one for one in self.sources if one.name == (name or self.sources[0].name))
        if source.name not in self._shapes:
            self._shapes[source.name] = self._placed(source)
        return self._shapes[source.name]

    def names(self, name: str = "") -> list[str]:
        """Return what each row is called: its key, or where it stands if it has no such column."""
        source = next(one for one in self.sources if one.name == (name or self.sources[0].name))
        return texts(self.table(source.name), source.key)

    def crs(self, name: str = "") -> str:
        """Return the declared system of an input's places."""
        source = next(one for one in self.sources if one.name == (name or self.sources[0].name))
        return self.crs(source.place.input) if isinstance(source.place, Joined) else source.place.crs

    def _placed(self, source: Source) -> Shapes:
        read, place = self.table(source.name), source.place
        match place:
            case Points():
                return _points(read, place)
            case Joined():
                named, shapes = texts(self.table(place.input), (place.to,)), self.shapes(place.input)
                known = dict(zip(named, shapes, strict=True))
                wanted = texts(read, place.column, joint="")
                return _array([known.get(one) for one in wanted])
            case Cells():
                raise NotMade(f"The input {source.name} is a raster: its cells have no shapes.")
            case _:
                return _array([None] * read.rows.num_rows) if read.shapes is None else read.shapes


def texts(read: Table, columns: Sequence[str], *, joint: str = "/") -> list[str]:
    """Return the texts of some columns put together, row by row; where a row stands if one is not there."""
    if not columns or not set(columns) <= set(read.rows.column_names):
        return [read.where(place) for place in range(read.rows.num_rows)]
    told = [read.texts(column).to_pylist() for column in columns]
    return [joint.join(parts) for parts in zip(*told, strict=True)]


def _points(read: Table, place: Points) -> Shapes:
    if not {place.x, place.y} <= set(read.rows.column_names):
        return _array([None] * read.rows.num_rows)
    x, y = (read.numbers(name).to_numpy().astype(float, copy=False) for name in (place.x, place.y))
    there = np.isfinite(x) & np.isfinite(y)
    made = _array([None] * len(x))
    made[there] = shapely.points(x[there], y[there])
    return made


def _array(shapes: Sequence[object]) -> Shapes:
    made = np.empty(len(shapes), dtype=object)
    made[:] = shapes
    return made
