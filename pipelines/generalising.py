"""Places made coarser: counted by county or by cell of a grid, with a receipt of what was done; all pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

from pipelines import digest
from pipelines.errors import NotMade
from pipelines.model import Input, Json
from pipelines.sensitivity import Generalization

# Counts below this are not told, and none is not told from few: else a map would say where nothing was found.
FEWEST = 3
METRES, DEGREES = "EPSG:5070", "EPSG:4326"
RECEIPT = "kfm/receipt/1"
Shapes = NDArray[np.object_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """Something to count in: its key, what it is called, and its outline in WGS 84."""

    key: str
    name: str
    shape: Any


def by_county(places: Shapes, counties: Sequence[Area], *, fewest: int = FEWEST) -> gpd.GeoDataFrame:
    """Return every county with how many places lie in it; null where they are fewer than `fewest`.

    A place on a line between two belongs to the first by key; one in none is counted nowhere.
    """
    if not counties or fewest < 1:
        raise NotMade("There is no county to count in, or counts of none would be told: correct the family.")
    ordered = sorted(counties, key=lambda one: one.key)
    outlines = np.array([one.shape for one in ordered], dtype=object)
    held = _inside(places, outlines)
    return _counted([(one.key, one.name, one.shape) for one in ordered], held, fewest=fewest)


def by_grid(places: Shapes, *, size_m: float, fewest: int = FEWEST) -> gpd.GeoDataFrame:
    """Return each cell of a grid of equal areas that holds at least `fewest` places, with their number."""
    if size_m <= 0 or fewest < 1:
        raise NotMade("A grid needs a size above 0, and a least count of at least 1: correct the family.")
    there = places[~(shapely.is_missing(places) | shapely.is_empty(places))]
    to, back = (
        Transformer.from_crs(one, other, always_xy=True)
        for one, other in ((DEGREES, METRES), (METRES, DEGREES))
    )
    x, y = to.transform(shapely.get_x(there), shapely.get_y(there))
    columns, rows = (np.floor(np.asarray(along) / size_m).astype(int).tolist() for along in (x, y))
    held = Counter(zip(columns, rows, strict=True))
    told = sorted(cell for cell, count in held.items() if count >= fewest)
    named = [(f"{column}/{row}", "", _cell(column, row, size_m, back)) for column, row in told]
    counts = {place: held[cell] for place, cell in enumerate(told)}
    return _counted(named, Counter(counts), fewest=fewest)


def receipt(
    made: gpd.GeoDataFrame, *, of: Generalization, key: str, sources: Sequence[Input], rows_in: int
) -> bytes:
    """Return the record of the step: method and parameters, what went in and came out, by digest."""
    return digest.canonical(
        {
            "schema": RECEIPT,
            "method": of.method,
            "size_m": of.size_m,
            "uncertainty_m": of.uncertainty_m,
            "parameters": {"fewest": FEWEST},
            "sources": [one.sha256 for one in sources],
            "output": output(made, key=key),
            "rows_in": rows_in,
            "rows_out": len(made),
        }
    )


def output(made: gpd.GeoDataFrame, *, key: str) -> str:
    """Return the digest of what came out, whatever file it stands in: its values and shapes by key."""
    ordered = made.sort_values(key, kind="stable", ignore_index=True)
    values = ordered.drop(columns=ordered.geometry.name)
    rows = [[_plain(value) for value in row] for row in values.itertuples(index=False, name=None)]
    shapes = [None if shape is None else shapely.to_wkb(shape, hex=True) for shape in ordered.geometry]
    return digest.of_json({"columns": list(values.columns), "rows": rows, "shapes": shapes})


def smallest(made: gpd.GeoDataFrame) -> float:
    """Return how wide the smallest feature is, in metres: the side of a square of its area."""
    if not len(made):
        return 0.0
    return float(np.sqrt(made.geometry.to_crs(METRES).area.min()))


def said(of: Generalization, *, receipt_digest: str) -> Generalization:
    """Return how places were made coarser, with the record of it."""
    return Generalization(**{**asdict(of), "receipt": receipt_digest})


def _inside(places: Shapes, outlines: Shapes) -> Counter[int]:
    """Return how many places lie in each outline; each place counts once."""
    there = places[~(shapely.is_missing(places) | shapely.is_empty(places))]
    found = shapely.STRtree(outlines).query(there, predicate="intersects")
    first: dict[int, int] = {}
    for place, area in zip(*found.tolist(), strict=True):
        first[place] = min(area, first.get(place, area))
    return Counter(first.values())


def _counted(named: Sequence[tuple[str, str, Any]], held: Counter[int], *, fewest: int) -> gpd.GeoDataFrame:
    counts = [held[n] if held[n] >= fewest else None for n in range(len(named))]
    frame = pd.DataFrame(
        {
            "key": [key for key, _, _ in named],
            "name": [name for _, name, _ in named],
            "count": pd.array(counts, dtype="Int64"),
            "shown": [f"fewer than {fewest}" if count is None else "counted" for count in counts],
        }
    )
    shapes = np.array([shape for _, _, shape in named], dtype=object)
    return gpd.GeoDataFrame(frame, geometry=shapes, crs=DEGREES)


def _cell(column: int, row: int, size_m: float, back: Transformer) -> Any:
    west, south = column * size_m, row * size_m
    box = shapely.box(west, south, west + size_m, south + size_m)
    return shapely.transform(box, lambda at: np.column_stack(back.transform(at[:, 0], at[:, 1])))


def _plain(value: Any) -> Json | str | int | float | None:
    if value is None or value is pd.NA or value != value:  # noqa: PLR0124  # not NaN
        return None
    if isinstance(value, float | np.floating):
        return int(value) if float(value).is_integer() else float(value)
    return int(value) if isinstance(value, np.integer) else value
