"""Gate: every feature has its own key, none given to another. Score: the share of rows without fault."""

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.diff import vector
from pipelines.diff.changes import Change, Diff
from pipelines.family import Family
from pipelines.model import Finding, GateResult, Outcome, Phase
from pipelines.subject import Subject

_UNIQUE = "Give every row its own key at the source and deliver the file again."
_REUSED = "Look at both places on the map: if the key now names another thing, say so when you approve."
_NAMED = 50
NAMED_REUSED = 200
REUSED = "keys.reused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reused:
    """The features whose key now seems to name another thing: how many, and those that went farthest."""

    count: int
    named: tuple[Change, ...]


def check(subject: Subject) -> GateResult:
    """FAIL on missing and repeated keys; REVIEW a key with a new name at a place far from the old one."""
    frame, key = subject.product.frame, subject.output.key
    texts = column(frame[key])
    missing, twice = _missing(texts), _repeated(texts)
    diff = subject.product.changes
    again = Reused(count=0, named=()) if diff is None else reused(diff, subject.family)
    faulty = missing + sum(count for _, count in twice)
    findings = [_twice(key, text, count) for text, count in twice[:_NAMED]]
    if missing:
        findings.append(
            Finding(rule="keys.missing", message=f"{missing:,} rows have no {key}.", remedy=_UNIQUE)
        )
    if len(twice) > _NAMED:
        more = f"{len(twice) - _NAMED:,} more keys stand more than once, {len(twice):,} in all."
        findings.append(Finding(rule="keys.twice", message=more, remedy=_UNIQUE))
    wrongly = _composed(subject)
    faulty += len(wrongly)
    findings.extend(_astray(wrongly, " and ".join(subject.output.composed_of)))
    findings.extend(_all_again(again))
    reuse = f"{again.count:,} reused" if diff else "reuse not looked for, as nothing was compared"
    return GateResult(
        gate="keys",
        phase=Phase.AFTER,
        outcome=Outcome.FAIL if faulty else Outcome.REVIEW if again.count else Outcome.PASS,
        measured=f"{faulty:,} rows without their own key; {reuse}",
        limit=f"0 of each; reused = another name, over {_reach(subject.family):g} km away",
        value=float(faulty + again.count),
        bound=0.0,
        score=max(0.0, 1 - (faulty + again.count) / max(len(texts), 1)),
        evidence=f"artifact:changes#{again.named[0].key}" if again.named else "artifact:data",
        remedy=_UNIQUE if faulty else _REUSED if again.count else "",
        findings=tuple(findings),
    )


def column(values: pd.Series) -> pa.ChunkedArray:
    """Return a column as Arrow has it, without a Python object for each cell."""
    made = pa.array(values, from_pandas=True)
    return made if isinstance(made, pa.ChunkedArray) else pa.chunked_array([made])


def _empty(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    if not (pa.types.is_string(texts.type) or pa.types.is_large_string(texts.type)):
        return pc.is_null(texts)
    return pc.fill_null(pc.equal(texts, ""), fill_value=True)


def _missing(texts: pa.ChunkedArray) -> int:
    return pc.sum(_empty(texts)).as_py() or 0


def _repeated(texts: pa.ChunkedArray) -> list[tuple[str, int]]:
    """Return each key that stands more than once, and how often."""
    if pc.all(pc.less(texts[:-1], texts[1:]), skip_nulls=False).as_py() is True:
        return []  # sorted, as layers are, and each above the one before it
    counts = texts.filter(pc.invert(_empty(texts))).value_counts()
    again = counts.filter(pc.greater(counts.field("counts"), 1)).to_pylist()
    return sorted((str(one["values"]), one["counts"]) for one in again)


def _composed(subject: Subject) -> list[object]:
    """Return the keys that are not their columns, joined."""
    frame, columns = subject.product.frame, subject.output.composed_of
    if not columns:
        return []
    parts = [column(frame[name].map(str)) for name in columns]
    joint = pa.scalar("/", pa.large_string())
    made = pc.binary_join_element_wise(*(part.cast(pa.large_string()) for part in parts), joint)
    key = column(frame[subject.output.key])
    same = pc.fill_null(pc.equal(key.cast(pa.large_string()), made), fill_value=False)
    wrong: list[object] = key.filter(pc.invert(same)).to_pylist()
    return wrong


def _astray(wrongly: list[object], parts: str) -> Iterator[Finding]:
    for key in wrongly[:_NAMED]:
        wrong = f"{key} is not composed of {parts}."
        yield Finding(rule="keys.composed", message=wrong, remedy=_UNIQUE, where=str(key))
    if len(wrongly) > _NAMED:
        more = f"{len(wrongly) - _NAMED:,} more keys are not composed of {parts}, {len(wrongly):,} in all."
        yield Finding(rule="keys.composed", message=more, remedy=_UNIQUE)


def reused(diff: Diff, family: Family) -> Reused:
    """Return the features whose key now seems to name another thing; none if the family does not ask."""
    if "keys" not in family.expectations:
        return Reused(count=0, named=())
    title, far = family.outputs[0].title, _reach(family) * 1000
    if diff.rows is not None:
        places = diff.rows.moved_over(far, changing=title)
        return Reused(count=len(places), named=vector.some(diff, places[:NAMED_REUSED].tolist()))
    found = [
        change
        for change in diff.changes
        if (change.distance_m or 0.0) > far and any(one.name == title for one in change.columns)
    ]
    return Reused(count=len(found), named=tuple(found[:NAMED_REUSED]))


def _reach(family: Family) -> float:
    return float(family.expectations["keys"]["reused_over_km"])


def _twice(key: str, text: str, count: int) -> Finding:
    wrong = f"{text} stands {count} times in {key}."
    return Finding(rule="keys.twice", message=wrong, remedy=_UNIQUE, where=text)


def _all_again(again: Reused) -> list[Finding]:
    said = [_again(change) for change in again.named]
    if again.count > len(said):
        more = f"{again.count - len(said):,} more keys seem reused, {again.count:,} in all."
        said.append(Finding(rule=REUSED, message=more, remedy=_REUSED))
    return said


def _again(change: Change) -> Finding:
    old = next((column.old for column in change.columns if column.new == change.title), None)
    far = f"{(change.distance_m or 0.0) / 1000:.1f} km away"
    wrong = f"{change.key} was {old or 'another'} and is now {change.title}, {far}."
    return Finding(rule=REUSED, message=wrong, remedy=_REUSED, where=change.key)
