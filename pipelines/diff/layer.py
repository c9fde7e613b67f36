"""One edition of a vector layer as an Arrow table: WGS 84, geometry as WKB, every key there once."""

import json
from pathlib import Path

import geopandas
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipelines.diff import shapes
from pipelines.errors import KeysNotUnique, NotComparable

GEOMETRY = "geometry"
WGS84 = 4326
_NAMED = 5


def table(source: geopandas.GeoDataFrame | Path, *, key: str, edition: str) -> pa.Table:
    """Return a frame or a GeoParquet file as a table whose column `key` tells its rows apart."""
    made = _read(source) if isinstance(source, Path) else _converted(source)
    _check_key(made, key=key, edition=edition)
    return made


def _converted(frame: geopandas.GeoDataFrame) -> pa.Table:
    if frame.crs is not None and frame.crs.to_epsg() != WGS84:
        raise NotComparable(f"The layer is in {frame.crs.to_string()}: bring it to EPSG:4326 first.")
    plain = pa.Table.from_pandas(frame.drop(columns=frame.geometry.name), preserve_index=False)
    return plain.append_column(GEOMETRY, shapes.wkb(frame.geometry.to_numpy()))


def _read(path: Path) -> pa.Table:
    read = pq.read_table(path)
    about = json.loads((read.schema.metadata or {}).get(b"geo", b"null"))
    if about is None:
        raise NotComparable(
            f"{path.name} is not GeoParquet, it has no 'geo' metadata: write it with geometry."
        )
    name = about["primary_column"]
    column = about["columns"][name]
    code = ((column.get("crs") or {}).get("id") or {}).get("code", WGS84)
    if code not in {WGS84, "CRS84"}:
        raise NotComparable(f"{path.name} is in {code}: bring it to EPSG:4326 first.")
    covering = {part[0] for part in column.get("covering", {}).get("bbox", {}).values()}
    kept = read.drop_columns([drop for drop in covering if drop in read.column_names])
    return kept.rename_columns([GEOMETRY if had == name else had for had in kept.column_names])


def _check_key(table: pa.Table, *, key: str, edition: str) -> None:
    if key not in table.column_names:
        raise NotComparable(f"The {edition} edition has no column {key!r}: name the key that both have.")
    column = table[key]
    if pc.all(pc.less(column[:-1], column[1:]), skip_nulls=False).as_py() is True and not column.null_count:
        return  # sorted, as layers are, and each above the one before it
    counts = column.value_counts()
    again = counts.filter(pc.greater(counts.field("counts"), 1)).field("values").to_pylist()
    twice = sorted(str(one) for one in again if one is not None)
    missing = column.null_count
    if missing or twice:
        named = ", ".join(twice[:_NAMED]) + (", …" if len(twice) > _NAMED else "")
        raise KeysNotUnique(
            f"In the {edition} edition {missing} rows have no {key} and {len(twice)} values of {key} stand "
            f"more than once{f' ({named})' if twice else ''}: give every feature its own key."
        )
