"""The door: who comes in, who is not heard, what stays in the browser, and who lets people in."""

import re

from playwright.sync_api import Page, expect

from tests.journeys.conftest import Visit
from tests.journeys.people import grant, invite, person, sign_in, token, try_to_sign_in
from tests.stack import Running

WRONG = "not-the-one-of-anybody"
MOST = 10
QUARTER_OF_AN_HOUR_S = 900


def alert(page: Page) -> str:
    return page.get_by_role("alert").inner_text()


def test_a_wrong_password_says_what_is_known_and_no_more(visit: Visit) -> None:
    page = visit("", "/sign-in/")
    try_to_sign_in(page, "reviewer", WRONG)
    for_somebody = alert(page)
    try_to_sign_in(page, "nobody-at-all", WRONG)
    assert alert(page) == for_somebody
    assert "The name or the password is not right." in for_somebody
    expect(page.get_by_label("Account name")).to_have_value("nobody-at-all")


def test_after_many_wrong_tries_nobody_is_heard_for_a_while(visit: Visit) -> None:
    name, password = invite(visit("admin", "/people/"), "guessed", "Guessed Often")
    page, answers = visit("", "/sign-in/"), []
    page.on(
        "response", lambda response: answers.append(response) if response.request.method == "POST" else None
    )
    for _ in range(MOST):
        try_to_sign_in(page, name, WRONG)
    assert {answer.status for answer in answers} == {403}
    try_to_sign_in(page, name, password)  # even the right one
    assert re.search(r"Too many tries went wrong\..+Try again after \d\d:\d\d:\d\d UTC\.", alert(page))
    assert answers[-1].status == 429
    assert 0 < int(answers[-1].headers["retry-after"]) <= QUARTER_OF_AN_HOUR_S


def test_an_address_deep_inside_is_reached_after_the_door(visit: Visit, passwords: dict[str, str]) -> None:
    page = visit("", "/releases/ks_airports/")
    expect(page).to_have_url(re.compile(r"/sign-in/\?next=/releases/ks_airports/$"))
    try_to_sign_in(page, "publisher", passwords["publisher"])
    expect(page).to_have_url(re.compile(r"/releases/ks_airports/$"))


def test_the_door_leads_to_no_other_house(visit: Visit, passwords: dict[str, str]) -> None:
    page = visit("")
    sign_in(page, "auditor", passwords["auditor"], to="//elsewhere.example/")
    expect(page).to_have_url(re.compile(r"localhost:\d+/queue/$"))


def test_the_session_is_for_this_server_alone_and_scripts_cannot_read_it(visit: Visit) -> None:
    page = visit("auditor")
    cookies = {cookie["name"]: cookie for cookie in page.context.cookies()}
    assert all(cookie["httpOnly"] and cookie["sameSite"] == "Lax" for cookie in cookies.values())
    assert cookies["sessionid"]["expires"] > 0
    assert page.evaluate("() => document.cookie") == ""


def test_who_signs_out_is_out_everywhere_in_this_browser(visit: Visit, passwords: dict[str, str]) -> None:
    page = visit("")
    sign_in(page, "governance", passwords["governance"])
    kept = page.context.storage_state()
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(re.compile("/sign-in/"))
    page.goto("/people/me/")
    expect(page).to_have_url(re.compile(r"/sign-in/\?next=/people/me/"))
    page.context.add_cookies(kept["cookies"])  # type: ignore[arg-type]  # what it gave itself
    page.goto("/people/me/")
    expect(page).to_have_url(re.compile("/sign-in/"))


def test_an_administrator_invites_grants_and_ends(visit: Visit) -> None:
    admin = visit("admin", "/people/")
    name, password = invite(admin, "rhea", "Rhea Reviewer")
    newcomer = visit("")
    sign_in(newcomer, name, password)
    expect(newcomer.get_by_role("main")).to_contain_text("Your account holds no role.")
    grant(admin, name, role="reviewer", family="ks_airports")
    newcomer.goto("/queue/")
    expect(newcomer.get_by_role("heading", name="Queue")).to_be_visible()
    admin.get_by_role("button", name=f"End reviewer of {name}").click()
    expect(person(admin, name)).to_contain_text("may only look")
    newcomer.goto("/queue/")
    expect(newcomer.get_by_role("main")).to_contain_text("Your account holds no role.")


def test_a_closed_account_is_out_at_once(visit: Visit) -> None:
    admin = visit("admin", "/people/")
    name, password = invite(admin, "leaver", "Leaving Soon")
    leaver = visit("")
    sign_in(leaver, name, password)
    admin.get_by_role("button", name=f"Deactivate {name}").click()
    expect(person(admin, name)).to_contain_text("deactivated")
    leaver.goto("/people/me/")
    expect(leaver).to_have_url(re.compile("/sign-in/"))


def test_nobody_grants_himself_anything(visit: Visit, stack: Running) -> None:
    [(admin,)] = stack.ask("SELECT id FROM accounts_user WHERE username = 'admin'")
    page = visit("admin", "/people/")
    expect(person(page, "admin")).to_contain_text("not to yourself")
    expect(person(page, "admin").get_by_role("button")).to_have_count(0)
    answer = page.request.post(
        f"/people/{admin}/roles/",
        form={"role": "reviewer", "family": "", "csrfmiddlewaretoken": token(page)},
        headers={"Referer": page.url},
    )
    assert answer.status == 403
    assert "You may not grant yourself anything." in answer.text()


def test_others_see_people_and_can_change_nothing(visit: Visit) -> None:
    page = visit("reviewer", "/people/")
    expect(person(page, "steward")).to_be_visible()
    expect(page.get_by_role("main").get_by_role("button")).to_have_count(0)


def test_a_changed_password_opens_the_door(visit: Visit) -> None:
    name, password = invite(visit("admin", "/people/"), "changer", "Changing Word")
    page = visit("")
    sign_in(page, name, password)
    page.goto("/people/me/")
    page.get_by_label("The one you use now").fill(password)
    page.get_by_label("The new one").fill("tallgrass-prairie-at-dawn")
    page.get_by_role("button", name="Change the password").click()
    expect(page.get_by_role("status")).to_contain_text("Your password is changed.")
    other = visit("")
    sign_in(other, name, "tallgrass-prairie-at-dawn")
