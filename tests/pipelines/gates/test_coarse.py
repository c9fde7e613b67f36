"""The gate labels on what was made coarser: its receipt is of this output, and no feature is finer."""

from dataclasses import replace
from pathlib import Path

import pytest

from pipelines import coarser, describing, digest, spec
from pipelines.catalog import dcat, stac
from pipelines.families import STEPS
from pipelines.formats import pmtiles
from pipelines.formats.reading import READERS
from pipelines.gates import labels
from pipelines.inputs import Inputs
from pipelines.kinds import KINDS
from pipelines.kinds.kind import keep
from pipelines.model import Json, Outcome, Role
from pipelines.pinning import pin
from pipelines.store import Places
from pipelines.subject import Made, Subject
from tests.pipelines.runs import job


@pytest.fixture(scope="module")
def subject(tmp_path_factory: pytest.TempPathFactory) -> Subject:
    """Return what the gate sees of the sites counted by county."""
    family, root = spec.family("ks_sites_by_county"), Path(tmp_path_factory.mktemp("coarse"))
    places = Places.at(root.as_uri())
    asked = job(edition="2025-05", family=family.name)
    pinned = pin(asked, family, places=places)
    read = {one.name: READERS[one.media_type](content) for one, content in pinned}
    bare = Subject(
        family=family,
        output=family.output,
        asset=asked.asset,
        partition=None,
        edition=asked.edition,
        channel=asked.channel,
        store=places.candidates,
        inputs=tuple(one for one, _ in pinned),
        inputs_read=Inputs(sources=family.inputs, all=read),
    )
    return made(bare)


def made(bare: Subject) -> Subject:
    kind, store = KINDS[bare.output.kind], bare.store
    layer = STEPS[bare.family.name](bare.inputs_read)
    said = coarser.receipted(bare, layer)
    told = said.family.labels
    data = keep(
        store, kind.write(layer, said.output, labels=told), role=Role.DATA, media_type=kind.media_type
    )
    archive = kind.cut(layer, said.output, labels=told).result()
    tiles = keep(store, archive, role=Role.TILES, media_type=pmtiles.MEDIA_TYPE)
    after = kind.read(store.read(data.sha256), said.inputs_read)
    content = describing.content(said, (data, tiles), layer=after, spec_hash="4" * 64)
    catalogs = {"stac": store.put(stac.document(content)), "dcat": store.put(dcat.document(content))}
    artifacts = (data, tiles, *coarser.kept(said, after))
    product = Made(
        layer=after,
        artifacts=artifacts,
        content=content,
        catalogs=catalogs,
        base=None,
        diff=None,
        diff_failed="",
    )
    return replace(said, made=product)


def rules(subject: Subject) -> set[str]:
    result = labels.check(subject)
    assert (result.outcome is Outcome.PASS) == (not result.findings)
    return {one.rule for one in result.findings}


def test_what_was_made_coarser_passes(subject: Subject) -> None:
    assert rules(subject) == set()


def test_a_count_changed_after_the_receipt_is_found(subject: Subject) -> None:
    frame = subject.product.frame.copy()
    frame.loc[0, "shown"] = "counted"
    assert rules(replace(subject, made=replace(subject.product, layer=frame))) == {"labels.receipt"}


def test_a_feature_finer_than_told_is_found(subject: Subject) -> None:
    frame = subject.product.frame.copy()
    frame.loc[0, "geometry"] = frame.geometry[0].centroid.buffer(0.001)
    assert "labels.finer" in rules(replace(subject, made=replace(subject.product, layer=frame)))


def test_a_receipt_that_was_edited_is_found(subject: Subject) -> None:
    kept = subject.product.artifact(Role.RECEIPT)
    said: Json = digest.read_json(subject.store.read(kept.sha256))
    edited = keep(
        subject.store,
        digest.canonical({**said, "output": "0" * 64}),
        role=Role.RECEIPT,
        media_type=kept.media_type,
    )
    artifacts = tuple(edited if one.role == Role.RECEIPT else one for one in subject.product.artifacts)
    assert rules(replace(subject, made=replace(subject.product, artifacts=artifacts))) == {"labels.receipt"}
