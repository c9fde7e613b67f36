"""PROV of an attempt: whole on PASS and on FAIL, and every constraint of our checker shown to bite."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from pipelines import digest
from pipelines.catalog import graph, names, prov, prov_check
from pipelines.model import DiffState, DiffSummary, Failure, Outcome
from tests.pipelines import made

Json = dict[str, Any]


@pytest.fixture(scope="module")
def run() -> made.Whole:
    return made.whole()


def node(document: Json, name: str) -> Json:
    found = [one for one in document["@graph"] if one["@id"] == name or name in one["@type"]]
    assert found, name
    first: Json = found[0]
    return first


def rules(document: Json) -> set[str]:
    return {finding.rule for finding in prov_check.check(digest.canonical(document))}


def test_the_document_of_a_run_keeps_every_constraint(run: made.Whole) -> None:
    assert prov_check.check(run.prov) == ()


def test_a_run_that_failed_has_a_document_too(run: made.Whole) -> None:
    nothing = replace(
        run.manifest,
        inputs=(),
        artifacts=(),
        catalogs={},
        gates=(),
        spec_hash=None,
        labels=None,
        base="none",
        outcome=Outcome.ERROR,
        diff=DiffSummary(state=DiffState.NOT_REACHED),
        failure=Failure(kind="buried", message="The worker was killed.", log_tail=None),
    )
    assert prov_check.check(prov.document(nothing, attempt=made.ATTEMPT)) == ()


def test_a_run_that_nobody_asked_for_is_the_systems(run: made.Whole) -> None:
    attempt = replace(made.ATTEMPT, requested_by="", author="")
    document = prov.document(run.manifest, attempt=attempt)
    assert prov_check.check(document) == ()
    assert node(json.loads(document), "urn:kfm:system")["@type"] == ["prov:Agent", "prov:Organization"]


def test_every_gate_that_ran_is_an_activity_with_a_result(run: made.Whole) -> None:
    not_run = replace(run.manifest.gates[1], outcome=Outcome.NOT_RUN)
    told = replace(run.manifest, gates=(run.manifest.gates[0], not_run))
    document = json.loads(prov.document(told, attempt=made.ATTEMPT))
    activities = [one["@id"] for one in document["@graph"] if "kfm:GateEvaluation" in one["@type"]]
    assert activities == [f"{made.ATTEMPT.id}:gate:schema"]
    assert node(document, prov.gate_result_id(told.digest, "schema"))["kfm:outcome"] == "PASS"


def test_the_attempt_names_documents_and_bytes_by_digest(run: made.Whole) -> None:
    attempt = node(json.loads(run.prov), "kfm:RunAttempt")
    made_by_it = {run.manifest.digest, *run.manifest.catalogs.values()}
    made_by_it |= {artifact.sha256 for artifact in run.manifest.artifacts}
    assert set(attempt["prov:generated"]) == {names.bytes_id(one) for one in made_by_it}


def spoil_generation_time(document: Json) -> None:
    node(document, _first_made(document))["prov:qualifiedGeneration"]["prov:atTime"] = "2030-01-01T00:00:00Z"


def _first_made(document: Json) -> str:
    return str(node(document, "kfm:RunAttempt")["prov:generated"][0])


EARLIER, LATER = "2020-01-01T00:00:00Z", "2030-01-01T00:00:00Z"


def _generation(document: Json) -> Json:
    found: Json = node(document, _first_made(document))["prov:qualifiedGeneration"]
    return found


def _usage(document: Json) -> Json:
    found: Json = node(document, "kfm:RunAttempt")["prov:qualifiedUsage"][0]
    return found


def circle(document: Json, relation: str, count: int) -> None:
    """Let some of what was made be derived from one another, all the way round."""
    names_ = node(document, "kfm:RunAttempt")["prov:generated"][:count]
    for one, other in zip(names_, [*names_[1:], names_[0]], strict=True):
        node(document, one)[relation] = [other]


def made_later(document: Json) -> None:
    """Let the attempt use, in time, what is made only afterwards."""
    thing = _usage(document)["prov:entity"]
    _usage(document)["prov:atTime"] = "2026-11-24T10:00:01Z"
    maker = node(document, "kfm:GateEvaluation")
    maker["prov:generated"].append(thing)
    at = {"@type": "prov:Generation", "prov:activity": maker["@id"], "prov:atTime": "2026-11-24T10:00:01.5Z"}
    node(document, thing).update({"prov:wasGeneratedBy": maker["@id"], "prov:qualifiedGeneration": at})


SPOILT: dict[str, tuple[str, Callable[[Json], object]]] = {
    "a name described twice": ("prov.keys", lambda told: told["@graph"].append(dict(told["@graph"][0]))),
    "two beginnings": (
        "prov.keys",
        lambda told: node(told, "kfm:RunAttempt").update(
            {"prov:startedAtTime": ["2026-11-24T10:00:01Z", "2026-11-24T10:00:00Z"]}
        ),
    ),
    "an end before the beginning": (
        "prov.order",
        lambda told: node(told, "kfm:RunAttempt").update({"prov:endedAtTime": "2020-01-01T00:00:00Z"}),
    ),
    "made after the end": ("prov.order", spoil_generation_time),
    "derived from itself": (
        "prov.order",
        lambda told: node(told, _first_made(told)).update({"prov:wasDerivedFrom": [_first_made(told)]}),
    ),
    "an activity that is an entity": (
        "prov.disjoint",
        lambda told: node(told, "kfm:GateEvaluation")["@type"].append("prov:Entity"),
    ),
    "used without being an entity": (
        "prov.typing",
        lambda told: node(told, names.bytes_id("a" * 64)).update({"@type": ["kfm:Bytes"]}),
    ),
    "a direct form without its qualified one": (
        "prov.forms",
        lambda told: node(told, "kfm:RunAttempt").pop("prov:qualifiedUsage"),
    ),
    "a qualified form without its direct one": (
        "prov.forms",
        lambda told: node(told, "kfm:GateResult").pop("prov:wasGeneratedBy"),
    ),
    "an agent without a role": (
        "prov.association",
        lambda told: [
            one.pop("prov:hadRole") for one in node(told, "kfm:RunAttempt")["prov:qualifiedAssociation"]
        ],
    ),
    "a circle of three": ("prov.order", lambda told: circle(told, "prov:wasDerivedFrom", 3)),
    "acting on behalf of oneself": (
        "prov.order",
        lambda told: node(told, "prov:SoftwareAgent").update(
            {"prov:actedOnBehalfOf": node(told, "prov:SoftwareAgent")["@id"]}
        ),
    ),
    "a generation that is a usage as well": (
        "prov.disjoint",
        lambda told: _generation(told).update({"@type": ["prov:Generation", "prov:Usage"]}),
    ),
    "a generation that is an entity": (
        "prov.disjoint",
        lambda told: _generation(told).update({"@type": ["prov:Generation", "prov:Entity"]}),
    ),
    "a generation without its kind": ("prov.disjoint", lambda told: _generation(told).pop("@type")),
    "two generations": (
        "prov.keys",
        lambda told: node(told, _first_made(told)).update(
            {"prov:qualifiedGeneration": [_generation(told), {**_generation(told), "prov:atTime": LATER}]}
        ),
    ),
    "a generation at two times": (
        "prov.keys",
        lambda told: _generation(told).update({"prov:atTime": ["2026-11-24T10:00:02Z", LATER]}),
    ),
    "a usage of two things": (
        "prov.keys",
        lambda told: _usage(told).update({"prov:entity": [_usage(told)["prov:entity"], _first_made(told)]}),
    ),
    "a usage of nothing": ("prov.keys", lambda told: _usage(told).pop("prov:entity")),
    "used before it began": ("prov.order", lambda told: _usage(told).update({"prov:atTime": EARLIER})),
    "used after it ended": ("prov.order", lambda told: _usage(told).update({"prov:atTime": LATER})),
    "used before it was made": ("prov.order", made_later),
    "an end without a beginning": (
        "prov.order",
        lambda told: node(told, "kfm:RunAttempt").pop("prov:startedAtTime"),
    ),
    "nobody associated": (
        "prov.association",
        lambda told: [
            node(told, "kfm:RunAttempt").pop(f"prov:{name}")
            for name in ("wasAssociatedWith", "qualifiedAssociation")
        ],
    ),
    "an agent that is an activity": (
        "prov.disjoint",
        lambda told: node(told, "prov:Person")["@type"].append("prov:Activity"),
    ),
    "a time that is none": (
        "prov.json_ld",
        lambda told: _generation(told).update({"prov:atTime": "yesterday"}),
    ),
    "a remote context": ("prov.json_ld", lambda told: told.update({"@context": "https://x.invalid/c"})),
    "a time without an offset": (
        "prov.json_ld",
        lambda told: node(told, "kfm:RunAttempt").update({"prov:endedAtTime": "2026-11-24T10:00:02"}),
    ),
    "no activity at all": ("prov.empty", lambda told: told.update({"@graph": []})),
}


@pytest.mark.parametrize("name", SPOILT)
def test_each_broken_constraint_is_found(name: str, run: made.Whole) -> None:
    rule, spoil = SPOILT[name]
    document = json.loads(run.prov)
    spoil(document)
    assert rule in rules(document)


def test_an_end_without_anything_made_is_found(run: made.Whole) -> None:
    document = json.loads(run.prov)
    attempt = node(document, "kfm:RunAttempt")
    del attempt["prov:generated"]
    assert "prov.generated" in rules(document)


def test_reading_gives_the_graph_that_was_meant(run: made.Whole) -> None:
    read = graph.read(run.prov)
    assert str(read.value(graph.one(read, graph.KFM.RunAttempt), graph.KFM.outcome)) == "PASS"
