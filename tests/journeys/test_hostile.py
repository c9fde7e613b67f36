"""Markup in cells, keys, file names and reasons is text wherever people look, and never carried out."""

from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys.chart import Chart
from tests.journeys.conftest import Visit
from tests.journeys.deciding import decide
from tests.journeys.editions import SAMPLES, Editions, await_end
from tests.journeys.test_map import card, row

SCRIPT = "<script>window.hit = 1</script>"
IMAGE = "<img src=x onerror=window.hit=1>"
NAMES = {
    "00AA": SCRIPT,
    "00AR": IMAGE,
    "00IG": '"><svg onload=window.hit=1>',
    "00KS": 'it\'s "quoted" & spaced  out',
    "02KS": "{{ 7 * 7 }} ${7*7} javascript:window.hit=1",
}
STRANGE = "() => [window.hit ?? 0, document.querySelectorAll('[onerror], [onload], img[src=x]').length]"
FILE = f'a "b" {IMAGE}.csv'
GOOD, STOPPED = "2026-12-markup", "2026-12-stopped"


def _edition(*, keys: bool) -> str:
    """Return a real edition in which five names, or five codes, are markup."""
    head, *lines = (SAMPLES / "2026-09.csv").read_text(encoding="utf-8").splitlines()
    made = []
    for line in lines:
        cells = line.split(",")
        if (markup := NAMES.get(cells[0])) is not None:
            cells[0 if keys else 2] = '"' + markup.replace('"', '""') + '"'
        made.append(",".join(cells))
    return "\n".join([head, *made, ""])


def _delivered(visit: Visit, folder: Path, edition: str, *, keys: bool) -> Page:
    file = folder / FILE
    file.write_text(_edition(keys=keys), encoding="utf-8")
    page = _watched(visit("steward"))
    page.goto("/runs/new/")
    airports = page.get_by_role("region", name="Airports of Kansas")
    airports.get_by_label("airports, text/csv").set_input_files(file)
    airports.get_by_label("Edition of the file").fill(edition)
    airports.get_by_label("Why").fill(f"{SCRIPT} {IMAGE}")
    with page.expect_navigation():
        airports.get_by_role("button", name="Ask for the run").click()
    await_end(page)
    return page


def _watched(page: Page) -> Page:
    """Fail on any dialog; the browser's complaints fail every journey as it is."""
    page.on("dialog", lambda dialog: pytest.fail(f"a dialog opened: {dialog.message}"))
    return page


def _is_text(page: Page, *seen: Locator) -> None:
    """Hold that nothing was carried out, and that the markup is there to be read."""
    page.wait_for_load_state("networkidle")
    assert page.evaluate(STRANGE) == [0, 0], page.url
    for one in seen:
        expect(one.first).to_be_visible()


def test_markup_in_cells_and_file_names_is_text_wherever_it_is_shown(
    visit: Visit, editions: Editions, tmp_path: Path
) -> None:
    run = _delivered(visit, tmp_path, GOOD, keys=False)
    _is_text(run, run.get_by_text(SCRIPT))
    for who, path in (("reviewer", "/queue/"), ("reviewer", "/runs/"), ("admin", "/audit/")):
        _is_text(_watched(visit(who, path)))
    desk = _watched(visit("reviewer", editions.address(f"/reviews/{{{GOOD}}}/"), reduced_motion="reduce"))
    chart = Chart(desk)
    for key, markup in NAMES.items():
        row(desk, key).click()
        chart.settle()
        _is_text(desk, card(desk).get_by_text(" ".join(markup.split())))
    _is_text(desk, desk.get_by_text(SCRIPT))
    for role in ("preview", "changes", "diff"):
        held = desk.request.get(f"/artifacts/{editions.artifact(GOOD, role)}/")
        assert held.headers["content-disposition"].startswith("attachment")
        assert "sandbox" in held.headers["content-security-policy"]
    decide(desk, "Reject", f"{IMAGE} is no name.")
    _is_text(desk)


def test_markup_in_keys_stops_the_run_and_is_text_in_what_was_found(
    visit: Visit, editions: Editions, tmp_path: Path
) -> None:
    run = _delivered(visit, tmp_path, STOPPED, keys=True)
    _is_text(run, run.get_by_text(SCRIPT))
    desk = _watched(visit("reviewer", editions.address(f"/reviews/{{{STOPPED}}}/")))
    _is_text(desk, desk.get_by_text(SCRIPT))
    decide(desk, "Reject", "Codes are no markup.")
    _is_text(_watched(visit("reviewer", f"/queue/?q={quote(IMAGE)}")))
