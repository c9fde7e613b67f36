"""Defects of what was made: tiles, files, catalogs, labels, licence, links."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import geopandas as gpd
import pyarrow as pa
import pyarrow.parquet as pq

from pipelines import digest
from pipelines.formats import geoparquet
from pipelines.kinds import KINDS
from pipelines.model import Labels, Role
from pipelines.subject import Layer, Subject, framed
from tests.families.proof import edits
from tests.families.proof.case import Case, is_grid
from tests.families.proof.defect import ROWS, Applies, Defect, Spoil
from tests.families.proof.on_inputs import DEGREES

Json = dict[str, Any]
DECIMALS = (1e-12, 1e-9, 1e-6, 1e-3, 1)


def _archive(case: Case, layer: Layer, *, name: str = "", labels: Labels | None = None) -> Subject:
    output = case.family.output
    output = replace(output, layer=name) if name else output
    cut = KINDS[output.kind].cut(layer, output, labels=labels or case.family.labels)
    return case.bytes_of(Role.TILES, cut.result())


def _without_tiles(case: Case, size: float) -> Subject:
    return _archive(case, framed(case.layer).iloc[int(size) :])


def _other_layer(case: Case, _: float) -> Subject:
    return _archive(case, case.layer, name="other")


def _tiles_alone(case: Case, size: float) -> Subject:
    return case.product(layer=framed(case.layer).iloc[int(size) :])


def _moved_tiles(case: Case, size: float) -> Subject:
    frame = framed(case.layer)
    return _archive(case, frame.assign(geometry=frame.geometry.translate(size, 0)))


def _emptied(case: Case, size: float) -> Subject:
    """Take the shapes of some features of the layer away."""
    frame = framed(case.layer)
    shapes = frame.geometry.to_numpy().copy()
    shapes[: int(size)] = None
    return case.product(layer=frame.set_geometry(gpd.GeoSeries(shapes, index=frame.index, crs=frame.crs)))


def _rewritten(case: Case, change: Callable[[pa.Table], pa.Table], **options: Any) -> Subject:
    content = case.whole.store.read(case.whole.product.artifact(Role.DATA).sha256)
    sink = pa.BufferOutputStream()
    pq.write_table(change(pq.read_table(pa.BufferReader(content))), sink, **options)
    return case.bytes_of(Role.DATA, sink.getvalue().to_pybytes())


def _without_statistics(case: Case, _: float) -> Subject:
    return _rewritten(case, lambda table: table, write_statistics=False)


def _fewer(case: Case, size: float) -> Subject:
    return _rewritten(case, lambda table: table.slice(int(size)))


def _box_moved(case: Case, size: float) -> Subject:
    """Move the boxes of all rows, by which readers search."""

    def moved(table: pa.Table) -> pa.Table:
        place = table.schema.get_field_index(geoparquet.BBOX)
        boxes = [{name: edge + size for name, edge in box.items()} for box in table[place].to_pylist()]
        return table.set_column(place, geoparquet.BBOX, pa.array(boxes))

    return _rewritten(case, moved)


def _document(kind: str, change: Callable[[Json, float], object]) -> Spoil:
    def spoil(case: Case, size: float) -> Subject:
        made = case.whole.product
        told = json.loads(case.whole.store.read(made.catalogs[kind]))
        change(told, size)
        name = case.whole.store.put(digest.canonical(told))
        return case.product(catalogs={**made.catalogs, kind: name})

    return spoil


def _content(change: Callable[[Any, float], Any]) -> Spoil:
    return lambda case, size: case.product(content=change(case.whole.product.content, size))


def _labelled(**changes: Any) -> Spoil:
    return _content(lambda content, _: replace(content, labels=replace(content.labels, **changes)))


def _licensed(**changes: Any) -> Spoil:
    return _content(lambda content, _: replace(content, licence=replace(content.licence, **changes)))


def _labels_inside(role: str) -> Spoil:
    def spoil(case: Case, _: float) -> Subject:
        other = replace(case.family.labels, sensitivity="restricted")
        if role == Role.TILES:
            return _archive(case, case.layer, labels=other)
        kind = KINDS[case.family.output.kind]
        return case.bytes_of(role, kind.write(case.layer, case.family.output, labels=other))

    return spoil


def _data(item: Json) -> Json:
    found: Json = item["assets"]["data"]
    return found


def _flipped(item: Json, _: float) -> None:
    told = _data(item)["file:checksum"]
    _data(item)["file:checksum"] = told[:-1] + ("0" if told[-1] != "0" else "1")


def _boxed(item: Json, size: float) -> None:
    item["bbox"][0] -= size


def _framed(case: Case) -> bool:
    return not is_grid(case)


def _boxes(case: Case) -> bool:
    return edits.placed(case)


FRAMES: tuple[tuple[str, str, tuple[float, ...], Spoil, Applies], ...] = (
    ("geometry", "{n:g} features of the layer without a shape", ROWS, _emptied, _framed),
    ("tiles", "{n:g} features in no tile", ROWS, _without_tiles, _framed),
    ("tiles", "{n:g} features in the tiles alone", ROWS, _tiles_alone, _framed),
    ("tiles", "tiles of another layer", (1,), _other_layer, _framed),
    ("index", "{n:g} rows missing in the file", ROWS, _fewer, _framed),
    ("index", "no statistics", (1,), _without_statistics, _framed),
    ("index", "boxes of rows moved by {n:g}°", DEGREES, _box_moved, _boxes),
    ("index", "tiles moved by {n:g}°", DEGREES, _moved_tiles, _framed),
)
CATALOGS: tuple[tuple[str, str, tuple[float, ...], Spoil], ...] = (
    ("catalogs", "one digit of a checksum in STAC", (1,), _document("stac", _flipped)),
    (
        "catalogs",
        "a size in STAC off by {n:g} byte",
        (1,),
        _document(
            "stac", lambda item, size: _data(item).update({"file:size": _data(item)["file:size"] + size})
        ),
    ),
    ("catalogs", "the box in STAC off by {n:g}°", DECIMALS, _document("stac", _boxed)),
    ("catalogs", "no title in DCAT", (1,), _document("dcat", lambda told, _: told.pop("dct:title"))),
    (
        "catalogs",
        "a file missing in DCAT",
        (1,),
        _document("dcat", lambda told, _: told["dcat:distribution"].pop()),
    ),
    (
        "labels",
        "no sovereignty in STAC",
        (1,),
        _document("stac", lambda item, _: item["properties"].pop("kfm:sovereignty")),
    ),
    ("labels", "another label inside the data", (1,), _labels_inside(Role.DATA)),
    ("labels", "another label inside the tiles", (1,), _labels_inside(Role.TILES)),
    ("labels", "sovereignty not assessed", (1,), _labelled(sovereignty=None)),
    ("labels", "a label that is not public", (1,), _labelled(sensitivity="restricted")),
    ("labels", "no label", (1,), _labelled(sensitivity="")),
    ("rights", "a licence that is not on the list", (1,), _licensed(spdx="CC-BY-NC-4.0")),
    ("rights", "a source named otherwise than in STAC and DCAT", (1,), _licensed(attribution="Somebody")),
    ("rights", "the address of another licence", (1,), _licensed(uri="https://elsewhere.invalid")),
    (
        "rights",
        "no licence in STAC",
        (1,),
        _document("stac", lambda item, _: item["properties"].pop("license")),
    ),
    ("links", "{n:g} link missing in STAC", (1,), _document("stac", lambda item, _: item["links"].pop(0))),
    (
        "links",
        "a link that leads out of STAC",
        (1,),
        _document(
            "stac", lambda item, _: item["links"].append({"rel": "via", "href": "https://elsewhere.invalid"})
        ),
    ),
    (
        "links",
        "the link to STAC missing in DCAT",
        (1,),
        _document("dcat", lambda told, _: told.pop("dct:relation")),
    ),
    (
        "links",
        "a host in DCAT that nobody allowed",
        (1,),
        _document("dcat", lambda told, _: told.update({"dct:conformsTo": "https://elsewhere.invalid/x"})),
    ),
)
# What the compiled policy finds by itself, whatever the gates of the same name say.
POLICY: tuple[tuple[str, str, tuple[float, ...], Spoil], ...] = tuple(
    ("policy", name, sizes, spoil)
    for gate, name, sizes, spoil in CATALOGS
    if gate != "catalogs" and "outside" not in name and "leads out of STAC" not in name
)
DEFECTS = (
    *(
        Defect(gate=gate, name=name, sizes=sizes, spoil=spoil, applies=applies)
        for gate, name, sizes, spoil, applies in FRAMES
    ),
    *(
        Defect(gate=gate, name=name, sizes=sizes, spoil=spoil)
        for gate, name, sizes, spoil in (*CATALOGS, *POLICY)
    ),
)
