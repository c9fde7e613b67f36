"""Gate: every feature has a valid shape of the right kind. Score: the share of features that have."""

from collections import Counter
from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd
import shapely

from pipelines.model import Finding, GateResult, Json, Outcome, Phase
from pipelines.subject import Subject

_REMEDY = "Correct the shapes at the source and deliver the file again."
_PLACE = "Look whether these are one thing under two keys, or a place given only roughly."
_LOOK = "Look at these shapes on the map: if they will do until they are mended, say so when you approve."
_INVALID = "geometry.invalid"
_NAMED = 50
_KINDS = ("Point", "LineString", "LinearRing", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon")
_NUMBERS = {name: number for number, name in enumerate((*_KINDS, "GeometryCollection"))}
_MIX = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x27D4EB2F165667C5], np.uint64)


def check(subject: Subject) -> GateResult:
    """FAIL on missing, wrong and invalid shapes; REVIEW few invalid ones, and too many on one place."""
    frame, said = subject.product.frame, subject.family.expectations["geometry"]
    shapes, keys = frame.geometry.to_numpy(), frame[subject.output.key]
    allowed = [-1, *(_NUMBERS[kind] for kind in said["types"])]
    rules = {
        "geometry.missing": shapely.is_missing(shapes) | shapely.is_empty(shapes),
        "geometry.kind": ~np.isin(shapely.get_type_id(shapes), allowed),
        _INVALID: ~shapely.is_missing(shapes) & ~shapely.is_valid(shapes),
    }
    bad = int(np.count_nonzero(np.logical_or.reduce(list(rules.values())))) if len(shapes) else 0
    tolerated = bool(bad) and _tolerated(rules, said)
    remedy = _LOOK if tolerated else _REMEDY
    findings = [
        one for rule, wrong in rules.items() for one in _told(rule, np.flatnonzero(wrong), keys, remedy)
    ]
    same = _same_place(shapes)
    crowded = same / max(len(shapes), 1) > said["same_place_max"]
    if crowded:
        wrong = f"{same:,} features stand on exactly the place of another one."
        findings.append(Finding(rule="geometry.same_place", message=wrong, remedy=_PLACE))
    empty = not len(shapes) and not subject.family.may_be_empty
    failed = empty or (bool(bad) and not tolerated)
    return GateResult(
        gate="geometry",
        phase=Phase.AFTER,
        outcome=Outcome.FAIL if failed else Outcome.REVIEW if bad or crowded else Outcome.PASS,
        measured=f"{bad:,} of {len(shapes):,} shapes are at fault, {same:,} stand on another one",
        limit=_limit(said),
        value=float(bad),
        bound=0.0,
        score=1 - bad / len(shapes) if len(shapes) else float(not empty),
        evidence="artifact:data",
        remedy=remedy if bad else _PLACE if crowded else "",
        findings=tuple(findings),
    )


def _tolerated(rules: Mapping[str, np.ndarray], said: Json) -> bool:
    """Say whether all that is at fault are invalid shapes, so few that a person may let them pass."""
    invalid = np.count_nonzero(rules[_INVALID])
    others = any(wrong.any() for rule, wrong in rules.items() if rule != _INVALID)
    return not others and bool(invalid <= _few(said) * len(rules[_INVALID]))


def _few(said: Json) -> float:
    return float(said.get("invalid_review_max", 0.0))


def _limit(said: Json) -> str:
    few = f", REVIEW up to {_few(said):.1%} invalid" if _few(said) else ""
    kinds, same = ", ".join(said["types"]), said["same_place_max"]
    return f"0 at fault ({kinds}){few}; at most {same:.1%} on another one"


def _told(rule: str, places: np.ndarray, keys: pd.Series, remedy: str) -> Iterator[Finding]:
    """Name each feature at fault, so that whoever excuses one of them excuses no other."""
    what = {"geometry.missing": "no shape", "geometry.kind": "another kind of shape"}.get(
        rule, "an invalid shape"
    )
    for key in keys.iloc[places[:_NAMED]]:
        yield Finding(rule=rule, message=f"{key} has {what}.", remedy=remedy, where=str(key))
    if len(places) > _NAMED:
        more = f"{len(places) - _NAMED:,} more features have {what}, {len(places):,} in all."
        yield Finding(rule=rule, message=more, remedy=remedy)


def _same_place(shapes: np.ndarray) -> int:
    """Return how many shapes are exactly another one: of those whose boxes could be, all are looked at."""
    there = shapes[~shapely.is_missing(shapes)]
    boxes = np.ascontiguousarray(shapely.bounds(there)).reshape(-1, len(_MIX)).view(np.uint64)
    mixed = (boxes * _MIX).sum(axis=1, dtype=np.uint64)
    ordered = np.sort(mixed)
    again = ordered[1:][ordered[1:] == ordered[:-1]]
    counts = Counter(shapely.to_wkb(there[np.isin(mixed, again)])) if len(again) else Counter()
    return sum(count - 1 for count in counts.values())
