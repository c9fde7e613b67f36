"""The desk of what is not points: outlines, shares by county, cells; drawn, chosen inside, said in words."""

import re

from playwright.sync_api import Locator, Page, Request, expect

from tests.journeys.chart import Chart
from tests.journeys.conftest import Visit
from tests.journeys.editions import Editions

CROSSED, CORRECTED, REVISED = "2007-crossed", "2026-10-13-corrected", "1988-revised"
CRAWFORD = "20037"  # whose outline was made to cross itself
IN_CRAWFORD = (-94.75, 37.42)


def desk(visit: Visit, editions: Editions, edition: str) -> Page:
    return visit("reviewer", editions.address(f"/reviews/{{{edition}}}/"), reduced_motion="reduce")


def switch(page: Page, words: str) -> Locator:
    return page.get_by_role("button", name=re.compile(f"^{words}"))


def test_an_outline_is_drawn_as_it_was_and_as_it_is(visit: Visit, editions: Editions) -> None:
    chart = Chart(desk(visit, editions, CROSSED))
    before, after = (
        next(one for one in chart.held(source) if one["properties"]["key"] == CRAWFORD)["geometry"]
        for source in ("before", "after")
    )
    assert before["type"] == after["type"] == "Polygon"
    assert before != after
    assert [feature["properties"]["key"] for feature in chart.held("changes")] == [CRAWFORD]
    assert CRAWFORD in {feature["key"] for feature in chart.drawn("changed-area")}


def test_a_click_inside_an_area_chooses_it_and_its_outline_is_lit(visit: Visit, editions: Editions) -> None:
    page = desk(visit, editions, CROSSED)
    chart = Chart(page)
    page.mouse.click(*chart.spot(*IN_CRAWFORD))
    row = page.get_by_role("table", name=re.compile("^Changes against")).get_by_role("row", name=CRAWFORD)
    expect(row).to_have_attribute("aria-current", "true")
    assert [shape["geometry"]["type"] for shape in chart.held("chosen-shape")] == ["Polygon"]
    assert len(chart.held("chosen")) == 1


def test_the_coordinates_of_an_outline_are_said_in_short(visit: Visit, editions: Editions) -> None:
    page = desk(visit, editions, CROSSED)
    Chart(page)
    page.get_by_role("table", name=re.compile("^Changes against")).get_by_role("row", name=CRAWFORD).click()
    card = page.get_by_role("region", name="Chosen feature")
    expect(card.get_by_text(re.compile(r"polygon, \d+ points")).first).to_be_visible()
    expect(card.get_by_role("group").first).not_to_have_attribute("open", "")  # until somebody wants them all


def test_counties_are_shaded_by_class_and_the_legend_takes_the_shade_away(
    visit: Visit, editions: Editions
) -> None:
    page = desk(visit, editions, CORRECTED)
    chart = Chart(page)
    steps = page.get_by_role("list", name=re.compile("^Places by usdm_class"))
    expect(steps).to_contain_text(re.compile(r"D0\s*\d+"))
    assert chart.drawn("shade-after")
    switch(page, "usdm class").click()
    chart.settle()
    assert chart.drawn("shade-after") == []


def test_cells_are_read_in_parts_of_both_sides_and_of_what_differs(visit: Visit, editions: Editions) -> None:
    page, asked = visit("reviewer", reduced_motion="reduce"), list[Request]()
    page.on("request", lambda request: asked.append(request))  # noqa: PLW0108  # a method of list takes no marks
    page.goto(editions.address(f"/reviews/{{{REVISED}}}/"))
    chart = Chart(page)
    page.get_by_role("button", name="Swipe").click()
    chart.settle()
    parts = {request.url for request in asked if "range" in request.headers}
    for role in ("tiles", "change-tiles"):
        assert any(editions.artifact(REVISED, role) in url for url in parts)
    assert len(parts) == 3  # the release's tiles too


def test_how_far_cells_went_is_drawn_and_said_in_numbers(visit: Visit, editions: Editions) -> None:
    page = desk(visit, editions, REVISED)
    Chart(page)
    expect(page.get_by_role("img", name=re.compile("^Cells by difference in m"))).to_be_visible()
    numbers = page.get_by_role("table", name="Cells by difference")
    expect(numbers.get_by_role("row", name="higher by 10 to 20 m")).to_contain_text("96")
    expect(page.get_by_role("img", name=re.compile(r"^Values in m: 1\d\d m"))).to_be_visible()
