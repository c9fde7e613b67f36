"""The desk's map: paper behind, the run's own preview before it, one choice with list, card and address."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys.chart import Chart
from tests.journeys.conftest import Visit
from tests.journeys.editions import Editions

COUNTIES = 105
OWN = ("paper-", "chosen", "hovered")  # what the desk adds to a run's preview
DESK = "/reviews/{2026-09}/"


@pytest.fixture
def desk(visit: Visit, editions: Editions) -> Page:
    """Open the desk of 2026-09 without motion."""
    return visit("reviewer", editions.address(DESK), reduced_motion="reduce")


def row(page: Page, key: str) -> Locator:
    return page.get_by_role("table", name="Changes against release 1").get_by_role(
        "row", name=re.compile(rf"\b{key}\b")
    )


def card(page: Page) -> Locator:
    return page.get_by_role("region", name="Chosen feature")


def legend(page: Page, kind: str) -> Locator:
    return page.get_by_role("group", name="Legend and filter").get_by_role(
        "button", name=re.compile(f"^{kind}")
    )


def test_county_lines_and_names_of_places_lie_behind_the_points(desk: Page) -> None:
    chart = Chart(desk)
    layers = list(enumerate(chart.layers()))
    assert max(at for at, (name, _) in layers if name.startswith("paper-")) < min(
        at for at, (_, kind) in layers if kind
    )
    assert len({county["name"] for county in chart.drawn("paper-counties")}) == COUNTIES
    assert {"Salina", "Emporia", "Dodge City"} <= {place["name"] for place in chart.drawn("paper-places")}


def test_the_paper_is_seen_and_can_be_taken_away(desk: Page) -> None:
    chart = Chart(desk)
    with_paper = chart.picture()
    desk.get_by_role("button", name="Base map").click()
    assert chart.picture() != with_paper
    assert chart.drawn("paper-counties") == []
    assert len(chart.shown("added")) == 19


def test_no_request_leaves_the_host(visit: Visit, editions: Editions) -> None:
    page, hosts = visit("reviewer"), set()
    page.on("request", lambda request: hosts.add(urlsplit(request.url).hostname))
    page.goto(editions.address(DESK))
    Chart(page)
    assert hosts - {None} == {"localhost"}


def test_the_map_draws_the_run_s_own_preview(visit: Visit, editions: Editions) -> None:
    page, asked = visit("reviewer", reduced_motion="reduce"), []
    page.on("request", lambda request: asked.append(urlsplit(request.url).path))
    page.goto(editions.address(DESK))
    chart, preview = Chart(page), editions.artifact("2026-09", "preview")
    told = page.request.get(f"/artifacts/{preview}/?inline").json()
    assert f"/artifacts/{preview}/" in asked
    assert set(told["sources"]) == {name for name in chart.sources() if not name.startswith(OWN)}
    for name, source in told["sources"].items():
        drawn = [feature["properties"]["key"] for feature in chart.held(name)]
        assert drawn == [feature["properties"]["key"] for feature in source["data"]["features"]]


def test_what_the_preview_does_not_hold_is_not_drawn(visit: Visit, editions: Editions) -> None:
    page, preview = visit("reviewer", reduced_motion="reduce"), editions.artifact("2026-09", "preview")
    told = page.request.get(f"/artifacts/{preview}/?inline").json()
    for collection in (source["data"] for source in told["sources"].values()):
        collection["features"] = [one for one in collection["features"] if one["properties"]["key"] == "99KS"]
    page.route(f"**/artifacts/{preview}/*", lambda route: route.fulfill(json=told))
    page.goto(editions.address(DESK))
    chart = Chart(page)
    assert chart.shown("moved") == ["99KS"]
    assert chart.shown("added") == []


def test_a_run_without_a_preview_says_in_red_that_it_is_not_drawn(
    damaged: str, visit: Visit, editions: Editions
) -> None:
    page = visit("reviewer", editions.address(f"/reviews/{{{damaged}}}/"))
    assert editions.artifact(damaged, "preview") == ""
    expect(page.get_by_text("This run could not be drawn.")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("is damaged: its bytes are not what its name says")
    expect(page.get_by_role("application")).to_have_count(0)


def test_a_preview_that_is_gone_breaks_the_map_and_not_the_desk(visit: Visit, editions: Editions) -> None:
    page, preview = visit("reviewer"), editions.artifact("2026-09", "preview")
    page.route(f"**/artifacts/{preview}/*", lambda route: route.fulfill(status=404))
    page.goto(editions.address(DESK))
    alert = page.get_by_role("alert").filter(has_text="The map cannot be drawn.")
    expect(alert).to_contain_text("the server answered 404")
    row(page, "KOJC").click()
    expect(card(page)).to_contain_text("moved 6.2 km")
    page.unroute(f"**/artifacts/{preview}/*")
    alert.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("application")).to_have_attribute("data-state", "ready")


def test_the_legend_is_the_filter_of_map_and_list(desk: Page) -> None:
    chart, added = Chart(desk), legend(desk, "added")
    assert len(chart.shown("added")) == 19
    added.click()
    expect(added).to_have_attribute("aria-pressed", "false")
    chart.settle()
    assert chart.shown("added") == []
    assert len(chart.shown("removed")) == 13
    expect(row(desk, "added:")).to_have_count(0)
    added.click()
    chart.settle()
    assert len(chart.shown("added")) == 19


def test_the_list_marks_its_choice_on_the_map(desk: Page) -> None:
    chart = Chart(desk)
    row(desk, "KOJC").click()
    expect(row(desk, "KOJC")).to_have_attribute("aria-current", "true")
    expect(card(desk)).to_contain_text("KOJC moved 6.2 km")
    assert len(chart.held("chosen")) == 2  # where it was and where it is
    row(desk, "KFRI").hover()
    assert len(chart.held("hovered")) == 2


def test_the_map_marks_its_choice_in_the_list(desk: Page) -> None:
    chart = Chart(desk)
    [before, after] = [
        feature["geometry"]["coordinates"] for feature in chart.held("chosen")
    ]  # 99KS, the finding
    row(desk, "KOJC").click()
    desk.mouse.move(*chart.spot(*before))
    expect(row(desk, "99KS")).to_have_attribute("data-lit", "")
    desk.mouse.click(*chart.spot(*after))
    expect(row(desk, "99KS")).to_have_attribute("aria-current", "true")
    expect(card(desk)).to_contain_text("99KS moved 153.7 km")


def test_n_and_p_go_through_the_changes(desk: Page) -> None:
    Chart(desk)
    expect(card(desk)).to_contain_text("1 of 343")
    desk.keyboard.press("n")
    expect(card(desk)).to_contain_text("2 of 343")
    expect(row(desk, "KOJC")).to_have_attribute("aria-current", "true")
    desk.keyboard.press("p")
    expect(card(desk)).to_contain_text("99KS")
    expect(card(desk)).to_contain_text("1 of 343")


def test_the_address_restores_camera_feature_and_filter(desk: Page, visit: Visit) -> None:
    chart = Chart(desk)
    legend(desk, "decimals only").click()
    row(desk, "3KS7").dblclick()
    chart.settle()
    seen = chart.camera()
    assert seen[2] > 9
    other = visit("reviewer", desk.url, reduced_motion="reduce")
    expect(other.get_by_role("application")).to_have_attribute("data-state", "ready")
    expect(card(other)).to_contain_text("3KS7 moved 5.4 km")
    expect(legend(other, "decimals only")).to_have_attribute("aria-pressed", "false")
    expect(other).to_have_url(desk.url)


def test_an_older_side_can_be_swiped_in_and_blinked_to(desk: Page) -> None:
    chart = Chart(desk)
    whole = chart.picture()
    desk.keyboard.press("s")
    expect(desk.get_by_role("slider", name="How much of the older side is shown")).to_be_visible()
    expect(desk.get_by_role("application")).to_contain_text("Before · release 1")
    desk.keyboard.press("s")
    expect(desk.get_by_role("slider")).to_be_hidden()
    desk.keyboard.press("b")
    assert chart.picture() != whole
