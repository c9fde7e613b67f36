"""The DCAT dataset: judged by our shapes and by those of DCAT-US 3, and never fetching a context."""

import json
import socket
from pathlib import Path
from typing import Any

import pyshacl
import pytest
from rdflib import OWL, Graph

from pipelines import digest
from pipelines.catalog import dcat, graph
from tests.pipelines import made

Json = dict[str, Any]
SHAPES = Path(__file__).parents[4] / "shared/vectors/dcat-us-3/shacl/dcat-us_3.0_shacl_shapes.ttl"
EACH = ("dct:title", "dct:accessRights", "dct:license", "dct:conformsTo", "kfm:sensitivity", "kfm:rights")
OF_DATASET = (
    *("dct:description", "dct:identifier", "dct:publisher", "dct:spatial", "dct:temporal", "dct:relation"),
    *("dcat:contactPoint", "dcat:version", "dcat:distribution", "prov:wasGeneratedBy"),
)
OF_DISTRIBUTION = (
    *("dcat:accessURL", "dcat:byteSize", "dcat:mediaType", "dcat:downloadURL"),
    "spdx:checksum",
)


@pytest.fixture(scope="module")
def run() -> made.Whole:
    return made.whole()


def rules(dataset: Json) -> set[str]:
    return {finding.rule for finding in dcat.check(digest.canonical(dataset))}


def test_the_dataset_conforms(run: made.Whole) -> None:
    assert dcat.check(run.dcat) == ()


def test_the_same_content_gives_the_same_bytes(run: made.Whole) -> None:
    assert dcat.document(run.content) == run.dcat


@pytest.mark.skipif(not SHAPES.is_file(), reason="../shared/vectors/dcat-us-3 is not here")
def test_the_shapes_of_dcat_us_3_accept_it(run: made.Whole) -> None:
    shapes = Graph().parse(SHAPES)
    shapes.remove((None, OWL.imports, None))
    conforms, _, words = pyshacl.validate(
        Graph() + graph.read(run.dcat), shacl_graph=shapes, inference="none"
    )
    assert conforms, words


@pytest.mark.parametrize("name", [*EACH, *OF_DATASET])
def test_a_dataset_without_it_is_refused(name: str, run: made.Whole) -> None:
    dataset = json.loads(run.dcat)
    del dataset[name]
    assert rules(dataset) == {"dcat.shapes"}


@pytest.mark.parametrize("name", [*EACH, *OF_DISTRIBUTION])
def test_a_distribution_without_it_is_refused(name: str, run: made.Whole) -> None:
    dataset = json.loads(run.dcat)
    del dataset["dcat:distribution"][0][name]
    assert rules(dataset) == {"dcat.shapes"}


def test_a_checksum_cut_short_is_refused(run: made.Whole) -> None:
    dataset = json.loads(run.dcat)
    dataset["dcat:distribution"][0]["spdx:checksum"]["spdx:checksumValue"] = "ab" * 8
    assert rules(dataset) == {"dcat.shapes"}


@pytest.mark.parametrize(
    "context",
    [
        "https://elsewhere.invalid/context.jsonld",
        ["https://elsewhere.invalid/context.jsonld"],
        {"@import": "https://elsewhere.invalid/context.jsonld"},
        None,
    ],
)
def test_somebody_elses_context_is_refused(
    context: object, run: made.Whole, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("A context was fetched.")

    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    outside, inside = json.loads(run.dcat), json.loads(run.dcat)
    outside["@context"] = context
    inside["dcat:distribution"][0]["@context"] = context
    assert rules(outside) == rules(inside) == {"dcat.json_ld"}


def test_a_context_beside_the_name_of_a_term_is_refused_too(run: made.Whole) -> None:
    dataset = json.loads(run.dcat)
    dataset["@context"]["dct:title"] = {"@id": "dct:title", "@context": "https://elsewhere.invalid/c.jsonld"}
    assert rules(dataset) == {"dcat.json_ld"}


def test_judging_opens_no_socket(run: made.Whole, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("A validator opened a socket.")

    monkeypatch.setattr(socket, "socket", refuse)
    dcat.check.cache_clear()
    assert dcat.check(run.dcat) == ()
