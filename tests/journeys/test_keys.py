"""The keyboard: it moves, it opens sheets, and no single key ever commits."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Visit
from tests.journeys.editions import Editions

DESK = re.compile(r"/reviews/\d+/")
WHY = "I made the picture these pixels are of."
PLACES = (
    ("q", "/queue/"),
    ("r", "/runs/"),
    ("l", "/releases/"),
    ("p", "/people/"),
    ("a", "/audit/"),
)
SHEETS = (("a", "Approve"), ("r", "Request changes"), ("x", "Reject"), ("t", "Abstain"), ("h", "Hold"))


@pytest.fixture
def desk(visit: Visit, editions: Editions) -> Page:
    return visit("reviewer", editions.address("/reviews/{2026-09}/"))


@pytest.fixture
def posts(desk: Page) -> list[str]:
    """Return what is sent from the desk, as it happens."""
    sent: list[str] = []
    desk.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    return sent


def test_j_and_k_go_through_the_queue_and_enter_opens(visit: Visit) -> None:
    page = visit("reviewer")
    rows = page.get_by_role("table", name="Reviews that wait").get_by_role("link")
    page.keyboard.press("j")
    expect(rows.nth(0)).to_be_focused()
    page.keyboard.press("j")
    expect(rows.nth(1)).to_be_focused()
    page.keyboard.press("k")
    expect(rows.nth(0)).to_be_focused()
    address = rows.nth(0).get_attribute("href")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"{address}(#.*)?$"))


def test_j_and_k_go_from_desk_to_desk(desk: Page) -> None:
    first = desk.get_by_role("complementary", name="Queue").locator("[aria-current]").inner_text()
    desk.keyboard.press("j")
    current = desk.get_by_role("complementary", name="Queue").locator("[aria-current]")
    expect(current).not_to_have_text(first)
    desk.wait_for_load_state()
    desk.keyboard.press("k")
    expect(current).to_contain_text("2026-09")


@pytest.mark.parametrize(("key", "path"), PLACES)
def test_g_and_a_letter_go_to_a_place(key: str, path: str, visit: Visit) -> None:
    page = visit("auditor", "/people/me/")
    page.keyboard.press("g")
    page.keyboard.press(key)
    expect(page).to_have_url(re.compile(f"{path}$"))


def test_the_audit_is_no_place_for_a_reviewer(visit: Visit) -> None:
    page = visit("reviewer", "/runs/")
    page.keyboard.press("g")
    page.keyboard.press("a")
    expect(page.get_by_role("link", name="Audit")).to_have_count(0)
    expect(page).to_have_url(re.compile("/runs/$"))


def test_a_question_mark_shows_the_keys_and_escape_hides_them(desk: Page) -> None:
    desk.keyboard.press("?")
    expect(desk.get_by_role("dialog", name="Keys")).to_be_visible()
    desk.keyboard.press("Escape")
    expect(desk.get_by_role("dialog")).to_have_count(0)


def test_a_slash_searches_from_everywhere(visit: Visit) -> None:
    page = visit("reviewer", "/people/me/")
    page.keyboard.press("/")
    expect(page).to_have_url(re.compile("/queue/#search$"))
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("swapped")
    page.keyboard.press("Enter")
    expect(page.get_by_role("row", name=re.compile("2026-09-swapped"))).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("2026-09-halved"))).to_have_count(0)


def test_a_letter_opens_a_sheet_and_commits_nothing(desk: Page, posts: list[str]) -> None:
    for key, title in SHEETS:
        desk.keyboard.press(key)
        sheet = desk.get_by_role("dialog", name=re.compile(f"^{title}"))
        expect(sheet.get_by_label("Reason")).to_be_focused()
        for letter in ("y", "a", "r", "x", "Enter", "j"):
            desk.keyboard.press(letter)
        expect(sheet.get_by_label("Reason")).to_have_value("yarx\nj")
        desk.keyboard.press("Escape")
        expect(sheet).to_be_hidden()
        for letter in ("Enter", "y", "Space"):
            desk.get_by_role("main").press(letter)
    assert posts == []


def test_ctrl_and_enter_do_not_commit_without_a_reason(desk: Page, posts: list[str]) -> None:
    desk.keyboard.press("x")
    desk.keyboard.press("Control+Enter")
    expect(desk.get_by_role("dialog", name="Reject")).to_be_visible()
    desk.keyboard.press("Escape")
    desk.keyboard.press("Control+Enter")  # no sheet is open
    assert posts == []


def test_ctrl_and_enter_commit_the_open_sheet(visit: Visit, editions: Editions) -> None:
    page = visit("reviewer", editions.address("/reviews/{2026-09-pixels}/"))
    page.keyboard.press("t")
    page.keyboard.type(WHY)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("complementary", name="Decision")).to_contain_text("abstained")
    page.wait_for_load_state()
    page.keyboard.press("4")
    expect(page.get_by_role("tabpanel", name="History")).to_contain_text(WHY)


def test_single_keys_can_be_switched_off_for_good(desk: Page) -> None:
    desk.keyboard.press("?")
    desk.get_by_role("checkbox", name="Single keys are on").uncheck()
    desk.keyboard.press("Escape")
    desk.reload()
    for key in ("a", "?", "j"):
        desk.keyboard.press(key)
    expect(desk.get_by_role("dialog")).to_have_count(0)
    expect(desk).to_have_url(DESK)
    desk.get_by_role("button", name="Shortcuts").click()
    desk.get_by_role("checkbox", name="Single keys are on").check()
    desk.keyboard.press("Escape")
    desk.keyboard.press("a")
    expect(desk.get_by_role("dialog", name=re.compile("Approve"))).to_be_visible()
