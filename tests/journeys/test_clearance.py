"""A guarded run in the browser: its outline to who is not cleared, its exact map to who is and says why."""

import hashlib
import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys import looks
from tests.journeys.conftest import Visit
from tests.journeys.editions import Editions, deliver, made_up
from tests.journeys.people import clear, grant, invite, sign_in
from tests.stack import Running

EDITION = "2026-12"
WIDE, PHONE = (1440, 900), (390, 844)
WHY = "To see whether the places are right."
GUARDED = """
UPDATE runs_manifest SET label = 'restricted', body = jsonb_set(jsonb_set(jsonb_set(body,
    '{labels,sensitivity}', '"restricted"'), '{labels,sensitivity_reason}', '["ARCHAEOLOGY"]'),
    '{artifacts}', (body->'artifacts') || %s::jsonb) WHERE digest = %s RETURNING digest
"""
LISTED = """
INSERT INTO runs_artifact (manifest_id, role, media_type, sha256, size)
VALUES (%s, 'generalized-preview', 'application/json', %s, %s) RETURNING id
"""
KANSAS = [[[-98, 37], [-97, 37], [-97, 38], [-98, 38], [-98, 37]]]
STYLE = {
    "version": 8,
    "metadata": {"kfm:role": "preview", "kfm:key": "county", "kfm:bounds": [-98, 37, -97, 38]},
    "sources": {
        "after": {
            "type": "geojson",
            "data": {
                "type": "FeatureCollection",
                "features": [
                    {
                        "type": "Feature",
                        "geometry": {"type": "Polygon", "coordinates": KANSAS},
                        "properties": {"key": "20173", "title": "A county", "kind": "same"},
                    }
                ],
            },
        }
    },
    "layers": [
        {
            "id": "same-area",
            "type": "fill",
            "source": "after",
            "metadata": {"kfm:kind": "same", "kfm:side": "after"},
            "paint": {"fill-color": "#8e8b7e", "fill-opacity": 0.3},
        }
    ],
}


@pytest.fixture
def guarded(stack: Running, visit: Visit, editions: Editions, tmp_path: Path) -> str:
    """Return the address of a review whose run is marked as archaeological, with a map of its county."""
    file = tmp_path / "airports.csv"
    file.write_text(made_up(rows=40))
    deliver(visit("steward"), file, edition=EDITION, why="Made up.")
    content = json.dumps(STYLE).encode()
    sha256 = hashlib.sha256(content).hexdigest()
    place = stack.place.store / "candidates" / "sha256" / sha256[:2] / sha256
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content)
    listed = [{"role": "generalized-preview", "sha256": sha256, "label": "generalized"}]
    stack.ask("SELECT set_config('session_replication_role', 'replica', false)")
    stack.ask(GUARDED, json.dumps(listed), editions.manifest(EDITION))
    stack.ask("SELECT set_config('session_replication_role', 'origin', false)")
    stack.ask(LISTED, editions.manifest(EDITION), sha256, len(content))
    return editions.address(f"/reviews/{{{EDITION}}}/")


def drawn(page: Page, name: str) -> None:
    """See that a map of that name is drawn."""
    expect(page.get_by_role("application", name=re.compile(name))).to_have_attribute("data-state", "ready")


def looked_at(page: Page, name: str) -> list[str]:
    """Keep pictures of a page in every size and both schemes; return what is wrong with it."""
    wrong = list[str]()
    for width, height in (WIDE, PHONE):
        page.set_viewport_size({"width": width, "height": height})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            looks.keep_picture(page, f"{name}-{width}-{scheme}", whole=False)
            wrong += [f"{name}, {width}, {scheme}: {fault}" for fault in looks.faults(page)]
    page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
    return wrong


def outlined(page: Page) -> list[str]:
    """See that a desk shows no more than an outline, and says who grants clearance."""
    drawn(page, "^Generalized map of Kansas")
    main = page.get_by_role("main")
    expect(main).to_contain_text("It is restricted (archaeology). It takes clearance for restricted")
    expect(main).to_contain_text("Demo admin grants it")
    expect(page.get_by_role("button", name=re.compile("^Approve"))).to_be_disabled()
    expect(page.get_by_role("button", name="Reveal exact geometry")).to_have_count(0)
    return looked_at(page, "desk-withheld")


def test_who_is_not_cleared_sees_the_outline_and_who_is_reveals_the_exact_map(
    guarded: str, visit: Visit, editions: Editions
) -> None:
    admin = visit("admin", "/people/")
    name, password = invite(admin, "nora", "Nora Newly")
    grant(admin, name, role="reviewer")
    page = visit("")
    sign_in(page, name, password)
    page.goto(guarded)
    wrong = outlined(page)
    tiles = f"/artifacts/{editions.artifact(EDITION, 'preview')}/?inline"
    assert page.request.get(tiles).status == 404
    page.get_by_role("link", name="who may see what").click()
    expect(page.get_by_role("heading", name="Clearances")).to_be_visible()
    wrong += looked_at(page, "clearances")

    admin.goto("/people/")
    clear(admin, name, label="restricted", until="2027-06-30")
    page.goto(guarded)
    drawn(page, "^Generalized map of Kansas")
    assert page.request.get(tiles).status == 404
    wrong += looked_at(page, "desk-cleared")
    page.get_by_label("Why do you need the exact places?").fill(WHY)
    page.get_by_role("button", name="Reveal exact geometry").click()
    drawn(page, "^Map of Kansas")
    answer = page.request.get(tiles)
    assert (answer.status, answer.headers["cache-control"]) == (200, "private, no-store")
    wrong += looked_at(page, "desk-revealed")

    audit = visit("auditor", "/audit/?what=geometry.revealed")
    expect(audit.get_by_role("row").filter(has_text="Nora Newly")).to_contain_text("geometry.revealed")
    expect(audit.get_by_role("main")).not_to_contain_text(WHY)
    assert not wrong, "\n".join(wrong)
