"""A review of 100,000 changes: the list in pages, marks from tiles, and how long a choice takes."""

import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys import looks
from tests.journeys.chart import Chart
from tests.journeys.conftest import Visit
from tests.journeys.editions import SAMPLES, Editions
from tests.stack import Running

ROWS = 100_000
EDITION = "2030-many"
LETTERS = string.digits + string.ascii_uppercase
PAINTED_MS = 1500
AWAY = "(map) => map.jumpTo({ center: [-94.7, 37.05], zoom: 11 })"
# From the click on a row until the map has moved there and rests with everything drawn.
TIMED = """
(map) => new Promise((resolve) => {
  addEventListener("click", () => {
    const began = performance.now();
    map.once("movestart", () => map.once("idle", () => resolve(performance.now() - began)));
  }, { capture: true, once: true });
})
"""


def many() -> str:
    """Return the real airports of September 2026 and 100,000 that do not exist, on a grid over Kansas."""
    lines = (SAMPLES / "2026-09.csv").read_text().splitlines()
    for at in range(ROWS):
        code = "Q" + "".join(LETTERS[at // 36**place % 36] for place in (2, 1, 0))
        code = code if at < 36**3 else "R" + code[1:]
        code = code if at < 2 * 36**3 else "S" + code[1:]
        lat, lon = 37.0 + at % 300 * 0.01, -99.99 + at // 300 * 0.016
        lines.append(f"{code},,F,,Kansas,US,,{lat:.2f},{lon:.2f},America/Denver,")  # 5 MB are taken at most
    return "\n".join([*lines, ""])


@pytest.fixture(scope="module")
def roomy(stack: Running) -> Iterator[Running]:
    """Let the worker take more than the family would."""
    stack.instead = {"worker": ["-m", "tests.journeys.wide", "--concurrency", "1"]}
    stack.restart("worker")
    yield stack
    stack.instead = {}
    stack.restart("worker")


@pytest.fixture
def desk(roomy: Running, visit: Visit, editions: Editions, tmp_path: Path) -> Page:
    """Open the desk of such an edition as a reviewer."""
    if not roomy.ask("SELECT id FROM reviews_review WHERE edition = %s", EDITION):
        file = tmp_path / "airports.csv"
        file.write_text(many())
        page = visit("steward")
        page.goto("/runs/new/")
        form = page.get_by_role("region", name="Airports of Kansas")
        form.get_by_label("airports, text/csv").set_input_files(file)
        form.get_by_label("Edition of the file").fill(EDITION)
        form.get_by_label("Why").fill("To see whether so many can be looked at.")
        with page.expect_navigation():
            form.get_by_role("button", name="Ask for the run").click()
        expect(page.get_by_role("link", name="Open the review")).to_be_visible(timeout=120_000)
    page = visit("reviewer", reduced_motion="reduce")
    page.goto(editions.address(f"/reviews/{{{EDITION}}}/"))
    return page


def charted(page: Page) -> Chart:
    """Return the map once it is drawn."""
    expect(page.get_by_role("application")).to_have_attribute("data-state", "ready", timeout=30_000)
    return Chart(page)


def listed(page: Page) -> Locator:
    return page.get_by_role("table", name=re.compile("^Changes against")).get_by_role("row")


def standing(page: Page) -> Locator:
    return page.locator("#changes").get_by_role("status")


def test_a_hundred_thousand_changes_are_read_page_by_page(desk: Page) -> None:
    charted(desk)
    expect(standing(desk)).to_have_text(re.compile(r"^1–500 of 100,3\d\d"))
    first = listed(desk).first
    expect(first).to_contain_text("99KS")
    desk.get_by_role("button", name="Next page", exact=True).click()
    expect(standing(desk)).to_have_text(re.compile(r"^501–1,000 of"))
    expect(first).to_contain_text("added")
    looks.keep_picture(desk, "large-desk", whole=False)


def test_the_keys_go_on_across_pages(desk: Page) -> None:
    charted(desk)
    listed(desk).first.click()
    card = desk.get_by_role("region", name="Chosen feature")
    expect(card).to_contain_text("1 of 100,")
    desk.keyboard.press("p")
    expect(card).to_contain_text("1 of 100,")
    desk.get_by_role("button", name="Next page", exact=True).click()
    expect(standing(desk)).to_have_text(re.compile(r"^501–"))
    listed(desk).first.click()
    expect(card).to_contain_text("501 of 100,")
    desk.keyboard.press("p")
    expect(standing(desk)).to_have_text(re.compile(r"^1–500"))
    expect(card).to_contain_text("500 of 100,")
    desk.keyboard.press("n")
    expect(card).to_contain_text("501 of 100,")


def test_the_legend_says_what_it_leaves_out_of_the_list(desk: Page) -> None:
    charted(desk)
    desk.get_by_role("group", name="Legend and filter").get_by_role("button", name="added").click()
    expect(standing(desk)).to_have_text(
        re.compile(r"^1–324 of 324 shown, 100,0\d\d switched off in the legend")
    )
    expect(listed(desk).nth(1)).to_contain_text(re.compile(r"km|m$"))


def test_an_address_leads_to_a_change_on_any_page(desk: Page) -> None:
    desk.goto(f"{desk.url}#feature=Q7PS")
    desk.reload()
    charted(desk)
    card = desk.get_by_role("region", name="Chosen feature")
    expect(card).to_contain_text("Q7PS added")
    expect(listed(desk).and_(desk.locator("[aria-current]"))).to_contain_text("Q7PS")


def test_a_choice_is_on_the_map_in_time(desk: Page, capsys: pytest.CaptureFixture[str]) -> None:
    chart = charted(desk)
    took = []
    for turned in (False, True):
        if turned:
            desk.get_by_role("button", name="Next page", exact=True).click()
            expect(standing(desk)).to_have_text(re.compile(r"^501–"))
        for row in (3, 40, 90, 7, 60):
            chart._map.evaluate(AWAY)
            chart.settle()
            asked = listed(desk).nth(row)
            asked.scroll_into_view_if_needed()
            clock = desk.evaluate_handle(f"(map) => ({{ took: ({TIMED})(map) }})", chart._map)
            asked.click()
            took.append(float(desk.evaluate("async ({ took }) => await took", clock)))
    with capsys.disabled():
        said = ", ".join(f"{one:.0f}" for one in sorted(took))
        print(f"\n100,000 changes, row click to map painted: {said} ms; at most {PAINTED_MS}")  # noqa: T201
    assert sorted(took)[len(took) // 2] <= PAINTED_MS


def test_a_mark_of_a_tile_leads_to_its_entry(desk: Page) -> None:
    chart = charted(desk)
    assert {len(chart.shown(kind)) for kind in ("moved", "removed")} == {12, 13}
    assert len(chart.shown("added")) > 500
    chart._map.evaluate("(map) => map.jumpTo({ center: [-99.46, 38.0], zoom: 13 })")
    chart.settle()
    [found] = [one for one in chart.drawn("added") if one["key"] == "Q7PS"]
    assert set(found) >= {"kind", "key", "title", "decimals_only"}
    desk.mouse.click(*chart.spot(-99.46, 38.0))
    expect(desk.get_by_role("region", name="Chosen feature")).to_contain_text("Q7PS added")
