"""Gate: the data are labelled, the same everywhere, and made as coarse as they say. Score: 1 or 0."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from types import MappingProxyType

from pipelines import digest, generalising, policy
from pipelines.catalog import graph
from pipelines.catalog import labels as catalogued
from pipelines.formats import archive, cog, packing, parquet
from pipelines.model import Finding, GateResult, Json, Labels, Outcome, Phase, Role
from pipelines.subject import Subject

_AGAIN = "Run again: labels are written by the product, in every file and document the same."
_SAY = "Label the family in pipeline.yaml; what nobody may see is not released."
_COARSER = "Count in larger areas, or say in pipeline.yaml how coarse the places are."

# By media type, what a data file is called and how the labels are read that stand in it.
INSIDE: Mapping[str, tuple[str, Callable[[bytes], Json | None]]] = MappingProxyType(
    {
        parquet.MEDIA_TYPE: ("GeoParquet", parquet.labels),
        cog.MEDIA_TYPE: ("COG", cog.labels),
    }
)


def check(subject: Subject) -> GateResult:
    """ERROR without a label or with one that may not be released yet; FAIL where two places disagree."""
    labels, allowed = subject.product.content.labels, policy.numbers("labels")
    missing = (*catalogued.assessed(labels), *_released(labels, allowed["sensitivity"]))
    differing = tuple(_everywhere(subject, labels)) if not missing else ()
    outcome = Outcome.ERROR if missing else Outcome.FAIL if differing else Outcome.PASS
    findings = (*missing, *differing)
    return GateResult(
        gate="labels",
        phase=Phase.POLICY,
        outcome=outcome,
        measured=f"{labels.sensitivity}; sovereignty {_assessed(labels)}; {len(differing)} places differ",
        limit=f"{' or '.join(allowed['sensitivity'])}; sovereignty assessed; the same everywhere",
        value=float(len(findings)),
        bound=0.0,
        score=0.0 if findings else 1.0,
        evidence="catalog:stac",
        remedy=(_SAY if missing else _AGAIN) if findings else "",
        findings=findings,
    )


def _released(labels: Labels, allowed: list[str]) -> Iterator[Finding]:
    if labels.sensitivity not in allowed:
        wrong = (
            f"{labels.sensitivity or 'Nothing'} is not a label that may be released: {', '.join(allowed)} is."
        )
        yield Finding(rule="labels.not_released", message=wrong, remedy=_SAY, where="sensitivity")


def _everywhere(subject: Subject, labels: Labels) -> Iterator[Finding]:
    made, store = subject.product, subject.store
    yield from catalogued.in_item(digest.read_json(store.read(made.catalogs["stac"])), labels)
    yield from catalogued.in_dataset(
        graph.read(store.read(made.catalogs["dcat"])), labels, inputs=made.content.inputs
    )
    data = made.artifact(Role.DATA)
    form, read = INSIDE[data.media_type]
    tiles = archive.read(store.read(made.artifact(Role.TILES).sha256))
    inside = {
        form: read(store.read(data.sha256)),
        "PMTiles": tiles.words.get(packing.LABELS),
    }
    wanted = json.loads(digest.canonical(asdict(labels)))
    for name, told in inside.items():
        if told != wanted:
            wrong = f"The labels inside the {name} file are not the catalogs'."
            yield Finding(rule="labels.inside", message=wrong, remedy=_AGAIN, where=name)

    yield from _coarse(subject, labels)


def _coarse(subject: Subject, labels: Labels) -> Iterator[Finding]:
    """Hold what was made coarser against its receipt, and against how coarse it says it is."""
    if labels.generalization is None:
        return
    frame, least = subject.product.frame, labels.generalization.size_m
    said = digest.read_json(subject.store.read(subject.product.artifact(Role.RECEIPT).sha256))
    if said["output"] != generalising.output(frame, key=subject.output.key):
        yield Finding(
            rule="labels.receipt", message="The receipt is of another output.", remedy=_AGAIN, where="receipt"
        )
    if generalising.smallest(frame) < least:
        wrong = f"A feature is smaller than the {least:g} m to which places were made coarser."
        yield Finding(rule="labels.finer", message=wrong, remedy=_COARSER, where="data")


def _assessed(labels: Labels) -> str:
    if labels.sovereignty is None:
        return "not assessed"
    return f"assessed, {len(labels.sovereignty) or 'none'}"
