"""Make every edition by rule from the packages' own files.

`python -m pipelines.families.ks_county_lines.samples.make VEGA US_ATLAS_3`: `data/us-10m.json` of
vega-datasets 3.2.1, `counties-10m.json` of us-atlas 3.0.1.
"""

import json
import sys
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from pipelines.formats import topojson
from pipelines.formats.topojson import Line

KANSAS = "20"
PLACES = 6  # a tenth of a metre
ORIGINALS = ("2007", "2017")  # of which file is which, in the order of the call
LATER = "2017"
WRONG, GIVEN = "20015-20173", "20079"  # between Butler and Sedgwick; given to Harvey instead of Sedgwick
MISSING = "20057-20069"  # between Ford and Gray
SHIFTED, NORTH = "20051-20167", 0.1  # between Ellis and Russell; eleven kilometres
Feature = dict[str, Any]


def borders(content: bytes) -> list[Feature]:
    """Return each arc of a national file that borders on a county of Kansas, sorted by id.

    The county of the smaller geoid lies on the left. An id is the two geoids; where a pair of counties has
    more than one line, the longest has this id and the others a number after it.
    """
    topology = topojson.read(content, layer="counties")
    found: dict[tuple[str, str], list[Line]] = defaultdict(list)
    for number, sides in topology.sides().items():
        named = {geoid.zfill(5): along for geoid, along in sides}
        if any(geoid.startswith(KANSAS) for geoid in named):
            left, right = sorted(named)
            line = topology.arcs[number]
            # Outer rings run clockwise in these files: what an area runs along lies on its right.
            found[left, right].append(line[::-1] if named[left] else line)
    return [feature for pair, lines in sorted(found.items()) for feature in _features(pair, lines)]


def _features(pair: tuple[str, str], lines: Sequence[Line]) -> list[Feature]:
    longest_first = sorted(lines, key=lambda line: (-_steps(line), line))
    ids = ["-".join(pair), *("-".join((*pair, str(n + 2))) for n in range(len(lines) - 1))]
    return [_feature(name, pair, line) for name, line in zip(ids, longest_first, strict=True)]


def _steps(line: Line) -> float:
    """Return how far a line goes over its corners, in degrees, for the order only."""
    return float(sum(abs(x2 - x) + abs(y2 - y) for (x, y), (x2, y2) in pairwise(line)))


def _feature(name: str, pair: tuple[str, str], line: Line) -> Feature:
    positions = [[round(x, PLACES), round(y, PLACES)] for x, y in line]
    return {
        "type": "Feature",
        "properties": {"id": name, "left_geoid": pair[0], "right_geoid": pair[1]},
        "geometry": {"type": "LineString", "coordinates": positions},
    }


def _wrong(features: list[Feature]) -> list[Feature]:
    return [_told(one, right_geoid=GIVEN) if _id(one) == WRONG else one for one in features]


def _missing(features: list[Feature]) -> list[Feature]:
    return [one for one in features if _id(one) != MISSING]


def _shifted(features: list[Feature]) -> list[Feature]:
    return [_moved(one) if _id(one) == SHIFTED else one for one in features]


def _moved(feature: Feature) -> Feature:
    positions = [[x, round(y + NORTH, PLACES)] for x, y in feature["geometry"]["coordinates"]]
    return {**feature, "geometry": {"type": "LineString", "coordinates": positions}}


def _id(feature: Feature) -> str:
    return str(feature["properties"]["id"])


def _told(feature: Feature, **other: str) -> Feature:
    return {**feature, "properties": {**feature["properties"], **other}}


RULES: Mapping[str, Callable[[list[Feature]], list[Feature]]] = {
    "wrong": _wrong,
    "missing": _missing,
    "shifted": _shifted,
}


def made(edition: str, real: Mapping[str, list[Feature]]) -> str:
    """Return the text of an edition, one feature a line; `real` holds those that come from a package."""
    if edition in real:
        return _text(real[edition])
    return _text(RULES[edition.removeprefix(f"{LATER}-")](real[LATER]))


def _text(features: Sequence[Feature]) -> str:
    lines = (json.dumps(one, ensure_ascii=False, separators=(",", ":")) for one in features)
    return '{"type":"FeatureCollection","features":[\n' + ",\n".join(lines) + "\n]}\n"


def main() -> None:
    """Write every edition."""
    files = dict(zip(ORIGINALS, sys.argv[1:], strict=True))
    real = {edition: borders(Path(file).read_bytes()) for edition, file in files.items()}
    for edition in (*ORIGINALS, *(f"{LATER}-{rule}" for rule in RULES)):
        sample = Path(__file__).parent / f"{edition}.geojson"
        sample.write_text(made(edition, real), encoding="utf-8")


if __name__ == "__main__":
    main()
