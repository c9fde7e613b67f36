"""Typed columns as texts: whole numbers without a point, dates as ISO 8601 has them, nothing as nothing."""

import pyarrow as pa
import pyarrow.compute as pc

_ZEROS = r"(\.[0-9]*?)0+(Z?)$"
_POINT = r"\.(Z?)$"


def readable(kind: pa.DataType) -> bool:
    """Say whether columns of this type can become texts."""
    if isinstance(kind, pa.BaseExtensionType):
        return False
    if pa.types.is_dictionary(kind):
        return readable(kind.value_type)
    return any(is_one(kind) for is_one in _READABLE)


_READABLE = (
    pa.types.is_string,
    pa.types.is_large_string,
    pa.types.is_boolean,
    pa.types.is_integer,
    pa.types.is_floating,
    pa.types.is_decimal,
    pa.types.is_date,
    pa.types.is_time,
    pa.types.is_timestamp,
    pa.types.is_null,
)


def texts(column: pa.Array) -> pa.Array:
    """Return a column as texts, the empty one where there is no value.

    Strings must be UTF-8 already: see `utf8`.
    """
    kind = column.type
    if pa.types.is_dictionary(kind):
        return texts(column.dictionary_decode())
    if pa.types.is_null(kind):
        return pa.array([""] * len(column), pa.string())
    if pa.types.is_timestamp(kind):
        return pc.fill_null(_moments(column), "")
    cells = pc.cast(column, pa.string())
    if pa.types.is_time(kind):
        cells = _short(cells)
    return pc.fill_null(cells, "")


def _moments(column: pa.Array) -> pa.Array:
    kind = column.type
    plain = column if kind.tz is None else column.cast(pa.timestamp(kind.unit, "UTC"))
    return _short(pc.replace_substring(pc.cast(plain, pa.string()), " ", "T"))


def _short(cells: pa.Array) -> pa.Array:
    """Leave out zeros after a second's point, and the point if nothing follows it."""
    return pc.replace_substring_regex(pc.replace_substring_regex(cells, _ZEROS, r"\1\2"), _POINT, r"\1")


def dense(column: pa.Array) -> int:
    """Return how many bytes the cells have once each is written out, not only named by its number."""
    if not pa.types.is_dictionary(column.type):
        return int(column.nbytes)
    lengths = column.dictionary
    if not _has_bytes(lengths.type):
        return len(column) * max(1, int(lengths.type.bit_width) // 8)
    return pc.sum(pc.cast(pc.take(pc.binary_length(lengths), column.indices), pa.int64())).as_py() or 0


def _has_bytes(kind: pa.DataType) -> bool:
    return any(
        is_one(kind)
        for is_one in (
            pa.types.is_string,
            pa.types.is_large_string,
            pa.types.is_binary,
            pa.types.is_large_binary,
        )
    )


def utf8(column: pa.Array) -> tuple[pa.Array, list[int]]:
    """Return a column of strings with what is not UTF-8 replaced, and the places of the cells that had it."""
    words = column.dictionary if pa.types.is_dictionary(column.type) else column
    try:
        words.validate(full=True)
    except pa.ArrowInvalid:
        pass
    else:
        return column, []
    blobs = column.dictionary_decode() if words is not column else column
    found = [None if one is None else _decoded(one) for one in blobs.cast(pa.binary()).to_pylist()]
    bad = [place for place, one in enumerate(found) if one is not None and one[1]]
    return pa.array([None if one is None else one[0] for one in found], pa.string()), bad


def _decoded(blob: bytes) -> tuple[str, bool]:
    try:
        return blob.decode("utf-8"), False
    except UnicodeDecodeError:
        return blob.decode("utf-8", errors="replace"), True
