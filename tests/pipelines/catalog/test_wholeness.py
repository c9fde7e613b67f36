"""Manifests that contradict themselves are found, whatever their documents say."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from pipelines.catalog import prov
from pipelines.model import Failure, GateResult, Outcome
from tests.pipelines import made
from tests.pipelines.closed import Json, check, rules


@pytest.fixture(scope="module")
def run() -> made.Whole:
    return made.whole()


def result(run: made.Whole, gate: str, **changes: Any) -> tuple[GateResult, ...]:
    return tuple(replace(one, **changes) if one.gate == gate else one for one in run.manifest.gates)


def without(run: made.Whole, gate: str) -> tuple[GateResult, ...]:
    return tuple(one for one in run.manifest.gates if one.gate != gate)


CONTRADICTIONS: dict[str, tuple[set[str], Callable[[made.Whole], Json]]] = {
    "a failing gate in what passed": (
        {"manifest.outcome"},
        lambda run: {"gates": result(run, "tiles", outcome=Outcome.FAIL)},
    ),
    "a gate not reached in what passed": (
        {"manifest.reached"},
        lambda run: {"gates": result(run, "tiles", outcome=Outcome.NOT_RUN)},
    ),
    "no gates at all": ({"manifest.outcome", "manifest.gates"}, lambda _: {"gates": ()}),
    "no labels gate": ({"manifest.gates"}, lambda run: {"gates": without(run, "labels")}),
    "no rights gate": ({"manifest.gates"}, lambda run: {"gates": without(run, "rights")}),
    "no links gate": ({"manifest.gates"}, lambda run: {"gates": without(run, "links")}),
    "no score gate": ({"manifest.gates"}, lambda run: {"gates": without(run, "score")}),
    "another score": ({"manifest.score"}, lambda run: {"gates": result(run, "score", value=0.2)}),
    "no score": ({"manifest.score"}, lambda _: {"score": None}),
    "a failure that passed": (
        {"manifest.outcome"},
        lambda _: {"failure": Failure(kind="buried", message="It was killed.", log_tail=None)},
    ),
    "another base": ({"manifest.spec_hash"}, lambda _: {"base": "0" * 64}),
    "other inputs": ({"manifest.spec_hash"}, lambda _: {"input_hash": "0" * 64}),
    "inputs of nothing": ({"manifest.spec_hash"}, lambda _: {"input_hash": None}),
    "data twice": (
        {"manifest.artifacts"},
        lambda run: {"artifacts": (*run.manifest.artifacts, run.manifest.artifacts[0])},
    ),
}


@pytest.mark.parametrize("name", CONTRADICTIONS)
def test_a_manifest_that_contradicts_itself_is_found(name: str, run: made.Whole) -> None:
    expected, spoil = CONTRADICTIONS[name]
    lying = replace(run.manifest, **spoil(run))
    found = rules(check(run, lying, prov.document(lying, attempt=made.ATTEMPT)))
    assert expected <= found


def test_a_gate_that_answers_twice_is_found(run: made.Whole) -> None:
    twice = replace(run.manifest, gates=(*run.manifest.gates, run.manifest.gates[0]))
    assert "manifest.gates" in rules(check(run, twice, prov.document(twice, attempt=made.ATTEMPT)))
