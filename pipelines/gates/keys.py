"""Gate: every feature has its own key, none given to another. Score: the share of rows without fault."""

from collections import Counter
from math import isnan

from pipelines.diff.changes import Change, Diff, Kind
from pipelines.family import Family
from pipelines.model import Finding, GateResult, Outcome, Phase
from pipelines.subject import Subject

_UNIQUE = "Give every row its own key at the source and deliver the file again."
_REUSED = "Look at both places on the map: if the key now names another thing, say so when you approve."
_NAMED = 50
REUSED = "keys.reused"


def check(subject: Subject) -> GateResult:
    """FAIL on missing and repeated keys; REVIEW a key with a new name at a place far from the old one."""
    frame, key = subject.product.frame, subject.output.key
    texts = [None if isinstance(one, float) and isnan(one) else one for one in frame[key].tolist()]
    missing = sum(text is None or text == "" for text in texts)
    twice = sorted((text, count) for text, count in Counter(texts).items() if text and count > 1)
    diff = subject.product.diff
    again = [] if diff is None else reused(diff, subject.family)
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
    if wrongly:
        wrong = f"{len(wrongly):,} keys are not composed of {' and '.join(subject.output.composed_of)}."
        findings.append(Finding(rule="keys.composed", message=wrong, remedy=_UNIQUE, where=str(wrongly[0])))
    findings.extend(_again(change) for change in again)
    reuse = f"{len(again):,} reused" if diff else "reuse not looked for, as nothing was compared"
    return GateResult(
        gate="keys",
        phase=Phase.AFTER,
        outcome=Outcome.FAIL if faulty else Outcome.REVIEW if again else Outcome.PASS,
        measured=f"{faulty:,} rows without their own key; {reuse}",
        limit=f"0 of each; reused = another name, over {_reach(subject.family):g} km away",
        value=float(faulty + len(again)),
        bound=0.0,
        score=max(0.0, 1 - (faulty + len(again)) / max(len(texts), 1)),
        evidence=f"artifact:changes#{again[0].key}" if again else "artifact:data",
        remedy=_UNIQUE if faulty else _REUSED if again else "",
        findings=tuple(findings),
    )


def _composed(subject: Subject) -> list[object]:
    """Return the keys that are not their columns, joined."""
    frame, columns = subject.product.frame, subject.output.composed_of
    if not columns:
        return []
    parts = zip(*(frame[column].tolist() for column in columns), strict=True)
    made = ("/".join(map(str, part)) for part in parts)
    return [key for key, one in zip(frame[subject.output.key].tolist(), made, strict=True) if key != one]


def reused(diff: Diff, family: Family) -> list[Change]:
    """Return the features whose key now seems to name another thing; none if the family does not ask."""
    if "keys" not in family.expectations:
        return []
    title, far = family.outputs[0].title, _reach(family) * 1000
    return [
        change
        for change in diff.changes
        if change.kind is Kind.MOVED
        and (change.distance_m or 0.0) > far
        and any(column.name == title for column in change.columns)
    ]


def _reach(family: Family) -> float:
    return float(family.expectations["keys"]["reused_over_km"])


def _twice(key: str, text: str, count: int) -> Finding:
    wrong = f"{text} stands {count} times in {key}."
    return Finding(rule="keys.twice", message=wrong, remedy=_UNIQUE, where=text)


def _again(change: Change) -> Finding:
    old = next((column.old for column in change.columns if column.new == change.title), None)
    far = f"{(change.distance_m or 0.0) / 1000:.1f} km away"
    wrong = f"{change.key} was {old or 'another'} and is now {change.title}, {far}."
    return Finding(rule=REUSED, message=wrong, remedy=_REUSED, where=change.key)
