"""How people come in, and how an administrator lets them in."""

import re

from playwright.sync_api import Locator, Page, expect


def passwords_shown(words: str) -> dict[str, str]:
    """Return the passwords that a first start shows, by account name."""
    return dict(line.split() for line in words.splitlines() if line.startswith("  "))


def sign_in(page: Page, name: str, password: str, *, to: str = "/queue/") -> None:
    """Come in by the door."""
    page.goto(f"/sign-in/?next={to}")
    try_to_sign_in(page, name, password)
    expect(page).not_to_have_url(re.compile("/sign-in/"))


def try_to_sign_in(page: Page, name: str, password: str) -> None:
    """Fill in the form of the door and send it."""
    page.get_by_label("Account name").fill(name)
    page.get_by_label("Password").fill(password)
    with page.expect_navigation():
        page.get_by_role("button", name="Sign in").click()


def invite(admin: Page, name: str, full_name: str) -> tuple[str, str]:
    """Invite a person on the People page; return account name and first password."""
    admin.get_by_role("button", name="Invite…").click()
    sheet = admin.get_by_role("dialog", name="Invite a person")
    sheet.get_by_label("Account name").fill(name)
    sheet.get_by_label("Full name").fill(full_name)
    sheet.get_by_role("button", name="Invite").click()
    told = admin.get_by_role("status").filter(has_text=f"{full_name} is invited.")
    expect(told).to_be_visible()
    return name, told.get_by_role("code").inner_text()


def grant(admin: Page, name: str, *, role: str, family: str = "all families") -> None:
    """Give a person a role on the People page."""
    row = person(admin, name)
    row.get_by_label(f"Role for {name}").select_option(role)
    row.get_by_label(f"Family for {name}").select_option(family)
    row.get_by_role("button", name="Grant").click()
    expect(person(admin, name)).to_contain_text(f"{role} {family}")


def person(page: Page, name: str) -> Locator:
    """Return the line of one person on the People page."""
    head = page.get_by_role("rowheader", name=re.compile(rf" {name}( · deactivated)?$"))
    return page.get_by_role("row").filter(has=head)


def token(page: Page) -> str:
    """Return what makes a form of this session count."""
    return page.locator("[name=csrfmiddlewaretoken]").first.input_value()


def clear(admin: Page, name: str, *, label: str, until: str) -> None:
    """Give a person a clearance on the People page."""
    row = person(admin, name)
    row.get_by_label(f"Clearance for {name}").select_option(label)
    row.get_by_label(f"Clearance of {name} until").fill(until)
    row.get_by_role("button", name="Clear", exact=True).click()
    expect(person(admin, name)).to_contain_text(f"{label} until {until}")
