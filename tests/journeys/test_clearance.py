"""A guarded run in the browser: its outline to who is not cleared, its exact map to who is and says why."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.journeys import looks
from tests.journeys.conftest import Visit
from tests.journeys.people import clear, grant, invite, sign_in
from tests.stack import Running

WIDE, PHONE = (1440, 900), (390, 844)
WHY = "To see whether the places are right."
REVIEW = """
SELECT review.id, artifact.sha256 FROM reviews_review review
JOIN runs_artifact artifact ON artifact.manifest_id = review.manifest_id AND artifact.role = 'preview'
WHERE review.family = 'ks_sites' AND review.edition = '2026-05' ORDER BY review.id DESC LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Guarded:
    """Where the newest edition of the archaeological sites is decided, and its exact map."""

    desk: str
    exact: str


@pytest.fixture
def guarded(stack: Running) -> Guarded:
    """Return the review of the restricted family."""
    [(review, preview)] = stack.ask(REVIEW)
    return Guarded(desk=f"/reviews/{review}/", exact=f"/artifacts/{preview}/?inline")


def drawn(page: Page, name: str) -> None:
    """See that a map of that name is drawn."""
    drawing = page.get_by_role("application", name=re.compile(name))
    expect(drawing).to_have_attribute("data-state", "ready", timeout=30_000)


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
    guarded: Guarded, visit: Visit
) -> None:
    admin = visit("admin", "/people/")
    name, password = invite(admin, "nora", "Nora Newly")
    grant(admin, name, role="reviewer")
    page = visit("")
    sign_in(page, name, password)
    page.goto(guarded.desk)
    wrong = outlined(page)
    assert page.request.get(guarded.exact).status == 404
    page.get_by_role("link", name="who may see what").click()
    expect(page.get_by_role("heading", name="Clearances")).to_be_visible()
    wrong += looked_at(page, "clearances")

    admin.goto("/people/")
    clear(admin, name, label="restricted", until=f"{datetime.now(UTC).date() + timedelta(days=90)}")
    page.goto(guarded.desk)
    drawn(page, "^Generalized map of Kansas")
    assert page.request.get(guarded.exact).status == 404
    wrong += looked_at(page, "desk-cleared")
    page.get_by_label("Why do you need the exact places?").fill(WHY)
    page.get_by_role("button", name="Reveal exact geometry").click()
    drawn(page, "^Map of Kansas")
    answer = page.request.get(guarded.exact)
    assert (answer.status, answer.headers["cache-control"]) == (200, "private, no-store")
    wrong += looked_at(page, "desk-revealed")

    audit = visit("auditor", "/audit/?what=geometry.revealed")
    expect(audit.get_by_role("row").filter(has_text="Nora Newly")).to_contain_text("geometry.revealed")
    expect(audit.get_by_role("main")).not_to_contain_text(WHY)
    assert not wrong, "\n".join(wrong)
