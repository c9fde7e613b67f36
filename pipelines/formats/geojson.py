"""GeoJSON read strictly: every feature is a row, every property a text, every shape checked by itself."""

import gc
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from pipelines import digest
from pipelines.errors import NotStrict
from pipelines.formats import coordinates, guise
from pipelines.formats.table import (
    CELLS_AT_MOST,
    COLUMNS_AT_MOST,
    ROWS_AT_MOST,
    Fault,
    Faults,
    Table,
    assembled,
    damaged,
    nothing,
)
from pipelines.model import Json

UNIT = "feature"
ID = "id"
ODD_AT_MOST = 10_000
VALUES_AT_MOST = 25_000_000
_WHAT = "GeoJSON"
_AGAIN = "Have the file written again as GeoJSON (RFC 7946): a FeatureCollection in strict JSON, UTF-8."
_CUT = "The file was cut off on its way: fetch it again, and compare its size with the source's."
_LESS = "Split the file, or leave out what is not needed."
_NONE: Json = {}
_DEGREES = "OGC:CRS84"
_RULES = {"nested deeper": "depth", "stands twice": "twice", "is not JSON: leave": "number"}
_MEND = "Mend this feature at the source and deliver the file again."


def read(content: bytes) -> Table:
    """Read a FeatureCollection; what is not right is told, never dropped."""
    fault = guise.other(content, than=_WHAT) or _too_much(content)
    if fault is not None:
        return nothing(content, fault, unit=UNIT)
    collecting = gc.isenabled()
    gc.disable()  # there are no circles in JSON, and looking for them takes half of the time
    try:
        return _read(content)
    finally:
        if collecting:
            gc.enable()


def _read(content: bytes) -> Table:
    text, first = _decoded(content.removeprefix(guise.BOM))
    try:
        whole = digest.read_json(text)
    except NotStrict as cause:
        return nothing(content, _not_strict(cause, text), unit=UNIT)
    fault = _not_a_collection(whole)
    if fault is not None:
        return nothing(content, fault, unit=UNIT)
    features = whole["features"]
    faults = Faults()
    rows = list(_properties(features, faults))
    names, rows = _named(features, rows)
    if len(names) > COLUMNS_AT_MOST or len(names) * len(rows) > CELLS_AT_MOST:
        wrong = f"{len(rows):,} features with {len(names):,} different names of properties are too many."
        return nothing(content, Fault(rule="cells", message=wrong, remedy=_LESS), unit=UNIT)
    columns = [_column(rows, name) for name in names]
    table = assembled(columns, [_clean(one) for one in names], rows=len(rows))
    return Table(
        size=len(content),
        names=tuple(table.column_names),
        rows=table,
        lines=range(1, len(features) + 1),
        unit=UNIT,
        bom=content.startswith(guise.BOM),
        not_utf8=text.count(b"\xef\xbf\xbd") if first is not None else 0,
        first_not_utf8=first,
        controls=damaged(table) if first is None else 0,
        shapes=_shapes(features, faults, degrees="crs" not in whole),
        crs=_crs(whole, faults),
        faults=faults.told(),
    )


def _too_much(content: bytes) -> Fault | None:
    """Refuse what a few bytes ask for: an empty list costs two in the file and thirty times that here."""
    count = sum(content.count(mark) for mark in (b",", b"[", b"{"))
    if count <= VALUES_AT_MOST:
        return None
    wrong = f"The file holds about {count:,} values; at most {VALUES_AT_MOST:,} are read."
    return Fault(rule="values", message=wrong, remedy=_LESS)


def _decoded(content: bytes) -> tuple[bytes, int | None]:
    """Return UTF-8, with what is none replaced, and where the first of that is."""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as wrong:
        return content.decode("utf-8", errors="replace").encode(), wrong.start
    return content, None


def _not_strict(cause: NotStrict, text: bytes) -> Fault:
    told = cause.__cause__
    if isinstance(told, RecursionError):
        return Fault(rule="depth", message="Brackets are nested without end.", remedy=_AGAIN)
    if not isinstance(told, json.JSONDecodeError):
        rule = next((rule for words, rule in _RULES.items() if words in str(cause)), "json")
        return Fault(rule=rule, message=str(cause), remedy=_AGAIN)
    where = f"line {told.lineno}, column {told.colno}"
    if told.pos >= len(told.doc.rstrip()) or told.msg.startswith("Unterminated string"):
        wrong = f"The file ends in the middle, after {len(text):,} bytes."
        return Fault(rule="truncated", message=wrong, remedy=_CUT, where=where)
    return Fault(rule="json", message=f"This is not JSON: {told.msg} at {where}.", remedy=_AGAIN, where=where)


def _not_a_collection(whole: Any) -> Fault | None:
    kind = whole.get("type") if isinstance(whole, dict) else type(whole).__name__
    if kind != "FeatureCollection":
        wrong = f"The file holds {str(kind)[:60]!r}, not a FeatureCollection."
        return Fault(rule="kind", message=wrong, remedy=_AGAIN, where="type")
    if not isinstance(whole.get("features"), list):
        return Fault(rule="kind", message="There is no list of features.", remedy=_AGAIN, where="features")
    if len(whole["features"]) > ROWS_AT_MOST:
        wrong = f"{len(whole['features']):,} features; at most {ROWS_AT_MOST:,} are read."
        return Fault(rule="rows", message=wrong, remedy=_LESS, where="features")
    odd = sum(not _is_feature(one) for one in whole["features"])
    if odd > ODD_AT_MOST:
        wrong = f"{odd:,} of {len(whole['features']):,} features are none."
        return Fault(rule="feature", message=wrong, remedy=_AGAIN, where="features")
    return None


def _is_feature(found: Any) -> bool:
    return isinstance(found, dict) and found.get("type") == "Feature"


def _properties(features: Sequence[Any], faults: Faults) -> Iterator[Json]:
    for number, feature in enumerate(features, start=1):
        if not _is_feature(feature):
            faults.add(_feature(number, "is no Feature"))
        found = feature.get("properties") if isinstance(feature, dict) else None
        if found is not None and not isinstance(found, dict):
            faults.add(_feature(number, "has properties that are no object"))
        yield found if isinstance(found, dict) else _NONE


def _feature(number: int, wrong: str) -> Fault:
    where = f"{UNIT} {number}"
    return Fault(rule="feature", message=f"Feature {number} {wrong}.", remedy=_MEND, where=where)


def _named(features: Sequence[Any], rows: list[Json]) -> tuple[list[str], list[Json]]:
    """Return the names of all properties as they first come; a feature's `id` is one if none is called so."""
    names = dict.fromkeys(name for row in rows for name in row)
    ids = [feature.get(ID) if isinstance(feature, dict) else None for feature in features]
    if ID in names or all(one is None for one in ids):
        return list(names), rows
    return [ID, *names], [{ID: one, **row} for one, row in zip(ids, rows, strict=True)]


def _column(rows: Iterable[Json], name: str) -> pa.Array:
    cells = [_text(row.get(name)) for row in rows]
    try:
        return pa.array(cells, pa.string())
    except UnicodeEncodeError:  # half of a surrogate pair, which JSON can write and UTF-8 cannot
        return pa.array([_clean(cell) for cell in cells], pa.string())


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    return str(value) if isinstance(value, int) else _nested(value)


def _nested(value: Any) -> str:
    """Return an object or a list as JSON, in the one form it has."""
    try:
        return digest.canonical(value).decode()
    except NotStrict:  # numbers beyond every form, or half characters
        return json.dumps(value, sort_keys=True, separators=(",", ":"))


def _clean(text: str) -> str:
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _shapes(features: Sequence[Any], faults: Faults, *, degrees: bool) -> np.ndarray:
    found = [feature.get("geometry") if isinstance(feature, dict) else None for feature in features]
    shapes, wrongs = coordinates.shapes(found, degrees=degrees)
    for place, wrong in wrongs:
        number = place + 1
        message = f"The geometry of feature {number} {wrong}."
        faults.add(Fault(rule="geometry", message=message, remedy=_MEND, where=f"{UNIT} {number}"))
    return shapes


def _crs(whole: Json, faults: Faults) -> str | None:
    """Return the system that GeoJSON of 2008 names, None if there is none; RFC 7946 has but one."""
    if "crs" not in whole:
        return _DEGREES
    said = whole["crs"]
    if said is None:
        return None
    try:
        name = said["properties"]["name"]
    except (KeyError, TypeError, IndexError):
        name = None
    if isinstance(name, str):
        return _clean(name)
    wrong = "The member crs names no system."
    faults.add(Fault(rule="crs", message=wrong, remedy="Leave it out, or name the system.", where="crs"))
    return None
