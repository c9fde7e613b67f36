"""The journey, in this order: sent back, delivered anew, looked at, approved, published, rolled back."""

import os
import re
import signal
import socket
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys import looks, published
from tests.journeys.chart import Chart
from tests.journeys.conftest import Visit
from tests.journeys.deciding import commit, decide, open_sheet, reload_until, standing
from tests.journeys.editions import SAMPLES, Editions, ask_for, await_end, made_up
from tests.stack import Running, wait

SWAPPED, RIGHT = "2026-09-swapped", "2026-09"
ASKED_FOR = "Longitude stands in the column of latitude: exchange both columns and deliver again."
SEEN = "Looked at all twelve moves; 99KS is a new airport under a code that was free again."
FAR_SOUTH, KANSAS = -60, range(36, 41)
FAR_ALONG = "SELECT 1 FROM runs_attempt WHERE run_id = %s AND step_n > 1"


def test_a_reviewer_sees_where_swapped_points_went_and_asks_for_changes(
    visit: Visit, editions: Editions
) -> None:
    page = visit("reviewer", reduced_motion="reduce")
    page.get_by_role("row", name=re.compile(SWAPPED)).get_by_role("link").click()
    chart = Chart(page)
    page.get_by_role("button", name="Where they went").click()
    chart.settle()
    assert len(chart.shown("as_read")) == 334
    assert chart.camera()[1] < FAR_SOUTH
    page.get_by_role("button", name="Where they belong", exact=True).click()
    chart.settle()
    assert len(chart.shown("belongs")) == 334
    assert int(chart.camera()[1]) in KANSAS
    page.get_by_role("button", name="Both places").click()
    page.get_by_role("row", name=re.compile("00AA")).click()
    expect(page.get_by_role("region", name="Chosen feature")).to_contain_text("38.7040° N, 101.4739° W")
    looks.keep_picture(page, "journey-swapped", whole=False)
    sheet = open_sheet(page, "Request changes")
    expect(sheet).to_contain_text(f"sha256:{editions.manifest(SWAPPED)[:8]}")
    sheet.get_by_role("button", name=re.compile("^Request changes")).click()
    assert sheet.get_by_label("Reason").evaluate("(field) => field.validity.valueMissing")
    looks.keep_picture(page, "journey-swapped-sheet", whole=False)
    commit(sheet, "Request changes", ASKED_FOR)
    expect(standing(page)).to_contain_text("Demo reviewer requested changes.")


def test_the_steward_reads_what_was_asked_for_and_delivers_a_file(
    visit: Visit, editions: Editions, stack: Running
) -> None:
    page, before = visit("steward"), editions.review(SWAPPED)
    back = page.get_by_role("region", name="Sent back to you")
    looks.keep_picture(page, "journey-sent-back", whole=False)
    back.get_by_role("link", name=re.compile(SWAPPED)).click()
    expect(page.get_by_role("main")).to_contain_text(ASKED_FOR)
    page.get_by_role("link", name="Deliver again").click()
    expect(page.get_by_role("region", name="What was asked for")).to_contain_text(ASKED_FOR)
    page.wait_for_load_state()
    page.get_by_label("airports, text/csv").set_input_files(SAMPLES / "2026-09.csv")
    expect(page.get_by_label("or deliver a file")).to_be_checked()
    expect(page.get_by_label("Edition of the file")).to_have_value(SWAPPED)
    page.get_by_label("Why").fill("Both columns stand where they belong now.")
    looks.keep_picture(page, "journey-deliver-again")
    os.kill(stack.parts.pid("worker"), signal.SIGSTOP)
    try:
        page.get_by_role("button", name="Ask for the run").click()
        expect(page.get_by_text("Waiting for a worker.")).to_be_visible()
        looks.keep_picture(page, "journey-waiting", whole=False)
    finally:
        os.kill(stack.parts.pid("worker"), signal.SIGCONT)
    await_end(page)
    page.get_by_role("link", name="Open the review").click()
    expect(page.get_by_role("region", name="Change summary")).to_contain_text("328 rows became 334.")
    assert editions.review(SWAPPED) > before
    page.goto("/queue/")
    expect(page.get_by_role("main")).to_contain_text("Queue")
    expect(back.get_by_role("link", name=re.compile(SWAPPED))).to_have_count(0)


def test_the_steward_sees_how_far_his_run_is(visit: Visit, stack: Running, tmp_path: Path) -> None:
    page, file = visit("steward"), tmp_path / "airports.csv"
    file.write_text(made_up(rows=4000))  # so many that it takes a while
    ask_for(page, file, edition="2027", why="To see how it goes.")
    run = page.url.rstrip("/").rsplit("/", 1)[1]
    wait(lambda: stack.ask(FAR_ALONG, run), why="It never said how far it was.")
    os.killpg(stack.parts.pid("worker"), signal.SIGSTOP)
    try:
        page.reload()
        expect(page.get_by_role("progressbar", name="Steps done")).to_be_visible()
        expect(page.get_by_role("main")).to_contain_text(re.compile(r"step \d of 8"))
        looks.keep_picture(page, "journey-progress", whole=False)
    finally:
        os.killpg(stack.parts.pid("worker"), signal.SIGCONT)
    await_end(page)


def test_an_edition_that_others_look_at_already_answers_as_well(visit: Visit, editions: Editions) -> None:
    reviewer = visit("reviewer", editions.address("/reviews/{2026-09-pixels}/"))
    decide(reviewer, "Request changes", "These are pixels.")
    page = visit("steward")
    back = page.get_by_role("region", name="Sent back to you")
    back.get_by_role("listitem").filter(has_text="2026-09-pixels").get_by_role(
        "link", name="Deliver again"
    ).click()
    page.get_by_role("radio", name="2026-09 September 2026", exact=True).check()
    page.get_by_label("Why").fill("The right edition is this one.")
    page.get_by_role("button", name="Ask for the run").click()
    expect(page.get_by_role("main")).to_contain_text("looks at exactly this already", timeout=60_000)
    looks.keep_picture(page, "journey-unchanged")
    page.get_by_role("link", name="Open the review").click()
    expect(page).to_have_url(re.compile(editions.address("/reviews/{2026-09}/")))
    page.goto("/queue/")
    expect(page.get_by_role("main")).not_to_contain_text("2026-09-pixels")


def test_a_reviewer_reads_the_changes_and_approves(visit: Visit, editions: Editions) -> None:
    page = visit("reviewer", reduced_motion="reduce")
    row = page.get_by_role("row", name=re.compile(rf"{RIGHT} · "))
    for said in ("added 19", "removed 13", "moved 12"):
        expect(row).to_contain_text(said)
    row.get_by_role("link").click()
    chart = Chart(page)
    for said in ("19added", "13removed", "12moved"):
        expect(page.get_by_role("region", name="Change summary")).to_contain_text(said)
    assert [len(chart.shown(kind)) for kind in ("added", "removed", "moved")] == [19, 13, 12]
    first = page.get_by_role("table", name="Changes against release 1").get_by_role("row").first
    expect(first).to_contain_text(re.compile("99KS.*153.7 km"))
    expect(page.get_by_role("region", name="Chosen feature")).to_contain_text("Elm Creek Farms Airport")
    expect(page.get_by_role("application")).to_contain_text("99KS moved 153.7 km")
    looks.keep_picture(page, "journey-approving", whole=False)
    sheet = open_sheet(page, "Approve")
    expect(sheet).to_contain_text(f"sha256:{editions.manifest(RIGHT)[:8]}")
    expect(sheet).to_contain_text("publishes to the public catalog, as release 2")
    looks.keep_picture(page, "journey-approving-sheet", whole=False)
    commit(sheet, "Approve", SEEN)
    expect(standing(page)).to_contain_text("Approved by Demo reviewer.")
    reload_until(page, "Published as release 2.")
    looks.keep_picture(page, "journey-published", whole=False)


@pytest.fixture
def at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this process speak to this machine alone."""
    connect = socket.socket.connect

    def connect_at_home(itself: socket.socket, address: tuple[str, int]) -> None:
        assert address[0] == "127.0.0.1", f"a connection left the house: {address}"
        connect(itself, address)

    monkeypatch.setattr(socket.socket, "connect", connect_at_home)


@pytest.mark.usefixtures("at_home")
def test_strangers_read_a_valid_catalog_and_the_very_bytes(stack: Running, editions: Editions) -> None:
    items = published.items(published.catalog(stack.address), of="ks_airports")
    assert sorted(items) == [1, 2]
    assert items[2].properties["kfm:edition"] == RIGHT
    approved = editions.artifact(RIGHT, "data")
    assert items[2].assets["data"].extra_fields["file:checksum"] == published.SHA256 + approved
    assert [published.latest(item) for item in items.values()] == [items[2].get_self_href()] * 2
    assert [published.check_bytes(item) for item in items.values()] == [2, 2]


def test_a_publisher_rolls_back_which_sets_a_hold(visit: Visit, stack: Running) -> None:
    page = visit("publisher", "/releases/ks_airports/")
    expect(page.get_by_role("main")).to_contain_text("release 2 is current in the public catalog")
    looks.keep_picture(page, "journey-releases")
    commit(open_sheet(page, "Roll back to 1"), "Roll back", "Two of the moves are doubted by the county.")
    expect(page.get_by_role("main")).to_contain_text("held by Demo publisher")
    reload_until(page, "Rolled back to release 1, which is current")
    expect(page.get_by_role("main")).to_contain_text("Nothing is published until a publisher lifts it.")
    looks.keep_picture(page, "journey-rolled-back")
    items = published.items(published.catalog(stack.address), of="ks_airports")
    assert [published.latest(item) for item in items.values()] == [items[1].get_self_href()] * len(items)


def test_the_publisher_lifts_the_hold(visit: Visit) -> None:
    page = visit("publisher", "/releases/ks_airports/")
    commit(open_sheet(page, "Lift the hold"), "Lift the hold", "The county was asked.")
    expect(page.get_by_role("main")).to_contain_text("no hold")
    expect(page.get_by_role("main")).to_contain_text("lifted by Demo publisher: The county was asked.")
    looks.keep_picture(page, "journey-lifted")


def test_every_step_stands_in_the_audit_record(visit: Visit) -> None:
    page = visit("auditor", "/audit/?target=asset:ks_airports")
    for action in ("rollback.requested", "asset.held", "asset.hold-lifted"):
        line = page.get_by_role("row", name=re.compile(re.escape(action))).first
        expect(line).to_contain_text("Demo publisher")
    page.goto("/audit/?what=review.decided")
    expect(page.get_by_role("row", name=re.compile("Looked at all twelve moves")).first).to_be_visible()
