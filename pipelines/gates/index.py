"""Gate: readers find their way in files without reading them whole. Score: the share of what was tried."""

from collections.abc import Iterator

import geopandas as gpd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import shapely

from pipelines import policy
from pipelines.formats import archive
from pipelines.formats.geoparquet import BBOX, EDGES
from pipelines.model import Finding, GateResult, Json, Outcome, Phase, Role
from pipelines.subject import Subject

_REMEDY = "Write the files again with the product's own writers."
_BOXES = tuple(f"{BBOX}.{edge}" for edge in EDGES)
_Trial = tuple[str, bool, str]


def check(subject: Subject) -> GateResult:
    """FAIL when statistics, boxes or the tile directory are missing, wrong, or do not narrow a search."""
    made, numbers = subject.product, policy.numbers("index")
    data = subject.store.read(made.artifact(Role.DATA).sha256)
    tiles = subject.store.read(made.artifact(Role.TILES).sha256)
    key = subject.output.key
    # A table holds no shapes, and so no boxes: there a reader looks by key alone.
    boxed = any(layer.geometry_types for layer in made.content.layers)
    tried = [
        *_statistics(data, made.frame, wanted={key, *(_BOXES if boxed else ())}, numbers=numbers),
        *(_search(data, made.frame) if boxed else _lookup(data, made.frame, key=key)),
        *_directory(tiles, made.frame, numbers=numbers),
    ]
    findings = tuple(
        Finding(rule=f"index.{rule}", message=message, remedy=_REMEDY)
        for rule, good, message in tried
        if not good
    )
    return GateResult(
        gate="index",
        phase=Phase.AFTER,
        outcome=Outcome.FAIL if findings else Outcome.PASS,
        measured=f"{len(tried) - len(findings)} of {len(tried)} ways into the files lead where they should",
        limit="all of them",
        value=float(len(findings)),
        bound=0.0,
        score=1 - len(findings) / len(tried),
        evidence="artifact:data",
        remedy=_REMEDY if findings else "",
        findings=findings,
    )


def _statistics(data: bytes, frame: gpd.GeoDataFrame, *, wanted: set[str], numbers: Json) -> Iterator[_Trial]:
    about = pq.ParquetFile(pa.BufferReader(data)).metadata
    groups = [about.row_group(number) for number in range(about.num_row_groups)]
    largest = max((group.num_rows for group in groups), default=0)
    yield "group_size", largest <= numbers["rows_in_group_max"], f"A row group has {largest:,} rows."
    fits = about.num_rows == len(frame)
    yield "rows", fits, f"The file counts {about.num_rows:,} rows, the layer has {len(frame):,}."
    full = [group for group in groups if group.num_rows]
    without = sorted({name for group in full for name in wanted - _measured(group)})
    yield "statistics", not without, f"There are no statistics of {', '.join(without)}."


def _measured(group: pq.RowGroupMetaData) -> set[str]:
    columns = (group.column(number) for number in range(group.num_columns))
    return {one.path_in_schema for one in columns if one.is_stats_set and one.statistics.has_min_max}


def _search(data: bytes, frame: gpd.GeoDataFrame) -> Iterator[_Trial]:
    """Look by boxes alone for what lies in a quarter of the layer, and for what lies outside it."""
    fragment = ds.ParquetFileFormat().make_fragment(pa.BufferReader(data))
    west, south, east, north = (float(edge) for edge in frame.total_bounds)
    middle = (west + east) / 2, (south + north) / 2
    found = fragment.count_rows(filter=_touching(west, south, *middle))
    boxes = shapely.box(*frame.bounds.to_numpy().T)
    right = int(shapely.intersects(boxes, shapely.box(west, south, *middle)).sum())
    yield "search", found == right, f"Searched by boxes, a quarter holds {found:,} features, not {right:,}."
    read = len(fragment.split_by_row_group(_touching(east + 1, north + 1, east + 2, north + 2)))
    yield "pruning", read == 0, f"{read} row groups are read for a place where there is nothing."


def _lookup(data: bytes, frame: gpd.GeoDataFrame, *, key: str) -> Iterator[_Trial]:
    """Look by the key alone for the first half of the rows, and for what comes after the last."""
    fragment = ds.ParquetFileFormat().make_fragment(pa.BufferReader(data))
    keys = sorted(frame[key].dropna().tolist())
    if not keys:
        yield "search", fragment.count_rows() == len(frame), "There are rows without any key."
        return
    middle = keys[len(keys) // 2]
    found, right = fragment.count_rows(filter=pc.field(key) < middle), sum(one < middle for one in keys)
    yield "search", found == right, f"Searched by {key}, {found:,} rows come before {middle}, not {right:,}."
    read = len(fragment.split_by_row_group(pc.field(key) > keys[-1]))
    yield "pruning", read == 0, f"{read} row groups are read for keys after the last one."


def _touching(west: float, south: float, east: float, north: float) -> pc.Expression:
    return (
        (pc.field(BBOX, "xmin") <= east)
        & (pc.field(BBOX, "xmax") >= west)
        & (pc.field(BBOX, "ymin") <= north)
        & (pc.field(BBOX, "ymax") >= south)
    )


def _directory(tiles: bytes, frame: gpd.GeoDataFrame, *, numbers: Json) -> Iterator[_Trial]:
    cut, near = archive.read(tiles), numbers["tile_extent_tolerance_deg"]
    if frame.empty:
        yield "tile_empty", not cut.tiles, f"There are {len(cut.tiles):,} tiles of a layer without a row."
        return
    west, south, east, north = (float(edge) for edge in frame.total_bounds)
    around = (cut.extent.west, cut.extent.south, cut.extent.east, cut.extent.north)
    gaps = [abs(one - other) for one, other in zip(around, (west, south, east, north), strict=True)]
    yield "tile_extent", max(gaps) <= near, f"The tiles' box is {max(gaps):.4f} degrees off the layer's."
    zooms = {zoom for (zoom, _, _), _ in cut.tiles}
    complete = zooms == set(range(cut.shallowest, cut.deepest + 1))
    yield "tile_zooms", complete, f"There are tiles of the zooms {sorted(zooms)} only."
