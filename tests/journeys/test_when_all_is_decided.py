"""When all is decided, the queue says so; this journey comes last, for it leaves nothing to decide."""

from playwright.sync_api import expect

from tests.journeys import looks
from tests.journeys.conftest import Visit
from tests.journeys.deciding import decide
from tests.stack import Running, wait

MINE = "/queue/?turn=mine"
UNSETTLED = """
SELECT 1 FROM reviews_review WHERE status = 'open' AND stale_at IS NOT NULL
UNION ALL SELECT 1 FROM runs_run WHERE status IN ('requested', 'running')
UNION ALL SELECT 1 FROM releases_promotion WHERE status IN ('verifying', 'queued', 'running')
"""


def test_when_all_is_decided_the_queue_says_so(visit: Visit, stack: Running) -> None:
    wait(lambda: not stack.ask(UNSETTLED), why="What is stale, or approved, was never settled.")
    for who in ("reviewer", "governance"):  # she may decide on guarded data, he on what she has signed
        page = visit(who, MINE)
        rows = page.get_by_role("table", name="Reviews that wait").get_by_role("link")
        while rows.count():
            rows.first.click()
            page.wait_for_url("**/reviews/**")
            decide(page, "Reject", "It is of no use any more.")
            page.goto(MINE)
    page = visit("reviewer")
    expect(page.get_by_role("main")).to_contain_text("Nothing waits: every review is decided.")
    looks.keep_picture(page, "queue-empty-1440-light")
    page.emulate_media(color_scheme="dark")
    looks.keep_picture(page, "queue-empty-1440-dark")
