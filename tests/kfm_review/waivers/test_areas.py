"""A drawn area: which boxes it may be, and which features of a map lie in it, without a database."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from kfm_review.errors import Invalid, NotPossible
from kfm_review.waivers import areas, rules
from kfm_review.waivers.rules import Asked
from pipelines import policy

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
AREA = (-98.0, 37.0, -97.5, 37.4)
Json = dict[str, Any]


def feature(key: str, coordinates: Any, **more: str) -> Json:
    return {"properties": {"key": key} | more, "geometry": {"coordinates": coordinates}}


def style(*after: Json, before: tuple[Json, ...] = ()) -> Json:
    held = {"after": after, "before": before}
    return {"sources": {name: {"data": {"features": held[name]}} for name in held}}


MAP = style(
    feature("IN", [-97.8, 37.2]),
    feature("EDGE", [-98.0, 37.4]),
    feature("OUT", [-98.1, 37.2]),
    feature("ACROSS", [[[-97.9, 37.1], [-97.4, 37.1], [-97.6, 37.3], [-97.9, 37.1]]]),
    feature("ONE", [[-97.9, 37.1], [-97.8, 37.2]], keys="ONE\nTWO"),
    feature("TWICE", [-97.8, 37.2]),
    feature("TWICE", [-95.0, 37.2]),
    before=(feature("GONE", [-97.7, 37.3]), feature("OUT", [-97.8, 37.2]), feature("FAR", [-95.0, 37.3])),
)


def gate(*where: str, **more: Any) -> Json:
    found = [{"rule": "keys.twice", "where": one} for one in where]
    return {"gate": "keys", "outcome": "FAIL", "findings": found, "value": 1.0, "bound": 0.0} | more


def asked(**more: Any) -> Asked:
    return replace(
        Asked(
            kind="QUALITY_THRESHOLD",
            gates=("keys",),
            reason_code="MINOR_DEFECT",
            justification="Known.",
            reach="manifest",
            keys=(),
            area=AREA,
            findings_max=None,
            value_worst=None,
            expires_at=datetime(2026, 12, 1, tzinfo=UTC),
            obligations=(),
        ),
        **more,
    )


def resolved(*gates: Json, on: Json = MAP, **more: Any) -> Asked:
    return areas.resolved(asked(**more), gates=gates or [gate("IN")], style=on)


def test_what_lies_in_it_as_a_whole_is_named() -> None:
    assert resolved().keys == ("EDGE", "GONE", "IN", "ONE", "TWO")


def test_the_scope_names_the_area_and_the_keys() -> None:
    found = resolved()
    assert rules.check_asked(found, gates=[gate("IN")], policy=policy.numbers("exceptions"), now=NOW)
    told = rules.scope(found, [gate("IN")])
    assert (told["area"], told["keys"]) == ([*AREA], ["EDGE", "GONE", "IN", "ONE", "TWO"])
    assert areas.words(told) == "-98.0, 37.0 to -97.5, 37.4 (5 features)"
    assert areas.words(rules.scope(asked(area=(), keys=("IN",)), [gate("IN")])) == ""


@pytest.mark.parametrize("where", [("IN", "OUT"), ("IN", "")])
def test_what_failed_lies_in_it(where: tuple[str, ...]) -> None:
    with pytest.raises(Invalid, match=f"area you draw does not cover.*{where[1] or 'what names none'}"):
        rules.check_asked(
            resolved(gate(*where)), gates=[gate(*where)], policy=policy.numbers("exceptions"), now=NOW
        )


@pytest.mark.parametrize("where", [(), ("",), ("column",)])
def test_a_gate_that_names_no_feature_has_no_area(where: tuple[str, ...]) -> None:
    with pytest.raises(Invalid, match="No area bounds drift"):
        resolved(gate("IN"), gate(*where, gate="drift"), gates=("keys", "drift"))
    assert resolved(gate("IN"), gate(*where, gate="drift")).keys


def test_features_are_named_or_drawn_and_not_both() -> None:
    with pytest.raises(Invalid, match="not both"):
        resolved(keys=("IN",))


@pytest.mark.parametrize(
    ("area", "why"),
    [
        ((-98.0, 37.0, -97.5, None), "North is missing"),
        ((None, 37.0, -97.5, None), "West and north are missing"),
        ((-97.5, 37.0, -97.5, 37.4), "is not west of its east"),
        ((-97.0, 37.0, -97.5, 37.4), "is not west of its east"),
        ((-98.0, 37.4, -97.5, 37.4), "is not south of its north"),
        ((-180.1, 37.0, -97.5, 37.4), "beyond the edge"),
        ((-98.0, 37.0, 180.1, 37.4), "beyond the edge"),
        ((-98.0, -90.1, -97.5, 37.4), "beyond the edge"),
        ((-98.0, 37.0, -97.5, 90.1), "beyond the edge"),
        ((float("nan"), 37.0, -97.5, 37.4), "four numbers"),
        ((-98.0, 37.0, float("inf"), 37.4), "four numbers"),
    ],
)
def test_what_is_no_box_is_refused(area: tuple[float | None, ...], why: str) -> None:
    with pytest.raises(Invalid, match=why):
        resolved(area=area)


def test_an_area_holds_something_and_not_too_much() -> None:
    with pytest.raises(Invalid, match="No feature lies"):
        resolved(area=(10.0, 50.0, 11.0, 51.0))
    many = style(*(feature(f"K{n}", [-97.8, 37.2]) for n in range(rules.MOST_KEYS + 1)))
    with pytest.raises(Invalid, match="1,001 features lie in this area"):
        resolved(gate("K1"), on=many)


TILED = {"sources": MAP["sources"] | {"after-tiles": {}}}


@pytest.mark.parametrize("on", [TILED, areas.NO_MAP])
def test_of_what_the_map_holds_in_part_nothing_is_bounded(on: Json) -> None:
    with pytest.raises(NotPossible, match="No area can be drawn"):
        resolved(on=on)
