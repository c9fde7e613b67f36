"""What happened to each of many features, column by column: the same answers as `feature` gives for one."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipelines.diff import decimals, shapes, texts
from pipelines.diff.feature import EARTH_RADIUS_M, FARTHEST_EAST, FARTHEST_NORTH
from pipelines.diff.layer import GEOMETRY
from pipelines.diff.rows import IN_BATCH, SHOWN, Rows, flag
from pipelines.diff.shapes import Flags, Middles, Numbers
from pipelines.errors import NotComparable

_MOVED, _ADDED, _REMOVED, _CHANGED, _PRECISION = range(len(SHOWN))


def without_respelt(pairs: pa.Table, old: pa.Table, new: pa.Table, *, columns: Sequence[str]) -> pa.Table:
    """Return the pairs that differ in more than how one and the same shape is written."""
    name = f"d{columns.index(GEOMETRY)}"
    place = pairs.column_names.index(name)
    kept = []
    for start in range(0, pairs.num_rows, IN_BATCH):
        part = pairs.slice(start, IN_BATCH)
        both = pc.and_(pc.is_valid(part["b_row"]), pc.is_valid(part["a_row"]))
        asked = np.flatnonzero(pc.and_(both, part[name]).to_numpy())
        sides = (
            side[GEOMETRY].take(part[row].take(asked)).combine_chunks()
            for side, row in ((old, "b_row"), (new, "a_row"))
        )
        differs = part[name].to_numpy().copy()
        differs[asked] = ~shapes.same(*sides)
        part = part.set_column(place, name, pa.array(differs))
        any_left = np.logical_or.reduce([part[f"d{n}"].to_numpy() for n in range(len(columns))])
        kept.append(part.filter(pa.array(any_left | ~both.to_numpy())))
    return pa.concat_tables(kept) if kept else pairs


def rows(
    pairs: pa.Table,
    old: pa.Table,
    new: pa.Table,
    *,
    names: tuple[str, str],
    columns: Sequence[str],
    moved_over_m: float,
) -> Rows:
    """Return what happened to every pair, in the order of the list; `names` are those of key and title."""
    found = [
        _judged(
            pairs.slice(start, IN_BATCH), old, new, key=names[0], columns=columns, moved_over_m=moved_over_m
        )
        for start in range(0, pairs.num_rows, IN_BATCH)
    ]
    about = pa.concat_tables(found)
    far = pc.if_else(pc.equal(about["shown"], _MOVED), pc.negate(about["distance_m"]), 0.0)
    told = pa.table({"shown": about["shown"], "far": far, "key": about["key"]})
    order = pc.sort_indices(told, [(name, "ascending") for name in told.column_names])
    return Rows(
        old=old,
        new=new,
        key=names[0],
        title=names[1],
        moved_over_m=moved_over_m,
        columns=tuple(columns),
        about=about.take(order),
    )


def metres(one: Middles, other: Middles, *, asked: Flags) -> Numbers:
    """Return how far it is between the pairs that are `asked` for; not a number for others.

    Raises:
        NotComparable: a place is none on Earth.
    """
    lons, lats = (np.stack([getattr(side, axis)[asked] for side in (one, other)]) for axis in ("x", "y"))
    wrong = ~((np.abs(lons) <= FARTHEST_EAST) & (np.abs(lats) <= FARTHEST_NORTH))
    if wrong.any():
        side, place = np.argwhere(wrong)[0]
        where = f"{lons[side, place]}, {lats[side, place]}"
        raise NotComparable(f"{where} is no place on Earth: mend the coordinates or their CRS.")
    lon, lat = np.radians(lons), np.radians(lats)
    half_lat, half_lon = (lat[1] - lat[0]) / 2, (lon[1] - lon[0]) / 2
    chord = np.sin(half_lat) ** 2 + np.cos(lat[0]) * np.cos(lat[1]) * np.sin(half_lon) ** 2
    went = np.full(len(asked), np.nan)
    went[asked] = 2 * EARTH_RADIUS_M * np.arcsin(np.minimum(1.0, np.sqrt(chord)))
    return went


def _judged(
    pairs: pa.Table, old: pa.Table, new: pa.Table, *, key: str, columns: Sequence[str], moved_over_m: float
) -> pa.Table:
    """Return what `Rows` knows about each pair of a batch."""
    taken = [side.take(pairs[row].combine_chunks()) for side, row in ((old, "b_row"), (new, "a_row"))]
    there = [pc.is_valid(pairs[row]).to_numpy() for row in ("b_row", "a_row")]
    flags = {name: pairs[f"d{n}"].to_numpy() & there[0] & there[1] for n, name in enumerate(columns)}
    one, other = (shapes.middles(side[GEOMETRY].combine_chunks()) for side in taken)
    went = metres(one, other, asked=flags[GEOMETRY] & one.there & other.there)
    with np.errstate(invalid="ignore"):
        moved = (went > moved_over_m) & one.points & other.points
    shown = np.select([~there[0], ~there[1], moved], [_ADDED, _REMOVED, _MOVED], _CHANGED).astype(np.int8)
    asked = np.flatnonzero(shown == _CHANGED)
    shown[asked[_precise(taken, flags, asked)]] = _PRECISION
    keys = _keys(taken, there[1], key=key)
    return pa.table(
        {
            "shown": shown,
            "key": keys,
            "old": pairs["b_row"],
            "new": pairs["a_row"],
            **{
                name: _there(axis)
                for name, axis in (("x0", one.x), ("y0", one.y), ("x1", other.x), ("y1", other.y))
            },
            "distance_m": _there(_tenths(went)),
            **{
                flag(name): _listed(differs, there, [name in side.column_names for side in (old, new)])
                for name, differs in flags.items()
            },
        }
    )


def _precise(taken: Sequence[pa.Table], flags: dict[str, Flags], asked: NDArray[np.int64]) -> Flags:
    """Say which of the pairs `asked` about differ in no column in more than decimals."""
    still = np.arange(len(asked))
    for name, differs in flags.items():
        here = differs[asked[still]]
        if not all(name in side.column_names for side in taken):
            still = still[~here]
            continue
        told = [
            texts.columns(side.select([name]).take(asked[still][here]))[name].combine_chunks()
            for side in taken
        ]
        right = np.ones(len(still), dtype=bool)
        right[here] = decimals.only(*told)
        still = still[right]
    said = np.zeros(len(asked), dtype=bool)
    said[still] = True
    return said


def _keys(taken: Sequence[pa.Table], newer: Flags, *, key: str) -> pa.ChunkedArray:
    """Return the key of each feature, of the newer side where it is there."""
    old, new = (texts.columns(side.select([key]))[key] for side in taken)
    return pc.if_else(pa.array(newer), new, old)


def _listed(differs: Flags, there: Sequence[Flags], has: Sequence[bool]) -> Flags:
    """Say where a column is listed: where it differs, and where a feature that has it is on one side only."""
    added, removed = ~there[0] & has[1], ~there[1] & has[0]
    return np.asarray(differs | added | removed)


def _tenths(went: Numbers) -> Numbers:
    """Return metres with one decimal, rounded as Python rounds one number."""
    made = went.copy()
    asked = ~np.isnan(went)
    made[asked] = [round(one, 1) for one in went[asked].tolist()]
    return made


def _there(numbers: Numbers) -> pa.Array:
    return pa.array(np.ascontiguousarray(numbers), from_pandas=True)
