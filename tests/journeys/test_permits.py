"""Who may decide on what: every refusal of the desk, also past its buttons, and who is told when two meet."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys import looks
from tests.journeys.conftest import Visit
from tests.journeys.deciding import commit, open_sheet, standing
from tests.journeys.editions import SAMPLES, Editions, deliver
from tests.journeys.people import grant, invite, sign_in, token
from tests.stack import Running

VERDICTS = {"Approve": "approve", "Request changes": "return", "Reject": "reject", "Abstain": "abstain"}
RIGHT, HALVED, TWICE = "2026-09", "2026-09-halved", "2026-09-duplicates"


def send(page: Page, editions: Editions, edition: str, verdict: str, reason: str) -> tuple[int, str]:
    """Send a decision by hand, with the session of a page, past every button."""
    answer = page.request.post(
        editions.address(f"/reviews/{{{edition}}}/decisions/"),
        form={
            "manifest": editions.manifest(edition),
            "verdict": verdict,
            "reason": reason,
            "csrfmiddlewaretoken": token(page),
        },
        headers={"Referer": page.url},
    )
    return answer.status, answer.text()


def test_nobody_can_approve_what_failed(visit: Visit, editions: Editions) -> None:
    page = visit("reviewer", editions.address(f"/reviews/{{{HALVED}}}/"))
    approve = page.get_by_role("button", name=re.compile("^Approve"))
    expect(approve).to_be_disabled()
    expect(approve).to_contain_text("rows failed: mend it and run again")
    status, words = send(page, editions, HALVED, "approve", "It will do.")
    assert status == 409
    assert "This cannot be approved." in words
    assert "mend it and run again" in words


def test_who_asked_for_a_run_may_not_decide_about_it(
    visit: Visit, editions: Editions, tmp_path: Path
) -> None:
    admin = visit("admin", "/people/")
    name, password = invite(admin, "rowan", "Rowan Bothways")
    grant(admin, name, role="steward")
    grant(admin, name, role="reviewer")
    page = visit("")
    sign_in(page, name, password)
    file = tmp_path / "airports.csv"
    file.write_text((SAMPLES / "2026-09.csv").read_text().replace("Aero B Ranch", "Aero Bee Ranch"))
    deliver(page, file, edition="2026-11", why="A name was wrong.")
    page.get_by_role("link", name="Open the review").click()
    expect(standing(page)).to_contain_text("Not you, own run: you requested it; somebody else decides.")
    looks.keep_picture(page, "journey-own-run", whole=False)
    for label, verdict in VERDICTS.items():
        expect(page.get_by_role("button", name=re.compile(f"^{label}"))).to_be_disabled()
        status, words = send(page, editions, "2026-11", verdict, "Let it pass.")
        assert status == 403
        assert "You requested this run; somebody else decides about it." in words


@pytest.mark.parametrize("who", ["steward", "publisher", "auditor", "admin"])
def test_who_may_not_decide_at_all_is_told_what_it_takes(who: str, visit: Visit, editions: Editions) -> None:
    page = visit(who, editions.address(f"/reviews/{{{RIGHT}}}/"))
    expect(page.get_by_role("button", name=re.compile("^Approve"))).to_be_disabled()
    status, words = send(page, editions, RIGHT, "approve", "All is well.")
    assert status == 403
    assert "It takes the role of governance or reviewer" in words


def test_the_server_takes_no_refusal_without_a_reason(visit: Visit, editions: Editions) -> None:
    page = visit("reviewer", editions.address(f"/reviews/{{{HALVED}}}/"))
    status, words = send(page, editions, HALVED, "reject", "  ")
    assert status == 422
    assert "The reason is part of the record." in words


def test_a_form_without_its_token_is_not_taken(visit: Visit, editions: Editions) -> None:
    page = visit("reviewer", editions.address(f"/reviews/{{{HALVED}}}/"))
    answer = page.request.post(
        editions.address(f"/reviews/{{{HALVED}}}/decisions/"), form={"verdict": "reject"}
    )
    assert answer.status == 403
    assert "This form is too old or came from elsewhere." in answer.text()


def test_a_new_run_while_the_sheet_is_open_is_told(visit: Visit, editions: Editions) -> None:
    page = visit("reviewer", editions.address(f"/reviews/{{{HALVED}}}/"))
    why, sheet = "Half of the airports are missing.", open_sheet(page, "Reject")
    deliver(visit("steward"), SAMPLES / "2026-09.csv", edition=HALVED, why="All rows this time.")
    with page.expect_response("**/decisions/") as told:
        commit(sheet, "Reject", why)
    assert told.value.status == 409
    alert = page.get_by_role("complementary", name="Decision").get_by_role("alert")
    expect(alert).to_contain_text("A newer run took this one's place.")
    changed = page.get_by_role("table", name="What changed since you opened it")
    expect(changed.get_by_role("row", name="outcome FAIL REVIEW")).to_be_attached()
    expect(changed.get_by_role("row", name="removed 169 13")).to_be_attached()
    expect(page.get_by_role("dialog").get_by_label("Reason")).to_have_value(why)
    looks.keep_picture(page, "journey-overtaken", whole=False)


def test_of_two_reviewers_at_once_one_stands_and_the_other_is_told(
    visit: Visit, editions: Editions, stack: Running
) -> None:
    admin = visit("admin", "/people/")
    name, password = invite(admin, "rosa", "Rosa Second")
    grant(admin, name, role="reviewer", family="ks_airports")
    one, other = visit("reviewer"), visit("")
    sign_in(other, name, password)
    for page, label in ((one, "Reject"), (other, "Request changes")):
        page.goto(editions.address(f"/reviews/{{{TWICE}}}/"))
        open_sheet(page, label).get_by_label("Reason").fill("Seventeen codes stand twice.")
    with one.expect_response("**/decisions/") as of_one, other.expect_response("**/decisions/") as of_other:
        for page in (one, other):
            page.evaluate("() => document.querySelector('dialog[open] form').requestSubmit()")
    assert sorted((of_one.value.status, of_other.value.status)) == [302, 409]
    taken = stack.ask("SELECT id FROM reviews_decision WHERE review_id = %s", editions.review(TWICE))
    assert len(taken) == 1
    told = (one if of_one.value.status == 409 else other).get_by_role("main")
    expect(told).to_contain_text("your decision was not taken")
    expect(told).to_contain_text(re.compile(r"This review is (rejected|returned) already by "))
    looks.keep_picture(told.page, "journey-told", whole=False)
