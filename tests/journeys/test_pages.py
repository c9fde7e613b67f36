"""Every page, light and dark, wide and narrow: it loads, stays in its window and keeps nobody out."""

import re
from dataclasses import dataclass
from itertools import cycle
from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from tests.journeys import looks
from tests.journeys.conftest import Visit
from tests.journeys.editions import Editions

Scheme = Literal["light", "dark"]

WIDE, SMALL, PHONE = (1440, 900), (1280, 800), (390, 844)
LIGHT: Scheme = "light"
DARK: Scheme = "dark"
SCHEMES = ((LIGHT, DARK), (DARK, LIGHT))  # it is opened in the first, and then changed to the second


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """One page as one person sees it."""

    name: str
    who: str
    path: str
    says: str
    sizes: tuple[tuple[int, int], ...] = (WIDE, PHONE)


SIGHTS = (
    Sight(name="sign-in", who="", path="/sign-in/", says="Sign in"),
    Sight(name="queue", who="reviewer", path="/queue/", says="Queue", sizes=(WIDE, SMALL, PHONE)),
    Sight(name="queue-of-steward", who="steward", path="/queue/", says="Queue"),
    Sight(name="queue-nothing", who="reviewer", path="/queue/?q=nowhere", says="No open review passes"),
    Sight(
        name="desk",
        who="reviewer",
        path="/reviews/{2026-09}/",
        says="ks_airports",
        sizes=(WIDE, SMALL, PHONE),
    ),
    Sight(name="desk-swapped", who="reviewer", path="/reviews/{2026-09-swapped}/", says="ks_airports"),
    Sight(name="desk-first", who="reviewer", path="/reviews/{2024-10}/", says="ks_airports"),
    Sight(name="desk-error", who="reviewer", path="/reviews/{2026-10-damaged}/", says="could not be drawn"),
    Sight(
        name="desk-duplicates",
        who="reviewer",
        path="/reviews/{2026-09-duplicates}/",
        says="Not compared",
        sizes=(WIDE,),
    ),
    Sight(
        name="desk-empty-input",
        who="reviewer",
        path="/reviews/{2026-09-header-only}/",
        says="rows",
        sizes=(WIDE,),
    ),
    Sight(name="desk-counties", who="reviewer", path="/reviews/{2007-crossed}/", says="ks_counties"),
    Sight(
        name="desk-counties-swapped",
        who="reviewer",
        path="/reviews/{2017-swapped}/",
        says="ks_counties",
        sizes=(WIDE,),
    ),
    Sight(name="desk-lines", who="reviewer", path="/reviews/{2017-shifted}/", says="ks_county_lines"),
    Sight(name="desk-drought", who="reviewer", path="/reviews/{2026-10-13-corrected}/", says="usdm class"),
    Sight(
        name="desk-drought-empty",
        who="reviewer",
        path="/reviews/{2026-10-20}/",
        says="no rows",
        sizes=(WIDE,),
    ),
    Sight(name="desk-relief", who="reviewer", path="/reviews/{1988-revised}/", says="lost its value"),
    Sight(name="desk-of-requester", who="steward", path="/reviews/{2026-09}/", says="own run"),
    Sight(name="run", who="reviewer", path="/runs/{run of 2026-09}/", says="Gates in order"),
    Sight(name="run-counties", who="reviewer", path="/runs/{run of 2007-crossed}/", says="Gates in order"),
    Sight(name="run-lines", who="reviewer", path="/runs/{run of 2017-shifted}/", says="Gates in order"),
    Sight(
        name="run-drought", who="reviewer", path="/runs/{run of 2026-10-13-corrected}/", says="Gates in order"
    ),
    Sight(name="run-relief", who="reviewer", path="/runs/{run of 1988-revised}/", says="Gates in order"),
    Sight(name="run-error", who="steward", path="/runs/{run of 2026-10-damaged}/", says="did not end well"),
    Sight(name="runs", who="steward", path="/runs/", says="Runs"),
    Sight(name="run-new", who="steward", path="/runs/new/", says="Ask for a run"),
    Sight(name="releases", who="publisher", path="/releases/ks_airports/", says="release 1 is current"),
    Sight(name="releases-of-none", who="publisher", path="/releases/", says="Choose an asset", sizes=(WIDE,)),
    Sight(name="people", who="admin", path="/people/", says="Demo steward"),
    Sight(name="people-of-others", who="auditor", path="/people/", says="Demo steward", sizes=(WIDE,)),
    Sight(name="me", who="reviewer", path="/people/me/", says="Demo reviewer"),
    Sight(name="audit", who="auditor", path="/audit/", says="Audit"),
    Sight(name="checkpoints", who="auditor", path="/audit/checkpoints/", says="Checkpoints"),
    Sight(name="not-found", who="reviewer", path="/nowhere/", says="There is nothing at this address"),
    Sight(name="not-allowed", who="reviewer", path="/audit/", says="You may not read the audit record"),
)


@pytest.mark.usefixtures("damaged")
@pytest.mark.parametrize("sight", SIGHTS, ids=lambda sight: sight.name)
def test_a_page_is_whole_and_open_to_everybody(sight: Sight, visit: Visit, editions: Editions) -> None:
    path = editions.address(sight.path)
    page, wrong = visit(sight.who, path), list[str]()
    for (width, height), schemes in zip(sight.sizes, cycle(SCHEMES), strict=False):
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=schemes[0])
        page.goto(path)
        expect(page.get_by_role("main")).to_contain_text(re.compile(re.escape(sight.says)))
        for scheme in schemes:
            page.emulate_media(color_scheme=scheme)
            looks.keep_picture(page, f"{sight.name}-{width}-{scheme}")
            faults = looks.faults(page, colours_only=scheme == schemes[1])
            wrong.extend(f"at {width}, {scheme}: {fault}" for fault in faults)
    assert not wrong, "\n".join(wrong)


SHEETS = (("approve", "Approve"), ("request-changes", "Request changes"), ("hold", "Hold"))


def test_a_sheet_is_whole_and_open_to_everybody(visit: Visit, editions: Editions) -> None:
    page, wrong = visit("reviewer", editions.address("/reviews/{2026-09}/")), list[str]()
    for width, height in (WIDE, PHONE):
        page.set_viewport_size({"width": width, "height": height})
        if width == PHONE[0]:
            page.get_by_role("button", name=re.compile("decide$")).click()
            wrong.extend(_looked_at(page, f"sheet-decision-{width}"))
        for name, label in SHEETS:
            page.get_by_role("button", name=re.compile(f"^{label}")).click()
            wrong.extend(_looked_at(page, f"sheet-{name}-{width}"))
            page.keyboard.press("Escape")
    assert not wrong, "\n".join(wrong)


def test_what_opens_over_a_page_is_open_to_everybody(visit: Visit) -> None:
    page, wrong = visit("admin", "/people/"), list[str]()
    for name, label in (("help", "Shortcuts"), ("invite", "Invite…")):
        page.get_by_role("button", name=label).click()
        wrong.extend(_looked_at(page, f"sheet-{name}-{WIDE[0]}"))
        page.keyboard.press("Escape")
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    page.get_by_role("button", name="Menu").click()
    wrong.extend(_looked_at(page, f"menu-{PHONE[0]}"))
    page.goto("/queue/")
    page.get_by_role("button", name="Filters").click()
    wrong.extend(_looked_at(page, f"filters-{PHONE[0]}"))
    assert not wrong, "\n".join(wrong)


def _looked_at(page: Page, name: str) -> list[str]:
    """Keep both pictures of what is open, and return what is wrong with it."""
    wrong = list[str]()
    for scheme in (LIGHT, DARK):
        page.emulate_media(color_scheme=scheme)
        looks.keep_picture(page, f"{name}-{scheme}", whole=False)
        faults = looks.faults(page, colours_only=scheme == DARK)
        wrong.extend(f"{name}, {scheme}: {fault}" for fault in faults)
    return wrong


def test_the_catalog_is_read_without_an_account(visit: Visit) -> None:
    page = visit("", "/catalog/")
    expect(page.get_by_text("KFM Review: published map data about Kansas")).to_be_attached()
    looks.keep_picture(page, "catalog-1440-light")
