"""TopoJSON of areas, decoded: what each area is made of, and which areas every arc divides."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipelines import digest
from pipelines.errors import NotMade

Position = tuple[float, float]
Line = tuple[Position, ...]
Rings = tuple[tuple[int, ...], ...]  # arcs by number; ~n is arc n the other way round


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """One area: its id as it is written, its name if it has one, and the rings of each of its polygons."""

    id: str
    name: str | None
    polygons: tuple[Rings, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Topology:
    """The arcs of a file, and the areas of one of its layers."""

    arcs: tuple[Line, ...]
    areas: tuple[Area, ...]

    def ring(self, arcs: Sequence[int]) -> Line:
        """Return arcs put together; where one ends the next begins, and that position stands once."""
        found: list[Position] = []
        for number in arcs:
            line = self.arcs[number] if number >= 0 else self.arcs[~number][::-1]
            found.extend(line[1:] if found else line)
        return tuple(found)

    def sides(self) -> Mapping[int, tuple[tuple[str, bool], ...]]:
        """Return for each arc the areas it divides, and whether each runs along it as it is written."""
        found: dict[int, list[tuple[str, bool]]] = {}
        for area in self.areas:
            for number in (number for rings in area.polygons for ring in rings for number in ring):
                found.setdefault(number if number >= 0 else ~number, []).append((area.id, number >= 0))
        return {number: tuple(sides) for number, sides in found.items()}


def read(content: bytes, *, layer: str) -> Topology:
    """Return the arcs as coordinates and the areas of one layer; areas without a shape are left out.

    Raises:
        NotMade: it is no topology, or has no such layer.
    """
    whole = digest.read_json(content)
    if not isinstance(whole, dict) or whole.get("type") != "Topology" or layer not in whole["objects"]:
        raise NotMade(f"This is no topology with a layer {layer!r}: give the package's own file.")
    scale, translate = whole["transform"]["scale"], whole["transform"]["translate"]
    arcs = tuple(_decoded(arc, scale=scale, translate=translate) for arc in whole["arcs"])
    shaped = (one for one in whole["objects"][layer]["geometries"] if one.get("arcs"))
    return Topology(arcs=arcs, areas=tuple(_area(one) for one in shaped))


def _decoded(arc: Sequence[Sequence[int]], *, scale: Sequence[float], translate: Sequence[float]) -> Line:
    """Return positions: each is written as the step from the one before, on a grid of whole numbers."""
    x = y = 0
    found = []
    for across, up in arc:
        x, y = x + across, y + up
        found.append((x * scale[0] + translate[0], y * scale[1] + translate[1]))
    return tuple(found)


def _area(read: Mapping[str, Any]) -> Area:
    polygons = [read["arcs"]] if read["type"] == "Polygon" else read["arcs"]
    return Area(
        id=str(read["id"]),
        name=read.get("properties", {}).get("name"),
        polygons=tuple(tuple(tuple(ring) for ring in rings) for rings in polygons),
    )
