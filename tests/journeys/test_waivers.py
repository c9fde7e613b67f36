"""From a run below its floor to a release by exception that anybody can verify without us, in this order."""

import re
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys import looks
from tests.journeys.conftest import Visit
from tests.journeys.deciding import commit, decide, open_sheet, reload_until, standing
from tests.journeys.editions import Editions
from tests.journeys.signers import Passkey, SshKey, let_count, pae, send, upload
from tests.journeys.test_signing import enrol
from tests.journeys.verifying import downloaded, judged, root_of, verify_by_openssh, verify_everywhere
from tests.stack import Running

BELOW, CROSSED = "1988-slid", "2007-crossed"
SHELF = "/releases/ks_relief/"
NAMESPACE = "exception@kfm-review"
WHY = "The scan slid by half a cell; the county knows it, and needs the relief before the hearing."
EXCEPTION, STATEMENT = re.compile(r"/exceptions/\d+/$"), re.compile(r"/statements/[0-9a-f]{64}/$")

pytestmark = pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="ssh-keygen is not here")


class Keys:
    """Both people of governance: one signs with a passkey, the other at a terminal."""

    def __init__(self, folder: Path) -> None:
        self.passkey, self.ssh = Passkey(), SshKey(folder)
        self.listed = False


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return Keys(tmp_path_factory.mktemp("ssh"))


@pytest.fixture
def governed(keys: Keys, visit: Visit, stack: Running, tmp_path: Path) -> Keys:
    """Have both keys on the roster."""
    if not keys.listed:
        second = keys.passkey.plug_into(visit("governance-2", "/keys/"))
        enrol(second, "Key of the second")
        keys.passkey.keep()
        first = visit("governance", "/keys/")
        keys.ssh.enrol(first, "Terminal of the first")
        let_count(stack, first, tmp_path)
        keys.listed = True
    return keys


def ask(page: Page, *, kind: str, why: str, days: int = 20, area: bool = False) -> str:
    """Ask for an exception from a desk, within an area or not; return its address."""
    page.wait_for_load_state()
    page.get_by_role("button", name=re.compile("^Exception…")).click()
    if area:
        _draw(page)
    page.get_by_label("Class", exact=True).select_option(kind)
    page.get_by_label("What a signer must know").fill(why)
    page.get_by_label(re.compile("^Until")).fill(f"{datetime.now(UTC) + timedelta(days=days):%Y-%m-%d}")
    page.get_by_role("button", name="Ask governance").click()
    page.wait_for_load_state()
    return page.url


def test_a_draft_is_kept_when_it_is_refused(visit: Visit, editions: Editions) -> None:
    page = visit("steward", editions.address(f"/reviews/{{{BELOW}}}/"))
    expect(page.get_by_role("region", name="What is missing")).to_contain_text("score must pass")
    ask(page, kind="TIME_SENSITIVE_CORRECTION", why=WHY, days=60)
    expect(page.get_by_role("alert")).to_contain_text("holds 14 days at most")
    expect(page.get_by_label("What a signer must know")).to_have_value(WHY)
    expect(page.get_by_label("Class", exact=True)).to_have_value("TIME_SENSITIVE_CORRECTION")
    looks.keep_picture(page, "journey-exception-refused")


def test_a_run_below_its_floor_is_published_by_exception(
    visit: Visit, editions: Editions, governed: Keys, stack: Running, browser: Browser, tmp_path: Path
) -> None:
    desk = editions.address(f"/reviews/{{{BELOW}}}/")
    steward = visit("steward", desk)
    address = ask(steward, kind="QUALITY_THRESHOLD", why=WHY)
    assert EXCEPTION.search(address)
    expect(steward.get_by_role("main")).to_contain_text("Waits for")
    looks.keep_picture(steward, "journey-exception-waiting")

    _refused_to_others(visit, address)

    reviewer = _approved_before_it_is_signed(visit, desk)
    second = governed.passkey.plug_into(visit("governance-2", address))
    second.get_by_role("button", name="Approve, and sign…").click()
    expect(second).to_have_url(STATEMENT)
    statement = second.url
    expect(second.get_by_role("table", name="Every value of the statement")).to_contain_text(WHY)
    looks.keep_picture(second, "journey-exception-statement")

    first = visit("governance", statement)  # it names the other one, who answers
    expect(first.get_by_role("region", name="Sign it")).to_contain_text("You may not sign this")
    made_up = dict.fromkeys(("credential", "authenticator_data", "client_data", "signature"), "AAAA")
    assert send(first, f"{statement}sign/", **made_up) >= 400

    second.get_by_role("button", name="Sign with your passkey").click()
    expect(second).to_have_url(EXCEPTION)
    expect(second.get_by_role("main")).to_contain_text("passed by exception")
    looks.keep_picture(second, "journey-exception-live")
    second.goto(desk)
    expect(standing(second)).not_to_contain_text("You can decide")

    reviewer.goto(desk)
    expect(reviewer.get_by_role("main")).to_contain_text("passed by exception")
    reload_until(reviewer, "Published as release")
    looks.keep_picture(reviewer, "journey-exception-published", whole=False)
    verify_everywhere(reviewer, SHELF, stack=stack, browser=browser, folder=tmp_path)


def test_two_people_sign_for_sovereignty_one_at_a_terminal(
    visit: Visit, editions: Editions, governed: Keys, tmp_path: Path
) -> None:
    steward = visit("steward", editions.address(f"/reviews/{{{CROSSED}}}/"))
    address = ask(steward, kind="SOVEREIGNTY", why="The authority agreed to the crossed outline.", area=True)
    expect(steward.get_by_role("region", name="What is to be excused")).to_contain_text("Only in the area")
    first = visit("governance", address)
    first.get_by_role("button", name="Approve, and sign…").click()
    expect(first).to_have_url(STATEMENT)
    statement, said = first.url, pae(first)
    expect(first.get_by_role("table", name="Every value of the statement")).to_contain_text("scope.area[3]")
    for content, namespace in ((said, "release@kfm-review"), (said + b" ", NAMESPACE)):
        upload(first, governed.ssh.sign(content, namespace=namespace))
        expect(first.get_by_role("alert")).to_contain_text("does not count")
        first.goto(statement)
    upload(first, governed.ssh.sign(said, namespace=NAMESPACE))
    expect(first.get_by_role("region", name="Answer it")).to_contain_text("a second is needed")

    second = governed.passkey.plug_into(visit("governance-2", address))
    second.get_by_role("link", name="read it and sign it too").click()
    second.get_by_role("button", name="Sign with your passkey").click()
    expect(second).to_have_url(EXCEPTION)
    expect(second.get_by_role("main")).to_contain_text("signed by governance and governance-2")
    signed = second.context.request.get(f"{statement}envelope.json").body()
    verify_by_openssh(second, signed, ("governance", "governance-2"), tmp_path)

    first.goto(address)
    first.get_by_label("Revoke it, because").fill("The authority took its word back.")
    first.get_by_role("button", name="Revoke, and sign…").click()
    upload(first, governed.ssh.sign(pae(first), namespace=NAMESPACE))
    expect(first.get_by_role("main")).to_contain_text("It is revoked: The authority took its word back.")


def test_an_approval_in_advance_is_signed_with_a_passkey_and_ended(visit: Visit, governed: Keys) -> None:
    steward = visit("steward", SHELF)
    sheet = open_sheet(steward, "Ask for one…")
    until = f"{datetime.now(UTC) + timedelta(days=30):%Y-%m-%d}"
    sheet.get_by_label("Until").fill(until)
    commit(sheet, "Prepare it", "Its source corrects itself twice a year, and never broke.")
    expect(steward).to_have_url(STATEMENT)
    second = governed.passkey.plug_into(visit("governance-2", steward.url))
    expect(second.get_by_role("table", name="Every value of the statement")).to_contain_text("never broke")
    second.get_by_role("button", name="Sign with your passkey").click()
    second.wait_for_url(f"**{SHELF}")
    approvals = second.get_by_role("region", name="Standing approvals")
    expect(approvals).to_contain_text(f"until {until}")
    looks.keep_picture(second, "journey-standing-approval")
    commit(open_sheet(second, "End it…"), "End it", "One surprise is enough.")
    expect(approvals).to_contain_text("One surprise is enough.")


def test_what_was_published_by_exception_is_withdrawn(visit: Visit, stack: Running, tmp_path: Path) -> None:
    page = visit("publisher", SHELF)
    commit(open_sheet(page, "Withdraw 2"), "Withdraw", "The county asked for it back.")
    reload_until(page, "was withdrawn")
    looks.keep_picture(page, "journey-withdrawn")
    tombstone = str(page.get_by_role("link", name="Tombstone").get_attribute("href"))
    gone = page.context.request.get(tombstone.replace("tombstone.json", "item.json"))
    assert (gone.status, gone.json()["properties"]["deprecated"]) == (410, True)
    assert gone.json()["properties"]["kfm:withdrawn"]["reason"] == "The county asked for it back."
    file, address = tmp_path / "evidence.zip", page.get_by_role("link", name="Evidence").first
    file.write_bytes(downloaded(page, str(address.get_attribute("href"))))
    ran = judged(file, root_of(stack))
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_every_exception_stands_on_one_page(visit: Visit) -> None:
    page = visit("auditor", "/exceptions/")
    told = page.get_by_role("region", name="Exceptions")
    for said in ("passed by exception", "revoked", "ks_relief 1988-slid", "ks_counties 2007-crossed"):
        expect(told).to_contain_text(said)
    looks.keep_picture(page, "journey-exceptions")
    assert looks.faults(page) == []


def _draw(page: Page) -> None:
    """Draw a box that leaves a failing feature out, see that said, and draw one around all of them."""
    place = page.get_by_role("application")
    expect(place).to_have_attribute("data-state", "ready")
    told = page.get_by_role("group", name=re.compile("^Only what lies in an area")).get_by_role("status")
    for share, said in (
        (0.3, "outside: governance will not be asked"),
        (0.98, "all that failed and has a place lies in it"),
    ):
        page.get_by_role("button", name="Draw a box").click()
        place.scroll_into_view_if_needed()
        box = place.bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + 4, box["y"] + 4)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * share, box["y"] + box["height"] * share, steps=4)
        page.mouse.up()
        expect(told).to_contain_text(said)
    looks.keep_picture(page, "journey-exception-area")
    assert looks.faults(page) == []


def _approved_before_it_is_signed(visit: Visit, desk: str) -> Page:
    """Approve while the exception waits; the review waits with it."""
    reviewer = visit("reviewer", desk)
    missing = reviewer.get_by_role("region", name="What is missing")
    expect(missing).to_contain_text("asked for an exception: governance signs or denies it")
    decide(reviewer, "Approve", "Looked at; it may stand if governance says so.")
    expect(standing(reviewer)).to_contain_text("Waits for a signature")
    return reviewer


def _refused_to_others(visit: Visit, address: str) -> None:
    """See that neither who asked nor a reviewer can answer, by a button or without one."""
    for who in ("steward", "reviewer"):
        wrong = visit(who, address)
        expect(wrong.get_by_role("region", name="Answer it")).to_contain_text("Not you: governance signs")
        assert send(wrong, f"{address}answer/", decision="approve") == 403
