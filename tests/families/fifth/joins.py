"""The fifth family before people: asked for, in the queue, on the desk, in the catalog (run in a copy)."""

import json

import pystac
import pytest
from django.test import Client

from pipelines.catalog import dcat, names, stac, stac_schemas
from pipelines.preview import allowed
from tests.kfm_review import journey as journeys
from tests.kfm_review.journey import Journey

FAMILY = "breweries"
SECOND = ("2026-08", "Grinder’s High Noon Brewery")


@pytest.fixture(autouse=True)
def fifth(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let journeys be of the fifth family."""
    monkeypatch.setattr(journeys, "FAMILY", FAMILY)
    monkeypatch.setattr(pystac.validation.RegisteredValidator, "_validator", stac_schemas.validator())


def page(journey: Journey, address: str) -> str:
    """Return a page as the reviewer sees it."""
    client = Client()
    client.force_login(journey.reviewer, backend="django.contrib.auth.backends.ModelBackend")
    answer = client.get(address)
    assert answer.status_code == 200, address
    read = b"".join(answer) if answer.streaming else answer.content
    return read.decode()


def test_a_fifth_family_joins_queue_desk_map_and_catalogs(journey: Journey) -> None:
    first = journey.review("2024-12")
    waiting = page(journey, "/queue/")
    assert FAMILY in waiting
    assert f"/reviews/{first.pk}/" in waiting
    assert "2024-12" in page(journey, f"/reviews/{first.pk}/")
    promotion = journey.carry_out(journey.approved(first))
    assert promotion.status == "done", promotion.failure
    edition, name = SECOND
    second = journey.review(edition)
    desk = page(journey, f"/reviews/{second.pk}/")
    made = {one.role: one.sha256 for one in second.manifest.artifacts.all()}
    assert made["preview"] in desk
    assert second.manifest.diff.changed == 1
    assert name in page(journey, f"/artifacts/{made['changes']}/")
    style = json.loads(page(journey, f"/artifacts/{made['preview']}/"))
    allowed.check(style)
    assert style["sources"]
    assert journey.carry_out(journey.approved(second)).status == "done"
    _is_catalogued(journey)


def _is_catalogued(journey: Journey) -> None:
    assert FAMILY in page(journey, "/catalog/catalog.json")
    items = sorted(journey.public.glob(f"{FAMILY}/*/{names.STAC}"))
    assert len(items) == 2
    for file in items:
        item = json.loads(page(journey, f"/catalog/{file.relative_to(journey.public).as_posix()}"))
        assert list(stac.check(file.read_bytes())) == []
        assert pystac.Item.from_dict(item).validate()
        assert list(dcat.check((file.parent / names.DCAT).read_bytes())) == []
