"""JSON-LD read as a graph without anything being fetched: a context that is not written out is refused."""

from functools import lru_cache
from typing import Any

from rdflib import RDF, Graph, Namespace
from rdflib.exceptions import ParserError
from rdflib.plugins.parsers.jsonld import to_rdf
from rdflib.term import Node

from pipelines import digest
from pipelines.errors import DocumentInvalid
from pipelines.model import Json

KFM = Namespace("urn:kfm:term:")
DCAT = Namespace("http://www.w3.org/ns/dcat#")
DCT = Namespace("http://purl.org/dc/terms/")
ODRS = Namespace("http://schema.theodi.org/odrs#")
PROV = Namespace("http://www.w3.org/ns/prov#")
SPDX = Namespace("http://spdx.org/rdf/terms#")
BASE = "https://catalog.invalid/catalog/family/item/"  # a reserved name: it leads nowhere
_CONTEXT = "@context"
_FETCHING = frozenset({"@import", "@propagate", "@vocab"})


@lru_cache(maxsize=8)
def read(document: bytes) -> Graph:
    """Return the graph of a JSON-LD document, relative names below `BASE`; it is shared, do not change it.

    Raises:
        DocumentInvalid: it is not JSON-LD, or its context is somebody else's document.
    """
    told = digest.read_json(document)
    if not isinstance(told, dict) or not isinstance(told.get(_CONTEXT), dict):
        raise DocumentInvalid(
            "The document has no context of its own: write its terms out, do not point to them."
        )
    _refuse_fetching(told)
    graph = Graph(
        store="SimpleMemory"
    )  # a quarter faster than the usual one, which keeps account of contexts
    try:
        to_rdf(told, graph, base=BASE)
    except (ParserError, ValueError, KeyError, TypeError, AttributeError) as cause:
        raise DocumentInvalid(f"The document is not JSON-LD: {cause}.") from cause
    return graph


def one(graph: Graph, kind: Node) -> Node:
    """Return the only subject of that type."""
    found = list(graph.subjects(RDF.type, kind))
    if len(found) != 1:
        raise DocumentInvalid(f"There are {len(found)} of {kind}: one is needed.")
    return found[0]


def _refuse_fetching(told: Any) -> None:
    if isinstance(told, list):
        for part in told:
            _refuse_fetching(part)
    elif isinstance(told, dict):
        _check_context(told.get(_CONTEXT, {}))
        for part in told.values():
            _refuse_fetching(part)


def _check_context(context: Any) -> None:
    terms: Json | None = context if isinstance(context, dict) else None
    if terms is None or _FETCHING & set(terms):
        raise DocumentInvalid(
            "A context points to another document: write its terms out, nothing is fetched."
        )
