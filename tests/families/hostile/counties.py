"""What can be wrong with GeoJSON, done to the real counties."""

import json
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from pipelines import spec

FAMILY = "ks_counties"
_SAMPLE = spec.FAMILIES / FAMILY / "samples" / "2017.geojson"
Feature = dict[str, Any]
_BOW_TIE = [[[-98.0, 38.0], [-97.0, 39.0], [-97.0, 38.0], [-98.0, 39.0], [-98.0, 38.0]]]
_ACROSS = [[[179.0, 38.0], [-179.0, 38.0], [-179.0, 39.0], [179.0, 39.0], [179.0, 38.0]]]
_GLOBE = [[[-170.0, -60], [0, -60], [170, -60], [170, 60], [0, 60], [-170, 60], [-170, -60]]]
_BEYOND = [[[179.0, 38.0], [181.0, 38.0], [181.0, 39.0], [179.0, 39.0], [179.0, 38.0]]]


@lru_cache(maxsize=1)
def good() -> bytes:
    """Return the real edition."""
    return _SAMPLE.read_bytes()


def _written(features: Sequence[Feature], **more: Any) -> bytes:
    return json.dumps({"type": "FeatureCollection", **more, "features": features}).encode()


def _each(change: Callable[[list[Any]], object], **more: Any) -> bytes:
    features = json.loads(good())["features"]
    change(features)
    return _written(features, **more)


def _shapes(*shapes: Any) -> bytes:
    """Return the file with the first counties' shapes exchanged."""

    def change(features: list[Feature]) -> None:
        for feature, shape in zip(features, shapes, strict=False):
            feature["geometry"] = shape

    return _each(change)


def _polygon(rings: Any) -> Feature:
    return {"type": "Polygon", "coordinates": rings}


def _positions(change: Callable[[float, float], list[float]]) -> bytes:
    """Return the file with every position changed."""

    def moved(found: Any) -> Any:
        return change(*found) if isinstance(found[0], float | int) else [moved(one) for one in found]

    def all_moved(features: list[Feature]) -> None:
        for feature in features:
            feature["geometry"]["coordinates"] = moved(feature["geometry"]["coordinates"])

    return _each(all_moved)


def _named(text: str) -> Callable[[list[Feature]], None]:
    return lambda features: features[2]["properties"].update(name=text)


def _geoid(text: str | None) -> Callable[[list[Feature]], None]:
    return lambda features: features[2]["properties"].update(geoid=text)


def _crs(name: str) -> Feature:
    return {"type": "name", "properties": {"name": name}}


def _nested(depth: int) -> bytes:
    return b'{"type":"FeatureCollection","features":' + b"[" * depth + b"]" * depth + b"}"


FILES: Mapping[str, Callable[[], bytes]] = {
    "good.geojson": good,
    "empty.geojson": lambda: b"",
    "no-features.geojson": lambda: _written([]),
    "truncated.geojson": lambda: good()[: len(good()) // 2],
    "truncated-between-features.geojson": lambda: good()[: good().index(b"{", 30_000)].rstrip(b",\n "),
    "one-feature.geojson": lambda: json.dumps(json.loads(good())["features"][0]).encode(),
    "other-system.geojson": lambda: _each(len, crs=_crs("urn:ogc:def:crs:EPSG::26914")),
    "system-without-name.geojson": lambda: _each(len, crs={"type": "link"}),
    "pixels.geojson": lambda: _positions(lambda x, y: [(x + 102.1) * 130, (40.1 - y) * 160]),
    "swapped.geojson": lambda: _positions(lambda x, y: [y, x]),
    "mixed-kinds.geojson": lambda: _shapes({"type": "Point", "coordinates": [-98.0, 38.5]}),
    "collection.geojson": lambda: _shapes({"type": "GeometryCollection", "geometries": [_polygon(_BOW_TIE)]}),
    "unknown-kind.geojson": lambda: _shapes({"type": "Circle", "coordinates": [-98.0, 38.5], "radius": 3}),
    "ring-not-closed.geojson": lambda: _shapes(_polygon([_BOW_TIE[0][:-1]])),
    "ring-of-three.geojson": lambda: _shapes(_polygon([_BOW_TIE[0][-3:]])),
    "self-intersections.geojson": lambda: _shapes(_polygon(_BOW_TIE), _polygon(_BOW_TIE)),
    "antimeridian-the-long-way.geojson": lambda: _shapes(_polygon(_ACROSS)),
    "antimeridian-beyond-180.geojson": lambda: _shapes(_polygon(_BEYOND)),
    "shape-over-the-globe.geojson": lambda: _shapes(_polygon(_GLOBE)),
    "no-shape.geojson": lambda: _shapes(None),
    "empty-shape.geojson": lambda: _shapes(_polygon([])),
    "infinite-coordinates.geojson": lambda: _shapes(_polygon([[["x", 38.0], *_BOW_TIE[0]]])).replace(
        b'"x"', b"-1e999"
    ),
    "system-nobody-knows.geojson": lambda: _each(len, crs=None),
    "coordinates-as-text.geojson": lambda: _shapes({"type": "Point", "coordinates": ["-98", "38.5"]}),
    "nan.geojson": lambda: _each(lambda features: features[2]["properties"].update(name=float("nan"))),
    "infinite.geojson": lambda: _each(_named("x")).replace(b'"x"', b"Infinity"),
    "duplicate-keys.geojson": lambda: _each(_geoid("20001")),
    "null-keys.geojson": lambda: _each(_geoid(None)),
    "same-name-twice-in-an-object.geojson": lambda: good().replace(
        b'"geoid":', b'"geoid":"20001","geoid":', 1
    ),
    "100,000-brackets-open.geojson": lambda: b"[" * 100_000,
    "100,000-brackets.geojson": lambda: _nested(100_000),
    "byte-order-mark.geojson": lambda: b"\xef\xbb\xbf" + good(),
    "two-encodings.geojson": lambda: (
        _each(_named("x"))
        .replace(b'"x"', "Ä".encode() + b'"\xc4"', 1)
        .replace("Ä".encode() + b'"\xc4"', '"Ä'.encode() + b'\xc4"')
    ),
    "half-a-character.geojson": lambda: _each(_named("\ud800")),
    "not-a-feature.geojson": lambda: _each(lambda features: features.insert(2, [])),
    "properties-as-list.geojson": lambda: _each(lambda features: features[2].update(properties=[1])),
    "1,001-names.geojson": lambda: _each(
        lambda features: features[2]["properties"].update({f"n{n}": n for n in range(1001)})
    ),
    "2-million-empty-lists.geojson": lambda: (
        b'{"type":"FeatureCollection","features":[' + b"[]," * 1_600_000 + b"[]]}"
    ),
    "page-called.geojson": lambda: b"<html><body>Please sign in</body></html>",
    "vrt-called.geojson": lambda: b"<OGRVRTDataSource><OGRVRTLayer name='x'/></OGRVRTDataSource>",
    "reference-called.geojson": lambda: b"/vsicurl/https://example.org/counties.geojson",
    "markup.geojson": lambda: _each(_named("<script>alert(1)</script><img src=x onerror=alert(2)>")),
}
