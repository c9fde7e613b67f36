"""The closing check: whole when nothing was touched; one change to one document breaks the rule it should."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace

import pytest

from pipelines.catalog import prov, triad
from pipelines.model import Failure, Labels, Outcome
from tests.pipelines import made
from tests.pipelines.closed import Json, Spoil, changed, changed_prov, check, node, rules
from tests.pipelines.memory import MemoryStore


@pytest.fixture(scope="module")
def run() -> made.Whole:
    return made.whole()


def drop_link(item: Json, rel: str) -> None:
    item["links"] = [link for link in item["links"] if link["rel"] != rel]


def test_what_a_run_left_behind_is_closed(run: made.Whole) -> None:
    assert check(run, run.manifest, run.prov) == ()


def test_a_run_without_steps_needs_prov_alone(run: made.Whole) -> None:
    why = Failure(kind="buried", message="The worker was killed.", log_tail=None)
    nothing = replace(run.manifest, catalogs={}, artifacts=(), content_digest=None)
    bare = replace(nothing, outcome=Outcome.ERROR, failure=why)
    assert check(run, bare, prov.document(bare, attempt=made.ATTEMPT)) == ()


LINKS: dict[str, tuple[str, Spoil]] = {
    "STAC to PROV": ("links.stac_processing-execution", lambda item: drop_link(item, "processing-execution")),
    "STAC to DCAT": ("links.stac_describedby", lambda item: drop_link(item, "describedby")),
    "STAC to elsewhere": (
        "links.outside",
        lambda item: item["links"].append({"rel": "via", "href": "https://elsewhere.invalid"}),
    ),
}


@pytest.mark.parametrize("name", LINKS)
def test_each_link_of_the_item_is_missed(name: str, run: made.Whole) -> None:
    rule, spoil = LINKS[name]
    assert changed(run, "stac", spoil) == {rule}


DATASET_LINKS: dict[str, tuple[str, Spoil]] = {
    "DCAT to another materialization": (
        "links.dcat_materialization",
        lambda told: told.update({"prov:wasGeneratedBy": f"urn:kfm:materialization:{'0' * 64}"}),
    ),
    "DCAT to another item": ("links.dcat_stac", lambda told: told.update({"dct:relation": "other.json"})),
    "DCAT to elsewhere": (
        "links.outside",
        lambda told: told.update({"dct:relation": ["item.json", "https://elsewhere.invalid/x"]}),
    ),
    "bytes asked for elsewhere": (
        "checksums",
        lambda told: told["dcat:distribution"][0].update({"dcat:accessURL": "../../objects/sha256/x"}),
    ),
    "bytes elsewhere": (
        "checksums",
        lambda told: told["dcat:distribution"][0].update({"dcat:downloadURL": "../../objects/sha256/x"}),
    ),
}


@pytest.mark.parametrize("name", DATASET_LINKS)
def test_each_link_of_the_dataset_is_missed(name: str, run: made.Whole) -> None:
    rule, spoil = DATASET_LINKS[name]
    assert changed(run, "dcat", spoil) == {rule}


@pytest.mark.parametrize("kind", ["stac", "dcat", "manifest"])
def test_each_document_that_the_attempt_does_not_name_is_missed(kind: str, run: made.Whole) -> None:
    sha256 = {**run.manifest.catalogs, "manifest": run.manifest.digest}[kind]

    def forget(told: Json) -> None:
        attempt, name = node(told, "kfm:RunAttempt"), f"urn:kfm:sha256:{sha256}"
        attempt["prov:generated"].remove(name)
        entity = node(told, name)
        del entity["prov:wasGeneratedBy"]
        del entity["prov:qualifiedGeneration"]

    assert changed_prov(run, forget) == {f"links.prov_{kind}", "checksums"}


def test_an_attempt_that_carried_out_something_else_is_found(run: made.Whole) -> None:
    assert changed_prov(run, lambda told: node(told, "kfm:RunAttempt").pop("kfm:carriesOut")) == {
        "links.prov_materialization"
    }


def test_another_links_document_does_not_hide_a_loss(run: made.Whole) -> None:
    """The PROV document names the Item too; the dataset owes its own link all the same."""
    assert "dcat.shapes" in changed(run, "dcat", lambda told: told.pop("dct:relation"))


LABEL = {"kfm:sensitivity": "restricted", "kfm:sovereignty": ["Osage Nation"], "kfm:rights": "CC0-1.0"}
CLAIM = {"authority": "Osage Nation", "kind": "NOTICE", "id": "n1", "obligations": []}
PLACES: dict[str, tuple[str, Callable[[Json], Json]]] = {
    "the item": ("stac", lambda item: dict.__getitem__(item, "properties")),
    "an asset": ("stac", lambda item: dict.__getitem__(item["assets"], "tiles")),
    "the dataset": ("dcat", lambda told: told),
    "a distribution": ("dcat", lambda told: dict.__getitem__(told, "dcat:distribution")[1]),
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("label", LABEL)
def test_each_label_must_be_the_same_in_each_place(place: str, label: str, run: made.Whole) -> None:
    kind, find = PLACES[place]
    rule = f"labels.{label.removeprefix('kfm:')}"
    said = [CLAIM] if kind == "stac" and label == "kfm:sovereignty" else LABEL[label]
    assert rule in changed(run, kind, lambda told: find(told).update({label: said}))


@pytest.mark.parametrize("place", PLACES)
def test_sovereignty_left_out_is_not_sovereignty_without_claims(place: str, run: made.Whole) -> None:
    kind, find = PLACES[place]
    assert changed(run, kind, lambda told: find(told).pop("kfm:sovereignty")) == {"labels.sovereignty"}


@pytest.mark.parametrize("kind", ["kfm:RunAttempt", "kfm:GateEvaluation", "kfm:Bytes", "kfm:GateResult"])
@pytest.mark.parametrize("label", LABEL)
def test_activities_and_entities_carry_the_label(kind: str, label: str, run: made.Whole) -> None:
    rule = f"labels.{label.removeprefix('kfm:')}"
    assert changed_prov(run, lambda told: node(told, kind).update({label: LABEL[label]})) == {rule}
    assert changed_prov(run, lambda told: node(told, kind).pop(label)) == {rule}


def test_an_asset_looser_than_its_item_is_named_so() -> None:
    run = made.whole(labels=Labels(sensitivity="restricted", sovereignty=(), rights="MIT"))
    found = changed(run, "stac", lambda item: item["assets"]["data"].update({"kfm:sensitivity": "public"}))
    assert "labels.looser" in found


@pytest.mark.parametrize(
    ("sensitivity", "access"),
    [("public", "PUBLIC"), ("restricted", "RESTRICTED")],
)
def test_access_follows_from_the_label(sensitivity: str, access: str) -> None:
    run = made.whole(labels=Labels(sensitivity=sensitivity, sovereignty=(), rights="MIT"))
    assert json.loads(run.dcat)["dct:accessRights"].endswith(f"/{access}")
    assert check(run, run.manifest, run.prov) == ()


@pytest.mark.parametrize("where", ["dataset", "distribution"])
def test_access_that_does_not_follow_from_the_label_is_found(where: str, run: made.Whole) -> None:
    def open_up(told: Json) -> None:
        part = told if where == "dataset" else told["dcat:distribution"][0]
        part["dct:accessRights"] = part["dct:accessRights"].replace("/PUBLIC", "/RESTRICTED")

    assert changed(run, "dcat", open_up) == {"labels.access"}


@pytest.mark.parametrize(
    ("labels", "rule"),
    [
        (Labels(sensitivity="public", sovereignty=None, rights="MIT"), "labels.not_assessed"),
        (Labels(sensitivity="quarantine", sovereignty=(), rights="MIT"), "labels.quarantine"),
        (Labels(sensitivity="generalized", sovereignty=(), rights="MIT"), "labels.generalization"),
    ],
)
def test_what_may_be_in_no_catalog_is_found(labels: Labels, rule: str) -> None:
    run = made.whole(labels=labels)
    assert rules(check(run, run.manifest, run.prov)) == {rule}


def test_no_label_is_found(run: made.Whole) -> None:
    bare = replace(run.manifest, labels=None)
    found = rules(check(run, bare, prov.document(bare, attempt=made.ATTEMPT)))
    assert "labels.missing" in found


CHECKSUMS: dict[str, tuple[str, Spoil]] = {
    "STAC's size": ("stac", lambda item: item["assets"]["data"].update({"file:size": 1})),
    "STAC's media type": ("stac", lambda item: item["assets"]["data"].update({"type": "text/plain"})),
    "STAC's list": ("stac", lambda item: item["assets"].pop("tiles")),
    "STAC's names": (
        "stac",
        lambda item: item.update(assets={"data": item["assets"]["tiles"], "tiles": item["assets"]["data"]}),
    ),
    "DCAT's size": ("dcat", lambda told: told["dcat:distribution"][0].update({"dcat:byteSize": "1"})),
    "DCAT's list": ("dcat", lambda told: told["dcat:distribution"].pop()),
    "DCAT's checksum": (
        "dcat",
        lambda told: told["dcat:distribution"][0]["spdx:checksum"].update({"spdx:checksumValue": "c" * 64}),
    ),
}


@pytest.mark.parametrize("name", CHECKSUMS)
def test_every_checksum_is_held_against_the_manifest(name: str, run: made.Whole) -> None:
    kind, spoil = CHECKSUMS[name]
    assert changed(run, kind, spoil) == {"checksums"}


def test_bytes_that_the_attempt_names_otherwise_are_found(run: made.Whole) -> None:
    sha256 = run.manifest.artifacts[0].sha256
    found = changed_prov(
        run, lambda told: node(told, f"urn:kfm:sha256:{sha256}").update({"kfm:role": "tiles"})
    )
    assert found == {"checksums"}


@pytest.mark.parametrize("kind", ["data", "stac", "dcat"])
def test_bytes_that_are_gone_are_found(kind: str, run: made.Whole) -> None:
    kept = {**run.manifest.catalogs, "data": run.manifest.artifacts[0].sha256}
    poorer = MemoryStore()
    for artifact in (*run.manifest.artifacts, *run.content.artifacts):
        if artifact.sha256 != kept[kind]:
            poorer.put(run.store.read(artifact.sha256))
    for name in run.manifest.catalogs.values():
        if name != kept[kind]:
            poorer.put(run.store.read(name))
    assert rules(triad.check(run.manifest.content, prov=run.prov, store=poorer)) == {"triad.bytes"}


def test_a_size_that_lies_is_found(run: made.Whole) -> None:
    first = replace(run.manifest.artifacts[0], size=1)
    lying = replace(run.manifest, artifacts=(first, *run.manifest.artifacts[1:]))
    found = rules(check(run, lying, prov.document(lying, attempt=made.ATTEMPT)))
    assert found == {"triad.bytes", "checksums", "manifest.content_digest"}


def test_artifacts_without_catalogs_are_found(run: made.Whole) -> None:
    bare = replace(run.manifest, catalogs={})
    found = rules(check(run, bare, prov.document(bare, attempt=made.ATTEMPT)))
    assert found == {"triad.catalogs", "manifest.reached"}


def test_another_outcome_is_found(run: made.Whole) -> None:
    found = changed_prov(run, lambda told: node(told, "kfm:RunAttempt").update({"kfm:outcome": "FAIL"}))
    assert found == {"prov.outcome"}


OTHER = {
    "asset": "ks_other",
    "edition": "2027-01",
    "channel": "restricted",
    "content_digest": "0" * 64,
    "materialization": f"urn:kfm:materialization:{'0' * 64}",
}


@pytest.mark.parametrize("name", OTHER)
def test_an_item_of_something_else_is_found(name: str, run: made.Whole) -> None:
    told = {f"kfm:{name}": OTHER[name]}
    assert changed(run, "stac", lambda item: item["properties"].update(told)) == {"triad.names"}


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("stac", {"id": "ks_airports-000000000000"}),
        ("dcat", {"@id": "urn:kfm:dataset:ks_airports-000000000000"}),
        ("dcat", {"dct:identifier": "ks_airports-000000000000"}),
        ("dcat", {"dcat:version": "2027-01"}),
        ("dcat", {"dcat:isVersionOf": "urn:kfm:asset:ks_other"}),
    ],
)
def test_a_document_under_another_name_is_found(kind: str, told: Json, run: made.Whole) -> None:
    assert changed(run, kind, lambda document: document.update(told)) == {"triad.names"}


def test_a_manifest_that_is_none_is_found(run: made.Whole) -> None:
    assert rules(triad.check(b"{}", prov=run.prov, store=run.store)) == {"triad.manifest"}


def test_the_prov_of_another_manifest_is_found(run: made.Whole) -> None:
    other = replace(run.manifest, edition="2027-01")
    found = rules(check(run, other, run.prov))
    assert "links.prov_manifest" in found


def test_a_finding_says_what_to_do(run: made.Whole) -> None:
    for finding in triad.check(b"{}", prov=run.prov, store=run.store):
        assert finding.remedy
        assert finding.message


def test_peoples_side_can_ask_without_geodata_libraries() -> None:
    heavy = ("geopandas", "pandas", "numpy", "shapely", "pyarrow", "duckdb", "leafmap", "osgeo")
    names = "triad, publish, stac, dcat, prov"
    loaded = f"any(name in sys.modules for name in {heavy!r})"
    code = f"import sys; from pipelines.catalog import {names}; sys.exit({loaded})"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
