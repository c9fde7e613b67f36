"""Small editions by chance, for properties that hold of all editions."""

from collections.abc import Mapping

import geopandas as gpd
import pandas as pd
import shapely
from hypothesis import strategies as st
from shapely import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

Row = tuple[object, ...]
Rows = Mapping[str, Row]
COLUMNS = ("name", "size", "count", "open", "geometry")
texts = st.sampled_from(["x", "y", "", None, "1100", "1100.2", "7 A", 'a "b",\n\x01é \U0001f33e'])
sizes = st.sampled_from([None, 0.0, 1100.0, 1100.4, 1e-7, 2.0**70, -3.25, 0.1 + 0.2, 38.0005])
counts = st.sampled_from([0, 7, -12, 2**53])
shapes: st.SearchStrategy[BaseGeometry | None] = st.sampled_from(
    [
        None,
        Point(),
        Point(-98, 38),
        Point(-98.00001, 38),
        Point(-98.0001, 38.00002),
        Point(-97, 38.5),
        Point(-98, 38, 5),
        Polygon([(-98, 38), (-97, 38), (-97, 39)]),
        Polygon([(-97, 38), (-97, 39), (-98, 38)]),
        LineString([(-98, 38), (-97, 39)]),
    ]
)
rows = st.dictionaries(
    st.sampled_from(["a", "b", "c", "é", "\U0001f33e", "ﬀ"]),
    st.tuples(texts, sizes, counts, st.booleans(), shapes),
    max_size=6,
)
VALUES: Mapping[str, st.SearchStrategy[object]] = {
    "name": texts,
    "size": sizes,
    "count": counts,
    "open": st.booleans(),
    "geometry": shapes,
}


def normal(shape: object) -> BaseGeometry | None:
    """Return a shape in its normal spelling."""
    return shapely.normalize(shape) if isinstance(shape, BaseGeometry) else None


def normalised(editions: Rows) -> Rows:
    """Return rows whose shapes are in their normal spelling."""
    return {key: (*row[:-1], normal(row[-1])) for key, row in editions.items()}


def differs(one: object, other: object) -> bool:
    """Say whether two values are two; shapes are one however they are spelt."""
    if isinstance(one, BaseGeometry) and isinstance(other, BaseGeometry):
        return not shapely.equals_identical(normal(one), normal(other))
    return one is not other and one != other


def frame(editions: Rows) -> gpd.GeoDataFrame:
    """Return a layer of such rows, by key."""
    cells: dict[str, list[object]] = {
        name: [row[n] for row in editions.values()] for n, name in enumerate(COLUMNS)
    }
    places = cells.pop("geometry")
    made = pd.DataFrame({"key": list(editions), **cells}).astype(
        {"key": "str", "name": "str", "size": "float64", "count": "int64", "open": "bool"}
    )
    return gpd.GeoDataFrame(made, geometry=places, crs="EPSG:4326")
