"""Rows whose places come from another input: plain Parquet; the joined shapes are drawn, not published."""

from dataclasses import replace

import geopandas as gpd
import numpy as np

from pipelines.errors import NotMade
from pipelines.family import Joined, Output
from pipelines.formats import parquet
from pipelines.inputs import Inputs, texts
from pipelines.kinds import vector
from pipelines.kinds.kind import WGS84
from pipelines.model import Extent, Labels, LayerContent
from pipelines.subject import Layer, framed


def write(layer: Layer, output: Output, *, labels: Labels) -> bytes:
    """Return the rows as Parquet, without their shapes."""
    frame = framed(layer)
    rows = frame.drop(columns=frame.geometry.name)
    return parquet.write(rows, key=output.key, columns=output.columns, labels=labels)


def read(content: bytes, inputs: Inputs) -> Layer:
    """Return the rows that were written, each with the shape that this run's reference has for it."""
    rows, place = parquet.read(content), _place(inputs)
    if place.to not in rows.columns:
        raise NotMade(f"The layer has no column {place.to!r}, by which its rows are joined to their places.")
    named = texts(inputs.table(place.input), (place.to,))
    known = dict(zip(named, inputs.shapes(place.input), strict=True))
    shapes = np.empty(len(rows), dtype=object)
    shapes[:] = [known.get(one) for one in rows[place.to].tolist()]
    return gpd.GeoDataFrame(rows, geometry=shapes, crs=WGS84)


def describe(layer: Layer, output: Output, inputs: Inputs) -> LayerContent:
    """Return the table as the catalogs tell of it; it speaks of every place, also of those without a row."""
    frame = framed(layer)
    shapes = gpd.GeoSeries(inputs.shapes(_place(inputs).input), crs=WGS84)
    west, south, east, north = (float(edge) for edge in shapes.total_bounds)
    return LayerContent(
        layer=output.layer,
        kind=output.kind,
        key=output.key,
        crs=WGS84,
        rows=len(frame),
        extent=Extent(west=west, south=south, east=east, north=north),
        geometry_types=(),
        columns=output.columns,
    )


def _place(inputs: Inputs) -> Joined:
    place = inputs.sources[0].place
    if isinstance(place, Joined):
        return place
    raise NotMade("A table has its places from another input: say `joined` in pipeline.yaml.")


KIND = replace(vector.KIND, media_type=parquet.MEDIA_TYPE, write=write, read=read, describe=describe)
