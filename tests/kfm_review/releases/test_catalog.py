"""The public place as others read it: valid STAC, DCAT and PROV whose links all lead somewhere."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pystac
import pytest

from kfm_review.releases import actions, catalog
from kfm_review.releases.models import Promotion
from pipelines import digest
from pipelines.catalog import dcat, graph, names, prov_check, stac, stac_schemas
from tests.kfm_review.journey import FAMILY, Journey


@pytest.fixture(autouse=True)
def offline() -> Iterator[None]:
    """Validate with the schemas that are here."""
    before = pystac.validation.RegisteredValidator.get_validator()
    pystac.validation.set_validator(stac_schemas.validator())
    yield
    pystac.validation.set_validator(before)


def roll_back(journey: Journey, number: int) -> Promotion:
    made = actions.roll_back(
        asset=FAMILY, number=number, actor=journey.publisher, why="Worse.", now=journey.now()
    )
    return journey.carry_out(made)


def go_on(journey: Journey) -> None:
    actions.lift(asset=FAMILY, actor=journey.publisher, why="Mended.", now=journey.now())


def items(journey: Journey) -> dict[str, Any]:
    """Return every published Item by the name of its folder."""
    found = journey.public.glob(f"{FAMILY}/*/{names.STAC}")
    return {file.parent.name: json.loads(file.read_bytes()) for file in found}


def versions(journey: Journey) -> dict[str, tuple[str, dict[str, str]]]:
    """Return the edition, number and neighbours of every published Item, by edition."""
    published = items(journey)
    editions = {name: item["properties"]["kfm:edition"] for name, item in published.items()}
    return {
        editions[name]: (
            item["properties"]["version"],
            {
                link["rel"].removesuffix("-version"): editions[link["href"].split("/")[1]]
                for link in item["links"]
                if link["rel"].endswith("-version")
            },
        )
        for name, item in published.items()
    }


def missing(public: Path) -> list[str]:
    """Return every link and asset of the static catalog that leads nowhere."""
    root = pystac.Catalog.from_file(str(public / names.ROOT))
    found = [root, *root.get_children(), *root.get_items(recursive=True)]
    targets = [link.get_absolute_href() for one in found for link in one.links if link.rel != "license"]
    targets += [
        asset.get_absolute_href() for item in root.get_items(recursive=True) for asset in item.assets.values()
    ]
    return [str(target) for target in targets if not Path(str(target)).is_file()]


def test_the_static_catalog_is_valid_and_every_link_leads_somewhere(journey: Journey) -> None:
    journey.published("2024-10")
    journey.published("2026-09")
    root = pystac.Catalog.from_file(str(journey.public / names.ROOT))
    assert root.validate_all() == 2
    assert [collection.id for collection in root.get_children()] == [FAMILY]
    assert missing(journey.public) == []


def test_every_published_item_passes_our_own_check_and_names_its_neighbours(journey: Journey) -> None:
    journey.published("2024-10")
    journey.published("2026-09")
    for item in items(journey).values():
        assert stac.check(digest.canonical(item)) == ()
    assert versions(journey) == {
        "2024-10": ("1", {"successor": "2026-09", "latest": "2026-09"}),
        "2026-09": ("2", {"predecessor": "2024-10", "latest": "2026-09"}),
    }


def test_the_dcat_catalog_conforms_to_its_shapes_and_leads_to_the_same_bytes(journey: Journey) -> None:
    journey.published("2024-10")
    journey.published("2026-09")
    file = journey.public / names.DCAT_CATALOG
    assert dcat.shaped(graph.read(file.read_bytes())) == ()
    [dataset] = json.loads(file.read_bytes())["dcat:dataset"]
    assert dataset["dcat:version"] == "2026-09"
    assert (file.parent / dataset["dct:relation"]).resolve().is_file()
    for distribution in dataset["dcat:distribution"]:
        told = distribution["spdx:checksum"]["spdx:checksumValue"]
        assert digest.of_file((file.parent / distribution["dcat:downloadURL"]).resolve()) == told


def test_each_release_has_its_provenance_and_its_promotion_a_document(journey: Journey) -> None:
    promotion = journey.published("2024-10")
    [folder] = journey.public.glob(f"{FAMILY}/*/")
    act = f"prov-promotion-{promotion.pk}.jsonld"
    assert {file.name for file in folder.iterdir()} == {names.STAC, names.DCAT, names.PROV, act}
    assert prov_check.check((folder / names.PROV).read_bytes()) == ()
    assert prov_check.check((folder / act).read_bytes()) == ()
    told = (folder / act).read_text()
    for word in (promotion.release.manifest_id, "urn:kfm:person:rita", f"urn:kfm:release:{FAMILY}:public:1"):
        assert word in told


def test_the_promotion_remembers_the_digests_of_what_it_published(journey: Journey) -> None:
    promotion = journey.published("2024-10")
    [folder] = journey.public.glob(f"{FAMILY}/*/")
    assert promotion.documents == {file.name: digest.of_file(file) for file in folder.iterdir()}


def test_objects_are_published_under_their_digests_and_nothing_else_is(journey: Journey) -> None:
    promotion = journey.published("2024-10")
    published = {file.name for file in (journey.public / "objects").rglob("sha256/*/*")}
    content = promotion.release.manifest.artifacts.filter(role__in=["data", "tiles"])
    assert published == set(content.values_list("sha256", flat=True))


def test_rolling_back_leads_to_the_older_release_again(journey: Journey) -> None:
    journey.published("2024-10")
    journey.published("2026-09")
    back = roll_back(journey, 1)
    assert back.status == "done", back.failure
    assert {edition: said["latest"] for edition, (_, said) in versions(journey).items()} == {
        "2024-10": "2024-10",
        "2026-09": "2024-10",
    }
    [dataset] = json.loads((journey.public / names.DCAT_CATALOG).read_bytes())["dcat:dataset"]
    assert dataset["dcat:version"] == "2024-10"
    assert pystac.Catalog.from_file(str(journey.public / names.ROOT)).validate_all() == 2
    assert missing(journey.public) == []


def test_rolling_back_does_not_change_when_something_was_first_published(journey: Journey) -> None:
    journey.published("2024-10")
    before = {name: item["properties"]["published"] for name, item in items(journey).items()}
    journey.published("2026-09")
    back = roll_back(journey, 1)
    after = {name: item["properties"]["published"] for name, item in items(journey).items()}
    assert before.items() <= after.items()
    folder = next(journey.public.glob(f"{FAMILY}/*/prov-promotion-{back.pk}.jsonld")).parent
    assert back.documents[names.STAC] == digest.of_file(folder / names.STAC)


def test_content_that_came_back_stands_once_under_its_newest_number(journey: Journey) -> None:
    for edition in ("2024-10", "2026-09", "2025-09"):
        journey.published(edition)
    assert versions(journey) == {
        "2026-09": ("2", {"successor": "2025-09", "latest": "2025-09"}),
        "2025-09": ("3", {"predecessor": "2026-09", "latest": "2025-09"}),
    }
    assert pystac.Catalog.from_file(str(journey.public / names.ROOT)).validate_all() == 2
    assert missing(journey.public) == []


def test_content_that_came_back_can_be_rolled_back_to_its_older_number(journey: Journey) -> None:
    for edition in ("2024-10", "2026-09", "2025-09"):
        journey.published(edition)
    for number in (2, 1):
        assert roll_back(journey, number).status == "done"
        go_on(journey)
    assert versions(journey)["2026-09"][1]["latest"] == "2024-10"
    [dataset] = json.loads((journey.public / names.DCAT_CATALOG).read_bytes())["dcat:dataset"]
    assert dataset["dcat:version"] == "2024-10"
    assert missing(journey.public) == []


def test_what_did_not_flip_changes_nothing_that_is_public(
    journey: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    journey.published("2024-10")
    journey.published("2026-09")
    promotion = journey.queued("2025-09")  # the content of the first comes back
    before = versions(journey)
    publish = catalog.publish_release

    def held(made: Promotion, **more: Any) -> dict[str, str]:
        actions.hold(asset=FAMILY, actor=journey.reviewer, why="Wait!", now=journey.now())
        return publish(made, **more)

    monkeypatch.setattr(catalog, "publish_release", held)
    assert journey.carry_out(promotion).status == "failed"
    assert versions(journey) == before


def test_indexes_written_again_are_the_same(journey: Journey) -> None:
    journey.published("2024-10")
    journey.published("2026-09")
    files = [file for file in journey.public.rglob("*.json*") if file.is_file()]
    before = {file: file.stat().st_mtime_ns for file in files if file.name != names.ROOT}
    catalog.index()
    assert {file: file.stat().st_mtime_ns for file in before} == before


def test_indexes_can_be_made_from_the_database_alone(journey: Journey) -> None:
    journey.published("2024-10")
    journey.published("2026-09")
    indexes = [
        journey.public / names.ROOT,
        journey.public / names.DCAT_CATALOG,
        journey.public / FAMILY / names.COLLECTION,
    ]
    before = [file.read_bytes() for file in indexes]
    for file in indexes:
        file.unlink()
    catalog.index()
    assert [file.read_bytes() for file in indexes] == before


def test_with_nothing_published_there_is_an_empty_root(journey: Journey) -> None:
    catalog.index()
    root = pystac.Catalog.from_file(str(journey.public / names.ROOT))
    assert list(root.get_children()) == []
    assert not (journey.public / names.DCAT_CATALOG).exists()
