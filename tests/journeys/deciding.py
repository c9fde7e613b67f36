"""How people decide on a desk: they open the sheet of a verdict, say why, and commit."""

import re
import time

from playwright.sync_api import Locator, Page, expect

PATIENCE_S = 60


def open_sheet(page: Page, label: str) -> Locator:
    """Open the confirm sheet of a decision, or of another deed, by the beginning of its button."""
    page.wait_for_load_state()  # before, its scripts do not listen yet
    page.get_by_role("button", name=re.compile(f"^{label}")).click()
    sheet = page.get_by_role("dialog")
    expect(sheet).to_be_visible()
    return sheet


def commit(sheet: Locator, label: str, reason: str) -> None:
    """Say why and press the sheet's button."""
    sheet.get_by_label("Reason").fill(reason)
    with sheet.page.expect_event("load"):  # a page that writes where its map is has navigated, too
        sheet.get_by_role("button", name=re.compile(f"^{label}")).click()


def decide(page: Page, label: str, reason: str) -> None:
    """Take a decision with a reason."""
    commit(open_sheet(page, label), label, reason)


def standing(page: Page) -> Locator:
    """Return the sentence that says how a review stands."""
    return page.get_by_role("region", name="This review")


def reload_until(page: Page, words: str) -> None:
    """Look again and again, as people do who wait for something."""
    end = time.monotonic() + PATIENCE_S
    while words not in page.get_by_role("main").inner_text() + standing_words(page):
        assert time.monotonic() < end, f"{words!r} was never said on {page.url}"
        page.wait_for_timeout(200)
        page.reload()


def standing_words(page: Page) -> str:
    strip = standing(page)
    return strip.inner_text() if strip.count() else ""
