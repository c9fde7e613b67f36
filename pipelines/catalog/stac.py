"""The STAC Item of one content, and what our own gate demands of it beyond the schemas."""

from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from math import isnan

import pystac

from pipelines import digest
from pipelines.catalog import marks, names, stac_schemas
from pipelines.errors import NotStrict
from pipelines.model import Artifact, Content, Extent, Finding, Json, LayerContent, RasterContent

ROLES = {"data": ["data"], "tiles": ["visual", "tiles"]}
TITLES = {
    names.GEOPARQUET: "The data as GeoParquet",
    names.PARQUET: "The data as Parquet",
    names.COG: "The data as Cloud Optimized GeoTIFF",
    names.PMTILES: "The data as map tiles",
}
EXECUTION = "processing-execution"
MAKE_AGAIN = "Make the document again from its content; it is never mended by hand."


def document(content: Content) -> bytes:
    """Return the Item: everything from the content, nothing from a clock, a run or a host."""
    box = extent(content.layers)
    item = pystac.Item(
        id=names.item_id(content.asset, content.content_digest),
        geometry=_polygon(box),
        bbox=[box.west, box.south, box.east, box.north],
        datetime=None,
        start_datetime=_moment(content.period.start),
        end_datetime=_moment(content.period.end),
        properties=_properties(content),
        stac_extensions=list(stac_schemas.ITEM_EXTENSIONS),
    )
    for name, artifact in names.listed(content.artifacts).items():
        item.add_asset(name, _asset(artifact, content))
    links = (
        (EXECUTION, names.PROV, names.JSON_LD_TYPE, "How it was made"),
        ("describedby", names.DCAT, names.JSON_LD_TYPE, "The same in DCAT"),
    )
    for rel, target, kind, title in links:
        item.add_link(pystac.Link(rel, f"./{target}", media_type=kind, title=title))
    return digest.canonical(item.to_dict(include_self_link=False, transform_hrefs=False))


@lru_cache(maxsize=32)
def check(item: bytes) -> tuple[Finding, ...]:
    """Return what is wrong with an Item's bytes, standing alone; nothing is fetched.

    Raises:
        Exception: whatever a broken validator raises; the caller calls that an ERROR, never a pass.
    """
    try:
        read = digest.read_json(item)
    except NotStrict as cause:
        return (_finding("stac.json", str(cause)),)
    wrong = stac_schemas.wrong(read, kind=pystac.STACObjectType.ITEM)
    if wrong:
        return tuple(_finding("stac.schema", message, where) for where, message in wrong)
    return tuple(_beyond_schema(read))


def extent(layers: tuple[LayerContent, ...]) -> Extent:
    """Return the box around every layer."""
    boxes = [layer.extent for layer in layers]
    return Extent(
        west=min(box.west for box in boxes),
        south=min(box.south for box in boxes),
        east=max(box.east for box in boxes),
        north=max(box.north for box in boxes),
    )


def _properties(content: Content) -> Json:
    pinned = ", ".join(f"{one.name} (sha256:{one.sha256})" for one in content.inputs)
    return {
        "title": f"{content.title}, {content.edition}",
        "description": content.description,
        "keywords": list(content.keywords),
        "license": content.licence.spdx,
        "providers": [{"name": content.owner, "roles": ["producer", "processor"]}],
        "proj:code": content.layers[0].crs,
        "sci:citation": content.licence.attribution,
        "processing:lineage": f"Made from {pinned} by the family {content.family}.",
        "kfm:asset": content.asset,
        "kfm:edition": content.edition,
        "kfm:channel": content.channel,
        "kfm:content_digest": content.content_digest,
        "kfm:materialization": names.materialization(content.spec_hash),
        **marks.fields(content.labels),
    }


def _asset(artifact: Artifact, content: Content) -> pystac.Asset:
    layer = content.layers[0]
    fields: Json = {
        "file:checksum": names.multihash(artifact.sha256),
        "file:size": artifact.size,
        **marks.fields(content.labels),
        **marks.authorisation(content.labels),
    }
    if artifact.role == "data":
        fields |= _of_cells(layer.raster) if layer.raster else _of_rows(layer)
    return pystac.Asset(
        href=names.object_href(artifact.sha256),
        title=TITLES[names.form(artifact, layer)],
        media_type=artifact.media_type,
        roles=ROLES[artifact.role],
        extra_fields=fields,
    )


def _of_rows(layer: LayerContent) -> Json:
    geometry = [column.name for column in layer.columns if column.type == "geometry"]
    return {
        "table:row_count": layer.rows,
        **({"table:primary_geometry": geometry[0]} if geometry else {}),
        "table:columns": [
            {"name": column.name, "type": column.type, "description": column.description}
            for column in layer.columns
        ],
    }


def _of_cells(raster: RasterContent) -> Json:
    return {
        "proj:shape": list(raster.shape),
        "proj:transform": list(raster.transform),
        "bands": [
            {
                "name": band.name,
                "description": band.description,
                "data_type": band.data_type,
                "nodata": "nan" if band.nodata is not None and isnan(band.nodata) else band.nodata,
                "unit": band.unit,
                "statistics": {
                    "minimum": band.minimum,
                    "maximum": band.maximum,
                    "mean": band.mean,
                    "valid_percent": band.valid_percent,
                },
            }
            for band in raster.bands
        ],
    }


def _polygon(box: Extent) -> Json:
    ring = [
        [box.west, box.south],
        [box.east, box.south],
        [box.east, box.north],
        [box.west, box.north],
        [box.west, box.south],
    ]
    return {"type": "Polygon", "coordinates": [ring]}


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _beyond_schema(item: Json) -> Iterator[Finding]:
    said = item["properties"]
    if datetime.fromisoformat(said["start_datetime"]) > datetime.fromisoformat(said["end_datetime"]):
        yield _finding("stac.datetimes", "The period ends before it starts.", "properties.end_datetime")
    west, south, east, north = item["bbox"]
    ring = item["geometry"]["coordinates"][0]
    around = [f(corner[n] for corner in ring) for f, n in ((min, 0), (min, 1), (max, 0), (max, 1))]
    if around != [west, south, east, north]:
        yield _finding("stac.bbox", f"The box {item['bbox']} is not the geometry's {around}.", "bbox")
    for name, asset in item["assets"].items():
        told = asset.get("file:checksum", "")
        if len(told) != len(names.MULTIHASH) + 64 or not told.startswith(names.MULTIHASH):
            yield _finding("stac.checksum", f"{told!r} is not a whole sha2-256 multihash.", f"assets.{name}")
        elif asset["href"] != names.object_href(told.removeprefix(names.MULTIHASH)):
            yield _finding(
                "stac.href", f"{asset['href']!r} is not where these bytes stand.", f"assets.{name}"
            )
    if not item["assets"]:
        yield _finding("stac.assets", "The Item lists no bytes.", "assets")


def _finding(rule: str, message: str, where: str = "") -> Finding:
    return Finding(rule=rule, message=message, remedy=MAKE_AGAIN, where=where)
