"""The gates over tiles, indexes, catalogs, labels, rights, links: PASS on a whole run, each fault found."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import geopandas as gpd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines import digest, policy
from pipelines.errors import ArchiveUnreadable, PolicyMissing
from pipelines.formats import geoparquet, pmtiles
from pipelines.gates import catalogs, index, labels, links, rights, tiles
from pipelines.model import Artifact, GateResult, Labels, Licence, Outcome, Phase
from pipelines.subject import Made, Subject
from tests.pipelines import made

Json = dict[str, Any]
Gate = Callable[[Subject], GateResult]
GATES: dict[str, Gate] = {
    "tiles": tiles.check,
    "index": index.check,
    "catalogs": catalogs.check,
    "labels": labels.check,
    "rights": rights.check,
    "links": links.check,
}


@pytest.fixture(scope="module")
def run() -> made.Whole:
    return made.whole()


@pytest.fixture(scope="module")
def subject(run: made.Whole) -> Subject:
    return made.subject(run)


def product(subject: Subject, **changes: Any) -> Subject:
    """Return the subject with something else made."""
    there: Made = subject.product
    return replace(subject, made=replace(there, **changes))


def bytes_of(subject: Subject, role: str, content: bytes) -> Subject:
    """Return the subject with other bytes for one artifact, told so in its list."""
    others = tuple(one for one in subject.product.artifacts if one.role != role)
    told = subject.product.artifact(role).media_type
    kept = Artifact(role=role, media_type=told, sha256=subject.store.put(content), size=len(content))
    return product(subject, artifacts=(*others, kept))


def document(subject: Subject, kind: str, spoil: Callable[[Json], object]) -> Subject:
    told = json.loads(subject.store.read(subject.product.catalogs[kind]))
    spoil(told)
    name = subject.store.put(digest.canonical(told))
    return product(subject, catalogs={**subject.product.catalogs, kind: name})


def rules(result: GateResult) -> set[str]:
    return {finding.rule for finding in result.findings}


@pytest.mark.parametrize("name", GATES)
def test_a_whole_run_passes(name: str, subject: Subject) -> None:
    result = GATES[name](subject)
    assert (result.gate, result.outcome, result.score, result.findings) == (name, Outcome.PASS, 1.0, ())
    assert result.phase is (Phase.POLICY if name in {"labels", "rights", "links"} else Phase.AFTER)
    assert result.measured
    assert result.limit
    assert result.evidence


def cut(frame: gpd.GeoDataFrame, *, layer: str = "airports", told: Labels = made.PUBLIC) -> bytes:
    return pmtiles.write(frame, layer=layer, key="icao", labels=told)


def test_features_that_are_in_no_tile_are_named(subject: Subject) -> None:
    frame = subject.product.frame
    result = tiles.check(bytes_of(subject, "tiles", cut(frame.iloc[:-2])))
    assert (result.outcome, result.value, result.score) == (Outcome.FAIL, 2.0, 0.95)
    assert [finding.where for finding in result.findings] == ["K00038", "K00039"]


def test_a_layer_of_another_name_shows_nothing(subject: Subject) -> None:
    result = tiles.check(bytes_of(subject, "tiles", cut(subject.product.frame, layer="other")))
    assert (result.value, result.score) == (40.0, 0.0)


def test_features_that_only_tiles_have_are_found(subject: Subject) -> None:
    assert rules(tiles.check(product(subject, layer=subject.product.frame.iloc[:-1]))) == {"tiles.strange"}


def test_tiles_that_do_not_go_deep_enough_are_found(
    subject: Subject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policy, "numbers", lambda _: {"deepest_zoom_min": 9})
    assert rules(tiles.check(subject)) == {"tiles.shallow"}


def test_tiles_that_cannot_be_read_stop_the_gate(subject: Subject) -> None:
    with pytest.raises(ArchiveUnreadable):
        tiles.check(bytes_of(subject, "tiles", b"no archive"))


def rewritten(subject: Subject, change: Callable[[pa.Table], pa.Table], **options: Any) -> Subject:
    table = pq.read_table(pa.BufferReader(subject.store.read(subject.product.artifact("data").sha256)))
    sink = pa.BufferOutputStream()
    pq.write_table(change(table), sink, **options)
    return bytes_of(subject, "data", sink.getvalue().to_pybytes())


def moved_boxes(table: pa.Table) -> pa.Table:
    column = table.schema.get_field_index(geoparquet.BBOX)
    return table.set_column(
        column, geoparquet.BBOX, pa.array([dict.fromkeys(geoparquet.EDGES, 0.0)] * len(table))
    )


@pytest.mark.parametrize(
    ("change", "options", "expected"),
    [
        (lambda table: table, {"write_statistics": False}, {"index.statistics", "index.pruning"}),
        (lambda table: table.slice(1), {}, {"index.rows"}),
        (moved_boxes, {}, {"index.search"}),
    ],
)
def test_a_file_in_which_nothing_can_be_found_is_found(
    change: Callable[[pa.Table], pa.Table], options: Json, expected: set[str], subject: Subject
) -> None:
    result = index.check(rewritten(subject, change, **options))
    assert (result.outcome, expected <= rules(result)) == (Outcome.FAIL, True)
    assert result.score is not None
    assert result.score < 1


def test_row_groups_that_are_too_large_are_found(subject: Subject, monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = {"rows_in_group_max": 10, "tile_extent_tolerance_deg": 0.01}
    monkeypatch.setattr(policy, "numbers", lambda _: numbers)
    assert rules(index.check(subject)) == {"index.group_size"}


def test_tiles_of_another_place_are_found(subject: Subject) -> None:
    elsewhere = subject.product.frame.assign(geometry=subject.product.frame.geometry.translate(1, 0))
    assert rules(index.check(bytes_of(subject, "tiles", cut(elsewhere)))) == {"index.tile_extent"}


@pytest.mark.parametrize(
    ("kind", "spoil", "expected"),
    [
        ("stac", lambda item: item.pop("bbox"), "stac.schema"),
        ("stac", lambda item: item["assets"]["data"].update({"file:size": 3}), "checksums"),
        ("stac", lambda item: item["assets"]["data"].update({"table:row_count": 3}), "catalogs.rows"),
        ("dcat", lambda told: told.pop("dct:title"), "dcat.shapes"),
        ("dcat", lambda told: told["dcat:distribution"].pop(), "checksums"),
        (
            "dcat",
            lambda told: told["dct:spatial"].update({"dcat:bbox": "POLYGON((0 0, 1 0, 1 1, 0 1, 0 0))"}),
            "catalogs.box",
        ),
    ],
)
def test_a_catalog_that_lies_is_found(
    kind: str, spoil: Callable[[Json], object], expected: str, subject: Subject
) -> None:
    result = catalogs.check(document(subject, kind, spoil))
    assert (result.outcome, rules(result), result.score) == (Outcome.FAIL, {expected}, 0.0)


def test_a_box_that_is_not_the_datas_is_found(subject: Subject) -> None:
    (layer,) = subject.product.content.layers
    extent = replace(layer.extent, east=layer.extent.east - 1)
    content = replace(subject.product.content, layers=(replace(layer, rows=20, extent=extent),))
    smaller = product(subject, content=content)
    assert rules(catalogs.check(smaller)) == {"catalogs.rows", "catalogs.box"}


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (Labels(sensitivity="generalized", sovereignty=(), rights="MIT"), {"labels.generalization"}),
        (Labels(sensitivity="public", sovereignty=None, rights="MIT"), {"labels.not_assessed"}),
        (Labels(sensitivity="", sovereignty=(), rights="MIT"), {"labels.missing", "labels.not_released"}),
        (
            Labels(sensitivity="quarantine", sovereignty=(), rights="MIT"),
            {"labels.quarantine", "labels.not_released"},
        ),
    ],
)
def test_what_may_not_be_released_is_an_error(told: Labels, expected: set[str], subject: Subject) -> None:
    result = labels.check(product(subject, content=replace(subject.product.content, labels=told)))
    assert (result.outcome, rules(result), result.score) == (Outcome.ERROR, expected, 0.0)


def test_a_label_that_one_document_lacks_is_found(subject: Subject) -> None:
    result = labels.check(document(subject, "stac", lambda item: item["properties"].pop("kfm:sovereignty")))
    assert (result.outcome, rules(result)) == (Outcome.FAIL, {"labels.sovereignty"})


@pytest.mark.parametrize("role", ["data", "tiles"])
def test_other_labels_inside_a_file_are_found(role: str, subject: Subject) -> None:
    other = Labels(sensitivity="restricted", sovereignty=(), rights="MIT")
    frame = subject.product.frame
    content = cut(frame, told=other) if role == "tiles" else geoparquet.write(frame, key="icao", labels=other)
    assert rules(labels.check(bytes_of(subject, role, content))) == {"labels.inside"}


def test_a_file_without_labels_is_found(subject: Subject) -> None:
    assert rules(labels.check(rewritten(subject, lambda table: table.replace_schema_metadata(None)))) == {
        "labels.inside"
    }


def licensed(subject: Subject, **changes: str) -> Subject:
    there = subject.product.content
    return product(subject, content=replace(there, licence=replace(there.licence, **changes)))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"spdx": "CC-BY-NC-4.0"}, {"rights.licence"}),
        ({"spdx": ""}, {"rights.licence"}),
        ({"attribution": " "}, {"rights.attribution", "rights.stac", "rights.dcat"}),
        ({"attribution": "Somebody else"}, {"rights.stac", "rights.dcat"}),
        ({"uri": "https://elsewhere.invalid"}, {"rights.address", "rights.dcat"}),
        ({"spdx": "CC0-1.0"}, {"rights.label", "rights.address", "rights.stac"}),
    ],
)
def test_a_licence_that_does_not_fit_is_found(
    changes: dict[str, str], expected: set[str], subject: Subject
) -> None:
    result = rights.check(licensed(subject, **changes))
    assert (result.outcome, rules(result)) == (Outcome.FAIL, expected)


def test_every_allowed_licence_has_an_address_and_a_word_on_attribution() -> None:
    for name, told in policy.numbers("rights")["licences"].items():
        licence = Licence(spdx=name, attribution="x", uri=told["uri"])
        assert licence.uri.startswith("https://")
        assert isinstance(told["attribution"], bool)


@pytest.mark.parametrize(
    ("kind", "spoil", "expected"),
    [
        ("stac", lambda item: item["links"].pop(0), {"links.stac_processing-execution", "links.required"}),
        (
            "stac",
            lambda item: item["links"].append({"rel": "via", "href": "https://elsewhere.invalid"}),
            {"links.outside"},
        ),
        ("dcat", lambda told: told.pop("dct:relation"), {"links.dcat_stac", "links.required"}),
        (
            "dcat",
            lambda told: told.update({"prov:wasGeneratedBy": f"urn:kfm:materialization:{'0' * 64}"}),
            {"links.dcat_materialization"},
        ),
        (
            "dcat",
            lambda told: told.update({"dct:conformsTo": "https://elsewhere.invalid/crs"}),
            {"links.host"},
        ),
    ],
)
def test_a_link_that_is_missing_or_strange_is_found(
    kind: str, spoil: Callable[[Json], object], expected: set[str], subject: Subject
) -> None:
    result = links.check(document(subject, kind, spoil))
    assert (result.outcome, rules(result)) == (Outcome.FAIL, expected)


@pytest.mark.parametrize("emptied", ["required", "hosts"])
def test_a_policy_that_demands_nothing_is_no_policy(
    emptied: str, subject: Subject, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = {**policy.numbers("links"), emptied: []}
    monkeypatch.setattr(policy, "numbers", lambda _: numbers)
    with pytest.raises(PolicyMissing):
        links.check(subject)
