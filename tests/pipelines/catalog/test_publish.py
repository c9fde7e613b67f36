"""Publication: nothing taken away, a catalog that pystac reads over HTTP, a DCAT catalog that conforms."""

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pyshacl
import pystac
import pytest
from rdflib import OWL, Graph

from pipelines import spec
from pipelines.catalog import dcat, graph, names, publish, stac, stac_schemas
from pipelines.errors import DocumentInvalid
from tests.pipelines import made

FAMILY = spec.family("ks_airports")
SHAPES = Path(__file__).parents[4] / "shared/vectors/dcat-us-3/shacl/dcat-us_3.0_shacl_shapes.ttl"


@pytest.fixture(scope="module")
def runs() -> tuple[made.Whole, made.Whole]:
    return made.whole(count=30), made.whole(count=40)


def facts(run: made.Whole, *, release: int, latest: made.Whole) -> publish.PublicationFacts:
    return publish.PublicationFacts(
        family="ks_airports",
        release=release,
        published="2026-11-24T10:00:00Z",
        predecessor=None,
        successor=None if run is latest else latest.item_id,
        latest=latest.item_id,
        deprecated=False,
    )


@pytest.fixture(scope="module")
def site(runs: tuple[made.Whole, made.Whole], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("catalog")
    first, second = runs
    items = [
        publish.item(run.stac, facts(run, release=n, latest=second)) for n, run in enumerate(runs, start=1)
    ]
    collection = publish.collection(FAMILY, items)
    documents = {
        names.ROOT: publish.root([collection]),
        f"ks_airports/{names.COLLECTION}": collection,
        names.DCAT_CATALOG: publish.dcat_catalog(
            [("ks_airports", first.dcat), ("ks_airports", second.dcat)], modified="2026-11-24T10:00:00Z"
        ),
    }
    for run, item in zip(runs, items, strict=True):
        inside = names.folder("ks_airports", run.item_id)
        documents |= {
            f"{inside}/{names.STAC}": item,
            f"{inside}/{names.DCAT}": run.dcat,
            f"{inside}/{names.PROV}": run.prov,
        }
        for artifact in run.content.artifacts:
            documents[names.object_path(artifact.sha256)] = run.store.read(artifact.sha256)
    for relative, content in documents.items():
        file = folder / relative
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return folder


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its own name
        """Say nothing."""


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_the_published_item_keeps_all_that_was_approved(runs: tuple[made.Whole, made.Whole]) -> None:
    run = runs[0]
    approved, public = (
        json.loads(run.stac),
        json.loads(publish.item(run.stac, facts(run, release=1, latest=run))),
    )
    assert public["assets"] == approved["assets"]
    assert public["links"][: len(approved["links"])] == approved["links"]
    assert approved["properties"].items() <= public["properties"].items()


def test_the_published_item_is_valid(runs: tuple[made.Whole, made.Whole]) -> None:
    run = runs[0]
    assert stac.check(publish.item(run.stac, facts(run, release=1, latest=run))) == ()


def test_publishing_twice_gives_the_same_bytes(runs: tuple[made.Whole, made.Whole]) -> None:
    run = runs[0]
    said = facts(run, release=1, latest=run)
    assert publish.item(run.stac, said) == publish.item(run.stac, said)


def test_an_item_that_is_not_the_latest_leads_to_it(runs: tuple[made.Whole, made.Whole]) -> None:
    first, second = runs
    public = json.loads(publish.item(first.stac, facts(first, release=1, latest=second)))
    latest = [link["href"] for link in public["links"] if link["rel"] == "latest-version"]
    assert latest == [f"../{second.item_id}/item.json"]


def test_a_dataset_names_the_one_before_it_and_the_first_is_left_as_approved(
    runs: tuple[made.Whole, made.Whole],
) -> None:
    first, second = runs
    assert publish.dataset(first.dcat, facts(first, release=1, latest=second)) == first.dcat
    said = replace(facts(second, release=2, latest=second), predecessor=first.item_id)
    published = publish.dataset(second.dcat, said)
    told = json.loads(published)
    assert told.pop("dcat:previousVersion") == {"@id": names.dataset(first.item_id)}
    assert told == json.loads(second.dcat)
    assert dcat.check(published) == ()


def test_what_stands_by_exception_says_so_in_both_documents(runs: tuple[made.Whole, made.Whole]) -> None:
    run, statement = runs[0], "5" * 64
    named = [{"gates": ["drift", "rows"], "statement": statement}]
    said = replace(facts(run, release=1, latest=run), exceptions=named)
    public, told = publish.item(run.stac, said), publish.dataset(run.dcat, said)
    assert json.loads(public)["properties"]["kfm:exceptions"] == named
    assert json.loads(told)["prov:wasInfluencedBy"] == [{"@id": names.bytes_id(statement)}]
    assert stac.check(public) == () == dcat.check(told)
    assert (
        "kfm:exceptions" not in json.loads(publish.item(run.stac, replace(said, exceptions=())))["properties"]
    )
    wrong = replace(said, exceptions=[{"gates": ["drift"], "statement": "5"}])
    assert stac.check(publish.item(run.stac, wrong)) != ()


def test_an_item_is_not_its_own_neighbour(runs: tuple[made.Whole, made.Whole]) -> None:
    run = runs[0]
    wrong = publish.PublicationFacts(
        family="ks_airports",
        release=1,
        published="2026-11-24T10:00:00Z",
        predecessor=run.item_id,
        successor=None,
        latest=run.item_id,
        deprecated=False,
    )
    with pytest.raises(DocumentInvalid):
        publish.item(run.stac, wrong)


def test_a_family_without_releases_has_no_collection() -> None:
    with pytest.raises(DocumentInvalid):
        publish.collection(FAMILY, [])


def test_pystac_validates_the_catalog_over_http(address: str) -> None:
    before = pystac.validation.RegisteredValidator.get_validator()
    pystac.validation.set_validator(stac_schemas.validator())
    try:
        catalog = pystac.Catalog.from_file(f"{address}/{names.ROOT}")
        assert catalog.validate_all() == 2
    finally:
        pystac.validation.set_validator(before)
    assert [collection.id for collection in catalog.get_collections()] == ["ks_airports"]


def test_every_link_and_asset_leads_to_a_file(site: Path, address: str) -> None:
    catalog = pystac.Catalog.from_file(f"{address}/{names.ROOT}")
    for item in catalog.get_items(recursive=True):
        targets = [asset.get_absolute_href() for asset in item.assets.values()]
        targets += [link.get_absolute_href() for link in item.links if link.rel != "self"]
        for target in targets:
            assert target is not None
            assert (site / target.removeprefix(f"{address}/")).is_file(), target


def test_the_dcat_catalog_leads_to_the_same_bytes(site: Path) -> None:
    catalog = site / names.DCAT_CATALOG
    told = json.loads(catalog.read_bytes())
    assert dcat.shaped(graph.read(catalog.read_bytes())) == ()
    for dataset in told["dcat:dataset"]:
        assert (catalog.parent / dataset["dct:relation"]).resolve().is_file()
        for distribution in dataset["dcat:distribution"]:
            assert (catalog.parent / distribution["dcat:downloadURL"]).resolve().is_file()


@pytest.mark.skipif(not SHAPES.is_file(), reason="../shared/vectors/dcat-us-3 is not here")
def test_the_shapes_of_dcat_us_3_accept_the_catalog(site: Path) -> None:
    shapes = Graph().parse(SHAPES)
    shapes.remove((None, OWL.imports, None))
    read = Graph() + graph.read((site / names.DCAT_CATALOG).read_bytes())
    conforms, _, words = pyshacl.validate(read, shacl_graph=shapes, inference="none")
    assert conforms, words
