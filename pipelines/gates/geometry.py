"""Gate: every feature has a valid shape of the right kind. Score: the share of features that have."""

from collections import Counter

import numpy as np
import shapely

from pipelines.model import Finding, GateResult, Outcome, Phase
from pipelines.subject import Subject

_REMEDY = "Correct the shapes at the source and deliver the file again."
_PLACE = "Look whether these are one thing under two keys, or a place given only roughly."
_NAMED = 10


def check(subject: Subject) -> GateResult:
    """FAIL on missing, invalid and wrong kinds of shapes; REVIEW too many features on one place."""
    frame, said = subject.product.frame, subject.family.expectations["geometry"]
    shapes, keys = frame.geometry.to_numpy(), [str(key) for key in frame[subject.output.key]]
    kinds = np.array([shape.geom_type if shape is not None else "" for shape in shapes])
    rules = {
        "geometry.missing": shapely.is_missing(shapes) | shapely.is_empty(shapes),
        "geometry.kind": ~np.isin(kinds, ["", *said["types"]]),
        "geometry.invalid": ~shapely.is_missing(shapes) & ~shapely.is_valid(shapes),
    }
    bad = int(np.count_nonzero(np.logical_or.reduce(list(rules.values())))) if len(shapes) else 0
    findings = [_finding(rule, np.flatnonzero(wrong), keys) for rule, wrong in rules.items() if wrong.any()]
    same = _same_place(shapes)
    crowded = same / max(len(shapes), 1) > said["same_place_max"]
    if crowded:
        wrong = f"{same:,} features stand on exactly the place of another one."
        findings.append(Finding(rule="geometry.same_place", message=wrong, remedy=_PLACE))
    return GateResult(
        gate="geometry",
        phase=Phase.AFTER,
        outcome=Outcome.FAIL if bad or not len(shapes) else Outcome.REVIEW if crowded else Outcome.PASS,
        measured=f"{bad:,} of {len(shapes):,} shapes are at fault, {same:,} stand on another one",
        limit=f"0 at fault ({', '.join(said['types'])}); at most {said['same_place_max']:.1%} on another one",
        value=float(bad),
        bound=0.0,
        score=1 - bad / len(shapes) if len(shapes) else 0.0,
        evidence="artifact:data",
        remedy=_REMEDY if bad else _PLACE if crowded else "",
        findings=tuple(findings),
    )


def _finding(rule: str, places: np.ndarray, keys: list[str]) -> Finding:
    named = ", ".join(keys[place] for place in places[:_NAMED]) + (", …" if len(places) > _NAMED else "")
    what = {"geometry.missing": "no shape", "geometry.kind": "another kind of shape"}.get(
        rule, "an invalid shape"
    )
    message = f"{len(places):,} features have {what}: {named}."
    return Finding(rule=rule, message=message, remedy=_REMEDY, where=keys[int(places[0])])


def _same_place(shapes: np.ndarray) -> int:
    counts = Counter(shapely.to_wkb(shapes[~shapely.is_missing(shapes)]))
    return sum(count - 1 for count in counts.values())
