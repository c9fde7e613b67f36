"""Make every edition by rule from the packages' own files.

`python -m pipelines.families.ks_counties.samples.make VEGA US_ATLAS_3 US_ATLAS_2`: `data/us-10m.json` of
vega-datasets 3.2.1, `counties-10m.json` of us-atlas 3.0.1, `us/10m.json` of us-atlas 2.1.0.
"""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from pipelines.formats import topojson
from pipelines.formats.topojson import Line, Topology

KANSAS = "20"
PLACES = 6  # a tenth of a metre
ORIGINALS = ("2007", "2017", "2017-pixels")  # of which file is which, in the order of the call
LATER = "2017"
MISSING, TWICE, CROSSED = "20173", "20015", "20037"  # Sedgwick, Butler, Crawford
Feature = dict[str, Any]


def kansas(content: bytes) -> list[Feature]:
    """Return the counties of Kansas in a national file, sorted by geoid."""
    topology = topojson.read(content, layer="counties")
    found = []
    for area in topology.areas:
        geoid = area.id.zfill(5)
        if geoid.startswith(KANSAS):
            rings = [[_ring(topology, ring) for ring in polygon] for polygon in area.polygons]
            found.append(_feature(geoid, area.name, rings))
    return sorted(found, key=lambda feature: str(feature["properties"]["geoid"]))


def _feature(geoid: str, name: str | None, polygons: Sequence[Any]) -> Feature:
    shape: Feature = {"type": "Polygon", "coordinates": polygons[0]}
    if len(polygons) > 1:
        shape = {"type": "MultiPolygon", "coordinates": polygons}
    about = {"geoid": geoid, "name": name, "statefp": geoid[:2], "countyfp": geoid[2:]}
    return {"type": "Feature", "properties": about, "geometry": shape}


def _ring(topology: Topology, arcs: Sequence[int]) -> list[list[float]]:
    """Return an outer ring counter-clockwise, as RFC 7946 has it; no county of Kansas has a hole."""
    ring = topology.ring(arcs)
    return [[round(x, PLACES), round(y, PLACES)] for x, y in (ring if _area(ring) > 0 else ring[::-1])]


def _area(ring: Line) -> float:
    return sum(x * y2 - x2 * y for (x, y), (x2, y2) in pairwise(ring)) / 2


def _swapped(features: list[Feature]) -> list[Feature]:
    return [_with(feature, [[y, x] for x, y in _outer(feature)]) for feature in features]


def _missing(features: list[Feature]) -> list[Feature]:
    return [feature for feature in features if feature["properties"]["geoid"] != MISSING]


def _crossed(features: list[Feature]) -> list[Feature]:
    """Let the outlines of one county more cross themselves: two of its corners change places."""
    return [_bent(one) if one["properties"]["geoid"] == CROSSED else one for one in features]


def _bent(feature: Feature) -> Feature:
    first, second, third, *rest = _outer(feature)
    return _with(feature, [first, third, second, *rest])


def _twice(features: list[Feature]) -> list[Feature]:
    """Give the county after TWICE its geoid."""
    found, before = [], ""
    for feature in features:
        again = {**feature["properties"], "geoid": TWICE} if before == TWICE else feature["properties"]
        found.append({**feature, "properties": again})
        before = feature["properties"]["geoid"]
    return found


def _outer(feature: Feature) -> list[list[float]]:
    outer: list[list[float]] = feature["geometry"]["coordinates"][0]
    return outer


def _with(feature: Feature, outer: list[list[float]]) -> Feature:
    return {**feature, "geometry": {"type": "Polygon", "coordinates": [outer]}}


# The edition that a rule makes, and of which it makes it.
RULES: Mapping[str, tuple[str, Callable[[list[Feature]], list[Feature]]]] = {
    "2017-swapped": (LATER, _swapped),
    "2017-missing": (LATER, _missing),
    "2017-twice": (LATER, _twice),
    "2007-crossed": ("2007", _crossed),
}


def made(edition: str, real: Mapping[str, list[Feature]]) -> str:
    """Return the text of an edition, one feature a line; `real` holds those that come from a package."""
    if edition in RULES:
        of, rule = RULES[edition]
        return _text(rule(real[of]))
    return _text(real[edition])


def _text(features: Sequence[Feature]) -> str:
    lines = (json.dumps(one, ensure_ascii=False, separators=(",", ":")) for one in features)
    return '{"type":"FeatureCollection","features":[\n' + ",\n".join(lines) + "\n]}\n"


def main() -> None:
    """Write every edition."""
    files = dict(zip(ORIGINALS, sys.argv[1:], strict=True))
    real = {edition: kansas(Path(file).read_bytes()) for edition, file in files.items()}
    for edition in (*ORIGINALS, *RULES):
        sample = Path(__file__).parent / f"{edition}.geojson"
        sample.write_text(made(edition, real), encoding="utf-8")


if __name__ == "__main__":
    main()
