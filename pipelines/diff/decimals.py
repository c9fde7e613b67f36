"""Which of many pairs of texts differ in nothing but the precision of their numbers."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipelines.diff import cell, engine

_NUMBERS = rf"^{cell.NUMBER.pattern}( {cell.NUMBER.pattern})*$"
_EXACT = 17  # so many decimals, and digits before them, are compared as whole numbers of 128 bits
_HALVES = ", ".join(f"0.{'0' * places}5::decimal(38, 18)" for places in range(_EXACT + 1))
_ROUNDS = f"""
select n, case when fine > {_EXACT} or large > {_EXACT} then null
    else abs(one::decimal(38, 18) - other::decimal(38, 18)) <= [{_HALVES}][coarse + 1] end as rounds
from (select *, greatest(length(split_part(one, '.', 2)), length(split_part(other, '.', 2))) as fine,
    least(length(split_part(one, '.', 2)), length(split_part(other, '.', 2))) as coarse,
    greatest(length(split_part(one, '.', 1)), length(split_part(other, '.', 1))) as large from pairs)
"""  # noqa: S608  # constants only
Flags = NDArray[np.bool_]


def only(old: pa.Array, new: pa.Array) -> Flags:
    """Say of each pair whether every number of the coarser text is the finer one's, rounded."""
    said = np.zeros(len(old), dtype=bool)
    rows = np.flatnonzero(_are_numbers(old))
    rows = rows[_are_numbers(new.take(rows))]
    one, other = (pc.split_pattern(side.take(rows), " ") for side in (old, new))
    lengths = pc.list_value_length(one).to_numpy()
    alike = lengths == pc.list_value_length(other).to_numpy()
    rows, lengths = rows[alike], lengths[alike]
    if not len(rows):
        return said
    parts = (pc.list_flatten(side.filter(pa.array(alike))) for side in (one, other))
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    said[rows] = np.logical_and.reduceat(_rounds(*parts), starts)
    return said


def _are_numbers(texts: pa.Array) -> Flags:
    found = pc.fill_null(pc.match_substring_regex(texts, _NUMBERS), fill_value=False)
    return np.asarray(found.to_numpy(zero_copy_only=False), dtype=bool)


def _rounds(one: pa.Array, other: pa.Array) -> Flags:
    """Say of each pair of numbers whether the coarser is the finer, rounded; very long ones one by one."""
    pairs = pa.table({"n": np.arange(len(one)), "one": one, "other": other})
    asked = engine.ask(_ROUNDS, pairs=pairs)
    said = np.zeros(len(one), dtype=bool)
    said[asked["n"].to_numpy()] = pc.fill_null(asked["rounds"], fill_value=False).to_numpy()
    for row in asked.filter(pc.is_null(asked["rounds"]))["n"].to_pylist():
        said[row] = cell.only_decimals(one[row].as_py(), other[row].as_py())
    return said
