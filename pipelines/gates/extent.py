"""Gate: the points lie where the family's data lie. Score: the share of points inside."""

import numpy as np
from pyproj import CRS, Transformer

from pipelines.model import Finding, GateResult, Outcome, Phase
from pipelines.subject import Subject

_REMEDY = "Look at the points outside on the map; correct their coordinates at the source."
_NAMED = 10


def check(subject: Subject) -> GateResult:
    """REVIEW points outside the expected area; FAIL when fewer than `inside_min` are in it."""
    source, table, said = subject.family.inputs[0], subject.table, subject.family.expectations["extent"]
    keys, x, y = _points(subject)
    inside = (x >= said["west"]) & (x <= said["east"]) & (y >= said["south"]) & (y <= said["north"])
    share = float(np.count_nonzero(inside)) / x.size if x.size else 0.0
    outside = [keys[place] for place in np.flatnonzero(~inside)]
    outcome = Outcome.PASS if not outside else Outcome.REVIEW
    if share < said["inside_min"]:
        outcome = Outcome.FAIL
    named = ", ".join(outside[:_NAMED]) + (", …" if len(outside) > _NAMED else "")
    wrong = f"{len(outside):,} of {x.size:,} points are outside: {named or 'there is none to look at'}."
    finding = Finding(
        rule="extent.outside", message=wrong, remedy=_REMEDY, where=outside[0] if outside else ""
    )
    box = ", ".join(f"{said[edge]:g}" for edge in ("west", "south", "east", "north"))
    return GateResult(
        gate="extent",
        phase=Phase.BEFORE,
        outcome=outcome,
        measured=f"{share:.1%} of {x.size:,} points inside ({table.rows.num_rows - x.size:,} rows without)",
        limit=f"at least {said['inside_min']:.1%} inside {box}",
        value=share,
        bound=said["inside_min"],
        score=share,
        evidence="artifact:input-preview" if outcome is Outcome.FAIL and x.size else f"input:{source.name}",
        remedy="" if outcome is Outcome.PASS else _REMEDY,
        findings=() if outcome is Outcome.PASS else (finding,),
    )


def _points(subject: Subject) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Return key and WGS 84 degrees of every row that has coordinates."""
    source, table = subject.family.inputs[0], subject.table
    names = set(table.rows.column_names)
    if not {source.points.x, source.points.y} <= names:
        return [], np.empty(0), np.empty(0)
    x, y = (table.numbers(name).to_numpy() for name in (source.points.x, source.points.y))
    there = np.isfinite(x) & np.isfinite(y)
    told = (
        table.texts(source.key).to_pylist()
        if source.key in names
        else [f"line {line}" for line in table.lines]
    )
    x, y = x[there], y[there]
    if not CRS.from_user_input(source.points.crs).is_geographic:
        x, y = Transformer.from_crs(source.points.crs, "EPSG:4326", always_xy=True).transform(x, y)
    return [told[place] for place in np.flatnonzero(there)], x, y
